//! Laws that hold for every profile.

use croft_pk::nca::{AucRule, Dosing, NcaResult, Options, Parameter, Profile, Route, Sample, UnitKind, analyse};
use proptest::prelude::*;

fn options() -> impl Strategy<Value = Options> {
    prop_oneof![Just(AucRule::Linear), Just(AucRule::LinearUpLogDown), Just(AucRule::LinearLog)]
        .prop_map(|rule| Options { rule, ..Options::default() })
}

fn routes() -> impl Strategy<Value = Route> {
    prop_oneof![Just(Route::Extravascular), Just(Route::Bolus), Just(Route::Infusion { duration: 0.5 })]
}

/// Samples that rise in time by at least 1/16, a fifth of them zero.
fn samples() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let conc = prop_oneof![4 => 0.01..100.0_f64, 1 => Just(0.0)];
    prop::collection::vec((1_u32..80, conc), 1..24).prop_map(|steps| {
        let mut time = 0.0;
        let mut at = |step: u32| {
            time += f64::from(step) / 16.0;
            time
        };
        steps.into_iter().map(|(step, conc)| (at(step), conc)).collect()
    })
}

fn result(samples: &[(f64, f64)], dosing: Dosing, options: &Options) -> NcaResult {
    let samples = samples.iter().enumerate().map(|(row, &(t, c))| Sample::new(row, t, c)).collect();
    analyse(&Profile::new(samples, dosing).unwrap(), options)
}

/// How a parameter grows when concentrations, times and dose grow.
fn powers(unit: UnitKind) -> Option<[i32; 3]> {
    Some(match unit {
        UnitKind::Conc => [1, 0, 0],
        UnitKind::ConcPerDose => [1, 0, -1],
        UnitKind::Time => [0, 1, 0],
        UnitKind::PerTime => [0, -1, 0],
        UnitKind::ConcTime => [1, 1, 0],
        UnitKind::ConcTimePerDose => [1, 1, -1],
        UnitKind::ConcTime2 => [1, 2, 0],
        UnitKind::Clearance => [-1, -1, 1],
        UnitKind::Volume => [-1, 0, 1],
        UnitKind::Percent | UnitKind::Ratio | UnitKind::Count => [0, 0, 0],
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Powers of 2 scale without rounding, so that every parameter follows its unit (logarithms round a little differently).
    #[test]
    fn each_parameter_follows_its_unit(data in samples(), options in options(), route in routes(), tau in prop::option::of(1_u32..40)) {
        let (conc, time, dose) = (4.0, 2.0, 8.0);
        let dosing = |dose: f64, time: f64| {
            let route = match route {
                Route::Infusion { duration } => Route::Infusion { duration: duration * time },
                other => other,
            };
            let single = Dosing::oral(dose).by(route);
            tau.map_or(single, |tau| single.every(f64::from(tau) * time))
        };
        let before = result(&data, dosing(100.0, 1.0), &options);
        let scaled: Vec<_> = data.iter().map(|&(t, c)| (t * time, c * conc)).collect();
        let after = result(&scaled, dosing(100.0 * dose, time), &options);
        for (b, a) in before.values.iter().zip(&after.values) {
            let Some([c, t, d]) = powers(b.parameter.entry().unit) else { continue };
            let factor = f64::powi_exact(conc, c) * f64::powi_exact(time, t) * f64::powi_exact(dose, d);
            match (b.outcome.value(), a.outcome.value()) {
                (Some(b_value), Some(a_value)) => {
                    let expected = b_value * factor;
                    prop_assert!((a_value - expected).abs() <= 1e-8 * expected.abs() + 1e-9, "{:?}: {a_value} vs {expected}", b.parameter);
                }
                _ => prop_assert_eq!(b.outcome, a.outcome),
            }
        }
    }

    #[test]
    fn samples_in_any_order_give_the_same_result(data in samples(), options in options(), seed in any::<u64>()) {
        let mut shuffled: Vec<Sample> = data.iter().enumerate().map(|(row, &(t, c))| Sample::new(row, t, c)).collect();
        croft_num::random::Stream::new(seed, "laws", "order", "").shuffle(&mut shuffled);
        let shuffled = analyse(&Profile::new(shuffled, Dosing::oral(1.0)).unwrap(), &options);
        prop_assert_eq!(shuffled, result(&data, Dosing::oral(1.0), &options));
    }

    /// Moving the data and the dose along the clock changes nothing that is told since the dose.
    #[test]
    fn the_clock_of_the_data_does_not_matter(data in samples(), options in options()) {
        let moved: Vec<_> = data.iter().map(|&(t, c)| (t + 64.0, c)).collect();
        let moved = result(&moved, Dosing { time: 64.0, ..Dosing::oral(1.0) }, &options);
        prop_assert_eq!(moved.values, result(&data, Dosing::oral(1.0), &options).values);
    }

    #[test]
    fn areas_are_ordered_and_no_value_is_not_finite(data in samples(), options in options(), route in routes()) {
        let got = result(&data, Dosing::oral(1.0).by(route), &options);
        prop_assert!(got.values.iter().filter_map(|v| v.outcome.value()).all(f64::is_finite));
        let value = |p| got.value(p);
        let last = value(Parameter::AucLast).unwrap();
        prop_assert!(value(Parameter::AucAll).unwrap() >= last);
        if let Some(infinity) = value(Parameter::AucInfObs) {
            prop_assert!(infinity >= last);
        }
        prop_assert!(value(Parameter::CMax) >= value(Parameter::CLast));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        croft_pk::fuzz::fuzz_nca(&bytes);
        croft_pk::fuzz::fuzz_sparse(&bytes);
    }

    /// Extreme but finite numbers, in order of time.
    #[test]
    fn no_magnitude_makes_it_panic(
        data in prop::collection::vec((-300..300_i32, -320..308_i32), 1..12),
        head in any::<[u8; 4]>(),
    ) {
        let number = |exponent: i32| croft_num::math::pow(10.0, f64::from(exponent));
        let mut bytes = head.to_vec();
        for x in [1.0, 12.0, 100.0, 0.0, 0.0, 10.0] {
            bytes.extend(f64::to_le_bytes(x));
        }
        for (t, c) in data {
            bytes.extend(number(t).to_le_bytes());
            bytes.extend(number(c).to_le_bytes());
        }
        croft_pk::fuzz::fuzz_nca(&bytes);
    }

    /// A partial area is additive: from a to b and from b to c make from a to c.
    #[test]
    fn partial_areas_add_up(data in samples(), options in options(), cut in 0.05..0.95_f64) {
        use croft_pk::nca::{BeyondLast, Interval};
        let end = data[data.len() - 1].0;
        let partial = vec![
            Interval { from: 0.0, to: cut * end },
            Interval { from: cut * end, to: end },
            Interval { from: 0.0, to: end },
        ];
        let got = result(&data, Dosing::oral(1.0), &Options { partial, beyond_last: BeyondLast::Stop, ..options });
        let area = |i: usize| got.partial[i].outcome.value().unwrap();
        prop_assert!((area(0) + area(1) - area(2)).abs() <= 1e-9 * area(2) + 1e-12);
        prop_assert!((area(2) - got.value(Parameter::AucLast).unwrap()).abs() <= 1e-12 * area(2));
    }
}

/// The documentation page is the table; `CROFT_WRITE_DOCS=1` writes it anew.
#[test]
fn the_documentation_page_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/nca-parameters.md");
    let page = croft_pk::nca::parameters::documentation();
    if std::env::var_os("CROFT_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/nca-parameters.md is not the table: run the test with CROFT_WRITE_DOCS=1");
}

/// Whole powers without the platform's `powi`.
trait PowiExact {
    fn powi_exact(self, power: i32) -> f64;
}

impl PowiExact for f64 {
    fn powi_exact(self, power: i32) -> f64 {
        let whole = (0..power.abs()).fold(1.0, |p, _| p * self);
        if power < 0 { 1.0 / whole } else { whole }
    }
}
