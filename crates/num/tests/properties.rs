//! Laws that hold for every parameter and argument: tails are complements, grow or fall, and quantiles invert them.

// the helpers of a test may fail as tests do
#![allow(clippy::unwrap_used)]

use croft_num::dist::{
    Beta, Binomial, ChiSquared, Continuous, Discrete, FisherF, Gamma, Hypergeometric, NegativeBinomial,
    NoncentralChiSquared, NoncentralF, NoncentralT, Normal, Poisson, StudentsT,
};
use croft_num::math::{exp, ln, pow};
use croft_num::{owen, random::Stream, roots, sum};
use proptest::prelude::*;

/// A law that a failing case can show.
trait Law: Continuous + std::fmt::Debug {}
impl<T: Continuous + std::fmt::Debug> Law for T {}

/// A positive number of any of nine orders of magnitude.
fn positive() -> impl Strategy<Value = f64> {
    (-3.0..6.0).prop_map(|e: f64| pow(10.0, e))
}

fn laws() -> impl Strategy<Value = Box<dyn Law>> {
    let boxed = |law: Box<dyn Law>| law;
    prop_oneof![
        (-50.0..50.0, positive()).prop_map(move |(m, s)| boxed(Box::new(Normal::new(m, s).unwrap()))),
        positive().prop_map(move |n| boxed(Box::new(StudentsT::new(n).unwrap()))),
        positive().prop_map(move |n| boxed(Box::new(ChiSquared::new(n).unwrap()))),
        (positive(), positive()).prop_map(move |(k, s)| boxed(Box::new(Gamma::new(k, s).unwrap()))),
        (positive(), positive()).prop_map(move |(a, b)| boxed(Box::new(Beta::new(a, b).unwrap()))),
        (positive(), positive()).prop_map(move |(a, b)| boxed(Box::new(FisherF::new(a, b).unwrap()))),
    ]
}

fn noncentral_laws() -> impl Strategy<Value = Box<dyn Law>> {
    let boxed = |law: Box<dyn Law>| law;
    prop_oneof![
        (0.5..5000.0, -40.0..40.0).prop_map(move |(n, d)| boxed(Box::new(NoncentralT::new(n, d).unwrap()))),
        (0.5..500.0, 0.0..2000.0).prop_map(move |(n, l)| boxed(Box::new(NoncentralChiSquared::new(n, l).unwrap()))),
        (0.5..100.0, 0.5..500.0, 0.0..500.0)
            .prop_map(move |(a, b, l)| boxed(Box::new(NoncentralF::new(a, b, l).unwrap()))),
    ]
}

/// cdf + sf = 1; both monotone and within [0, 1]; logarithms agree; the density is not negative.
fn tails_hold_together(law: &dyn Law, p: f64, q: f64) -> Result<(), TestCaseError> {
    let (mut x, mut y) = (law.quantile(p).unwrap(), law.quantile(q).unwrap());
    if x > y {
        (x, y) = (y, x);
    }
    let (cdf, sf) = (law.cdf(x), law.sf(x));
    prop_assert!((cdf + sf - 1.0).abs() < 1e-12, "cdf {cdf} + sf {sf} at {x}");
    prop_assert!((0.0..=1.0).contains(&cdf) && (0.0..=1.0).contains(&sf) && law.pdf(x) >= 0.0);
    prop_assert!(law.cdf(y) >= cdf * (1.0 - 1e-12) && law.sf(y) <= sf * (1.0 + 1e-12), "not monotone: {x} {y}");
    if cdf > 1e-290 {
        prop_assert!((exp(law.ln_cdf(x)) / cdf - 1.0).abs() < 1e-12);
    }
    if sf > 1e-290 {
        prop_assert!((exp(law.ln_sf(x)) / sf - 1.0).abs() < 1e-12);
    }
    Ok(())
}

/// The tail at the quantile is the probability asked for, up to what one rounding of the quantile changes.
fn quantile_inverts(law: &dyn Law, p: f64) -> Result<(), TestCaseError> {
    for upper in [false, true] {
        let x = if upper { law.quantile_upper(p) } else { law.quantile(p) }.unwrap();
        if !x.is_finite() || x.abs() < 1e-300 || x.abs() > 1e300 {
            continue; // the quantile itself leaves the range of numbers
        }
        let tail = |x: f64| if upper { law.sf(x) } else { law.cdf(x) };
        let neighbours = [tail(x - 4e-16 * x.abs()), tail(x + 4e-16 * x.abs())];
        let (low, high) = (neighbours[0].min(neighbours[1]), neighbours[0].max(neighbours[1]));
        let got = tail(x);
        let is_near = (got / p - 1.0).abs() < 2e-12 || (p >= low && p <= high);
        prop_assert!(is_near, "p {p}, quantile {x}, back {got}, upper {upper}");
    }
    Ok(())
}

/// A fixed seed: what passes here passes everywhere. Another one finds new cases: change it and look.
fn config(cases: u32) -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(20_261_125);
    ProptestConfig { cases, failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn tails_of_central_laws_hold_together(law in laws(), p in 1e-12..1.0f64, q in 1e-12..1.0f64) {
        tails_hold_together(&*law, p, q)?;
    }

    #[test]
    fn quantiles_invert_the_tails(law in laws(), e in -290.0..0.0f64, p in 0.0..1.0f64) {
        quantile_inverts(&*law, pow(10.0, e))?;
        quantile_inverts(&*law, p.clamp(1e-12, 1.0 - 1e-12))?;
    }

    #[test]
    fn discrete_tails_hold_together(n in 1u64..3000, share in 0.0..1.0f64, p in 1e-6..0.999_999f64, mean in 1e-3..500.0f64) {
        let marked = (n as f64 * share) as u64;
        let laws: [Box<dyn Discrete>; 4] = [
            Box::new(Binomial::new(n, p).unwrap()),
            Box::new(Poisson::new(mean).unwrap()),
            Box::new(NegativeBinomial::new(mean, p.max(0.01)).unwrap()),
            Box::new(Hypergeometric::new(n, marked, (n as f64 * p) as u64).unwrap()),
        ];
        for law in laws {
            let k = law.quantile(p).unwrap();
            prop_assert!((law.cdf(k) + law.sf(k) - 1.0).abs() < 1e-12);
            prop_assert!(law.cdf(k) >= p * (1.0 - 1e-13));
            if k > 0 {
                prop_assert!(law.cdf(k - 1) < p);
                prop_assert!((law.cdf(k) - law.cdf(k - 1) - law.pmf(k)).abs() < 1e-12);
            }
            let above = law.quantile_upper(p).unwrap();
            prop_assert!(law.sf(above) <= p * (1.0 + 1e-13) && (above == 0 || law.sf(above - 1) > p));
        }
    }

    #[test]
    fn owens_q_grows_with_its_bound_to_the_noncentral_t_law(
        nu in 1.0..3000.0f64, t in -5.0..5.0f64, delta in -10.0..10.0f64, share in 0.1..1.5f64,
    ) {
        let r = share * nu.sqrt();
        let (q, more) = (owen::q(nu, t, delta, r).unwrap(), owen::q(nu, t, delta, 1.01 * r).unwrap());
        let all = NoncentralT::new(nu, delta).unwrap().cdf(t);
        prop_assert!(q >= 0.0 && more >= q * (1.0 - 1e-12) && all >= more * (1.0 - 1e-12), "{q} {more} {all}");
    }

    #[test]
    fn owens_t_is_even_in_h_and_odd_in_a(h in -8.0..8.0f64, a in -20.0..20.0f64) {
        prop_assert!((owen::t(h, a) - owen::t(-h, a)).abs() <= 0.0);
        prop_assert!((owen::t(h, a) + owen::t(h, -a)).abs() <= 0.0);
    }

    #[test]
    fn sums_do_not_depend_on_the_order_by_more_than_a_rounding(mut terms in prop::collection::vec(-1e9..1e9f64, 1..200), seed: u64) {
        let forward = sum::sum(terms.iter().copied());
        Stream::new(seed, "properties", "order", "").shuffle(&mut terms);
        let shuffled = sum::sum(terms.iter().copied());
        prop_assert!((forward - shuffled).abs() <= 1e-15 * forward.abs() + 1e-18);
    }

    #[test]
    fn a_root_is_found_where_the_sign_changes(at in -100.0..100.0f64, power in 0.2..5.0f64) {
        let f = |x: f64| pow((x - at).abs(), power).copysign(x - at);
        let root = roots::brent(f, -101.0, 102.0, 1e-12).unwrap();
        prop_assert!((root.x - at).abs() < 1e-9 * at.abs().max(1.0), "{} for {at}", root.x);
    }
}

proptest! {
    #![proptest_config(config(30))]

    #[test]
    fn tails_of_noncentral_laws_hold_together(law in noncentral_laws(), p in 1e-12..1.0f64, q in 1e-12..1.0f64) {
        tails_hold_together(&*law, p, q)?;
    }

    #[test]
    fn quantiles_invert_noncentral_tails(law in noncentral_laws(), e in -200.0..0.0f64, p in 0.01..0.99f64) {
        quantile_inverts(&*law, pow(10.0, e))?;
        quantile_inverts(&*law, p)?;
    }
}

#[test]
fn any_number_at_all_is_an_argument() {
    let odd = [0.0, -1.0, 0.5, 1e308, -1e308, f64::INFINITY, f64::NEG_INFINITY, 5e-324];
    let parameters = [0.0, -1.0, 0.01, 1.0, 1e4, 1e12, f64::INFINITY, f64::NAN, 5e-324];
    for a in parameters {
        for b in parameters {
            for c in odd {
                every_function(a, b, c);
            }
        }
    }
    assert!(StudentsT::new(3.0).unwrap().cdf(f64::NAN).is_nan());
    assert!(ln(1.0).abs() <= 0.0);
}

/// Calls everything with arguments that may make no sense: no panic, no NaN from a law that was made.
fn every_function(a: f64, b: f64, c: f64) {
    let laws: [Option<Box<dyn Law>>; 9] = [
        Normal::new(a, b).ok().map(|l| Box::new(l) as _),
        StudentsT::new(a).ok().map(|l| Box::new(l) as _),
        ChiSquared::new(a).ok().map(|l| Box::new(l) as _),
        Gamma::new(a, b).ok().map(|l| Box::new(l) as _),
        Beta::new(a, b).ok().map(|l| Box::new(l) as _),
        FisherF::new(a, b).ok().map(|l| Box::new(l) as _),
        NoncentralT::new(a, b).ok().map(|l| Box::new(l) as _),
        NoncentralChiSquared::new(a, b).ok().map(|l| Box::new(l) as _),
        NoncentralF::new(a, b, 3.0).ok().map(|l| Box::new(l) as _),
    ];
    for (i, law) in laws.into_iter().enumerate() {
        let Some(law) = law else { continue };
        for (what, value) in [law.cdf(c), law.sf(c), law.ln_cdf(c), law.ln_sf(c), law.pdf(c)].into_iter().enumerate() {
            assert!(!value.is_nan(), "law {i} of ({a:e}, {b:e}) at {c:e}: value {what}");
        }
        let cdf = law.cdf(c);
        assert!((0.0..=1.0).contains(&cdf), "law {i} of ({a:e}, {b:e}) at {c:e}: {cdf}");
    }
    let _ = (owen::t(a, b), owen::q(a, b, c, 1.0));
}
