//! In which unit is a parameter?
//!
//! From the units of concentration, time and dose by the kind of the parameter. Clearances and volumes are turned into litres:
//! a dose in mg over an AUC in h*ng/mL is a number of mg/(h*ng/mL), which is 1000 L/h. Doses per body weight or surface give L/h/kg, L/m2.
//!
//! A dose must be an amount: a mass, an amount of substance, units of activity, radioactivity, each perhaps per kg or m².
//! A volume as a dose (`320mL`) is refused, and so is a dose in mg with a concentration in nmol/L, which needs a molar mass.
//! Units are read and converted by [`croft_core::unit`].

use super::parameters::UnitKind;
use croft_core::unit::{Unit, UnitError};

/// Units of the data; those that are not known leave the parameters that need them without a unit.
#[derive(Clone, Debug, Default)]
pub struct Units {
    /// Concentration.
    pub conc: Option<Unit>,
    /// Time.
    pub time: Option<Unit>,
    /// Dose.
    pub dose: Option<Unit>,
}

/// The unit of a parameter, and what its number is multiplied by to be in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterUnit {
    /// The unit as it is printed; empty when it has none or when it is not known.
    pub text: String,
    /// Factor from the number as computed.
    pub factor: f64,
}

/// Why units do not fit together.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UnitsError {
    #[error("`{unit}` is no unit of a dose: it is not an amount")]
    NotADose { unit: String },
    #[error("`{unit}` is no unit of time")]
    NotATime { unit: String },
    #[error("a dose in {dose} over a concentration in {conc} is no volume")]
    NoVolume { dose: String, conc: String },
    #[error(transparent)]
    Unit(#[from] UnitError),
}

impl UnitsError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::NotADose { .. } => "give the dose as an amount of drug: `320mg`, `5 mg/kg`, `1000 IU`".to_owned(),
            Self::NotATime { .. } => "give the unit of the times: `h`, `min`, `d`".to_owned(),
            Self::NoVolume { .. } => {
                "give dose and concentration both by mass or both by amount of substance (a molar mass converts them)"
                    .to_owned()
            }
            Self::Unit(error) => error.hint(),
        }
    }
}

/// Amounts, in UCUM: what a dose may be commensurable with.
const AMOUNTS: [&str; 11] =
    ["g", "mol", "mol/kg", "g/m2", "mol/m2", "[iU]", "[iU]/kg", "[iU]/m2", "[arb'U]", "Bq", "Bq/kg"];
/// Volumes, in the order of preference.
const VOLUMES: [&str; 3] = ["L", "L/kg", "L/m2"];

impl Units {
    /// Checks that dose and time are what they say, and that dose over concentration is a volume.
    ///
    /// # Errors
    /// The unit that does not fit.
    pub fn check(&self) -> Result<(), UnitsError> {
        if let Some(time) = &self.time
            && !time.is_commensurable(&Unit::from_ucum("h")?)
        {
            return Err(UnitsError::NotATime { unit: time.to_string() });
        }
        if let Some(dose) = &self.dose {
            let amounts = AMOUNTS.iter().filter_map(|a| Unit::from_ucum(a).ok());
            if dose.as_str().contains('%') || !amounts.into_iter().any(|a| dose.is_commensurable(&a)) {
                return Err(UnitsError::NotADose { unit: dose.to_string() });
            }
        }
        self.of(UnitKind::Volume).map(|_| ())
    }

    /// The unit of a kind of parameter.
    ///
    /// # Errors
    /// Dose and concentration do not make a volume.
    pub fn of(&self, kind: UnitKind) -> Result<ParameterUnit, UnitsError> {
        let (conc, time, dose) = (self.conc.as_ref(), self.time.as_ref(), self.dose.as_ref());
        let Some(unit) = (match kind {
            UnitKind::Conc | UnitKind::Response => conc.cloned(),
            UnitKind::Time => time.cloned(),
            UnitKind::Percent => return Ok(plain("%")),
            UnitKind::PerTime => return Ok(plain(&time.map_or_else(String::new, |t| format!("/{t}")))),
            UnitKind::ConcPerDose => quotient(conc, dose)?,
            UnitKind::ConcTime | UnitKind::ResponseTime => product(time, conc)?,
            UnitKind::ConcTime2 => return self.squared_time(),
            UnitKind::ConcTimePerDose => quotient(product(time, conc)?.as_ref(), dose)?,
            UnitKind::Clearance => return self.volume(true),
            UnitKind::Volume => return self.volume(false),
            UnitKind::Amount => dose.cloned(),
            UnitKind::Rate => quotient(dose, time)?,
            _ => None,
        }) else {
            return Ok(plain(""));
        };
        Ok(plain(unit.as_str()))
    }

    /// `h2*ng/mL`, as CDISC writes it.
    fn squared_time(&self) -> Result<ParameterUnit, UnitsError> {
        match (&self.time, &self.conc) {
            (Some(time), Some(conc)) => Ok(plain(&format!("{time}2*{conc}"))),
            _ => Ok(plain("")),
        }
    }

    /// Dose over concentration in litres, over time when a clearance.
    fn volume(&self, per_time: bool) -> Result<ParameterUnit, UnitsError> {
        let (Some(dose), Some(conc)) = (&self.dose, &self.conc) else { return Ok(plain("")) };
        // UCUM counts moles, equivalents and osmoles as numbers, so that umol/(ng/mL) would pass as L/kg.
        let counts = |unit: &Unit| ["mol", "eq", "osm"].into_iter().find(|count| unit.ucum().contains(count));
        if counts(dose) != counts(conc) {
            return Err(UnitsError::NoVolume { dose: dose.to_string(), conc: conc.to_string() });
        }
        if per_time && self.time.is_none() {
            return Ok(plain(""));
        }
        let raw = dose.per(conc)?;
        for volume in VOLUMES {
            let volume = Unit::from_ucum(volume)?;
            if !raw.is_commensurable(&volume) {
                continue;
            }
            let factor = raw.convert(1.0, &volume)?;
            let text = match (per_time, &self.time) {
                (false, _) => volume.to_string(),
                (true, None) => String::new(),
                // L/h/kg
                (true, Some(time)) => volume.as_str().replacen('L', &format!("L/{time}"), 1),
            };
            return Ok(ParameterUnit { text, factor });
        }
        Err(UnitsError::NoVolume { dose: dose.to_string(), conc: conc.to_string() })
    }
}

fn plain(text: &str) -> ParameterUnit {
    ParameterUnit { text: text.to_owned(), factor: 1.0 }
}

fn product(a: Option<&Unit>, b: Option<&Unit>) -> Result<Option<Unit>, UnitError> {
    match (a, b) {
        (Some(a), Some(b)) => Ok(Some(Unit::parse(&format!("{a}*{b}")).or_else(|_| a.times(b))?)),
        _ => Ok(None),
    }
}

fn quotient(a: Option<&Unit>, b: Option<&Unit>) -> Result<Option<Unit>, UnitError> {
    match (a, b) {
        (Some(a), Some(b)) => Ok(Some(a.per(b)?)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(dose: &str, conc: &str, time: Option<&str>) -> Units {
        let unit = |text: &str| Unit::parse(text).unwrap();
        Units { conc: Some(unit(conc)), time: time.map(unit), dose: Some(unit(dose)) }
    }

    #[test]
    fn moles_and_masses_do_not_mix() {
        assert!(matches!(declared("umol", "ng/mL", Some("h")).check(), Err(UnitsError::NoVolume { .. })));
        assert!(matches!(declared("mg", "umol/L", Some("h")).check(), Err(UnitsError::NoVolume { .. })));
        assert_eq!(declared("umol", "umol/L", Some("h")).of(UnitKind::Volume).unwrap().text, "L");
        for counted in ["meq", "mosm"] {
            assert!(declared(counted, "ng/mL", Some("h")).check().is_err(), "{counted}");
            assert!(declared(counted, "mmol/L", Some("h")).check().is_err(), "{counted} is no mole");
        }
    }

    #[test]
    fn a_clearance_without_a_unit_is_dose_over_area() {
        let clearance = declared("mg", "ng/mL", None).of(UnitKind::Clearance).unwrap();
        assert_eq!((clearance.text.as_str(), clearance.factor.to_bits()), ("", 1f64.to_bits()));
    }
    use croft_testkit::assert_close;

    fn units(conc: &str, time: &str, dose: &str) -> Units {
        let parse = |text: &str| Some(Unit::parse(text).unwrap());
        Units { conc: parse(conc), time: parse(time), dose: parse(dose) }
    }

    #[test]
    fn clearances_and_volumes_are_litres() {
        let of = |conc, dose, kind| units(conc, "h", dose).of(kind).unwrap();
        for (conc, dose, factor) in
            [("mg/L", "mg", 1.0), ("ng/mL", "mg", 1000.0), ("ug/mL", "g", 1000.0), ("nmol/L", "umol", 1000.0)]
        {
            let clearance = of(conc, dose, UnitKind::Clearance);
            assert_eq!(clearance.text, "L/h");
            assert_close(conc, clearance.factor, factor, 1e-12);
            assert_eq!(of(conc, dose, UnitKind::Volume).text, "L");
        }
        let by_weight = of("ng/mL", "mg/kg", UnitKind::Clearance);
        assert_eq!(by_weight.text, "L/h/kg");
        assert_close("per kg", by_weight.factor, 1000.0, 1e-12);
    }

    #[test]
    fn units_are_written_as_cdisc_writes_them() {
        let units = units("ng/mL", "h", "mg");
        let text = |kind| units.of(kind).unwrap().text;
        assert_eq!(text(UnitKind::ConcTime), "h*ng/mL");
        assert_eq!(text(UnitKind::ConcTime2), "h2*ng/mL");
        assert_eq!(text(UnitKind::PerTime), "/h");
        assert_eq!(text(UnitKind::Time), "h");
        assert_eq!(text(UnitKind::Ratio), "");
        assert_eq!(Units::default().of(UnitKind::Clearance).unwrap().text, "");
    }

    #[test]
    fn units_that_do_not_fit_are_refused() {
        assert!(matches!(units("mg/L", "h", "mL").check(), Err(UnitsError::NotADose { .. })));
        assert!(matches!(units("nmol/L", "h", "mg").check(), Err(UnitsError::NoVolume { .. })));
        assert!(matches!(units("mg/L", "mg", "mg").check(), Err(UnitsError::NotATime { .. })));
        for dose in ["mg", "mg/kg", "umol", "IU", "g/m2", "MBq"] {
            let alone = Units { dose: Some(Unit::parse(dose).unwrap()), ..Units::default() };
            assert_eq!(alone.check(), Ok(()), "{dose}");
        }
        let volume = Units { dose: Some(Unit::parse("mL").unwrap()), ..Units::default() };
        assert!(volume.check().is_err(), "also when the unit of the concentration is not given");
    }
}
