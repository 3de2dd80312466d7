//! What does this unit mean, and how many of that one is it?
//!
//! Meaning comes from UCUM (the Unified Code for Units of Measure 2.2: dimensions, prefixes, exact decimal factors). The trade
//! writes otherwise: CDISC's submission values (`h*ng/mL`, `DAYS`, `mmHg`, `IU/L`, `10^9/L`) and habits (`mcg`, `nM`, `µg`). A
//! table, `data/units.csv`, gives each such word its UCUM code; everything else is read as UCUM. So `C` is a degree Celsius,
//! as CDISC means it, while [`Unit::from_ucum`] takes it as a coulomb, as UCUM does.
//!
//! A conversion multiplies by the quotient of two decimal factors of up to 28 digits and rounds to a double once:
//! ```text
//! value_to = value_from · factor(from) / factor(to)
//! ```
//! Temperatures have an offset besides; pH and decibels go through their logarithms.
//!
//! Where packages differ: UCUM gives a word in braces no meaning, so that tablets would convert to capsules, and ng-equivalents
//! (radioactivity counted as parent drug) to ng of drug. Here both sides must count the same thing. Mass and amount of substance convert only with a
//! molar mass ([`convert_molar`]).

mod quantity;
mod spelling;

pub use quantity::{Quantity, QuantityError};

use octofhir_ucum::{EvalResult, Number};
use spelling::{similar, to_ucum};
use std::fmt;
use std::str::FromStr;

/// Why a unit or a conversion is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Neither in the table nor a unit of UCUM.
    #[error("`{unit}` is no unit that UCUM or CDISC knows{}", in_context(atom, unit))]
    Unknown {
        /// The whole unit as written, shortened when long.
        unit: String,
        /// The part that is not known.
        atom: String,
        /// Similar units.
        similar: Vec<String>,
    },
    /// Written so that UCUM means something far away: `MG` is a megagauss.
    #[error("`{unit}`: `{atom}` is ambiguous; UCUM reads it as {ucum_meaning}")]
    Ambiguous {
        /// The whole unit as written.
        unit: String,
        /// The part in question.
        atom: String,
        /// What UCUM means by it.
        ucum_meaning: &'static str,
        /// What was probably meant.
        probably: &'static str,
    },
    /// Two units that do not measure the same.
    #[error("`{from}` ({from_dimension}) cannot be converted to `{to}` ({to_dimension})")]
    Incommensurable {
        /// Unit of the value.
        from: String,
        /// Its dimension in UCUM's symbols.
        from_dimension: String,
        /// Unit asked for.
        to: String,
        /// Its dimension in UCUM's symbols.
        to_dimension: String,
    },
    /// Two units that count different things: tablets and capsules.
    #[error("`{from}` and `{to}` count different things")]
    CountsDiffer {
        /// Unit of the value.
        from: String,
        /// Unit asked for.
        to: String,
    },
    /// A value that has no counterpart: too large for a double, not finite, or outside a logarithmic scale.
    #[error("{value} {from} has no value in {to}")]
    NoValue {
        /// The value.
        value: String,
        /// Its unit.
        from: String,
        /// Unit asked for.
        to: String,
    },
    /// A special unit (°C, pH) in a product or quotient.
    #[error("`{unit}` cannot be part of a product or quotient")]
    NotAFactor {
        /// The unit.
        unit: String,
    },
}

fn in_context(atom: &str, unit: &str) -> String {
    if atom == unit { String::new() } else { format!(" (`{atom}`)") }
}

impl UnitError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { similar, .. } if !similar.is_empty() => {
                format!("did you mean {}?", similar.join(" or "))
            }
            Self::Unknown { .. } => {
                "write a UCUM unit (`ng/mL`, `h.ng/mL`) or a CDISC submission value (`h*ng/mL`)".to_owned()
            }
            Self::Ambiguous { probably, .. } => format!("write `{probably}`"),
            Self::Incommensurable { .. } => {
                "check the unit's column; between mass and amount of substance a molar mass is needed".to_owned()
            }
            Self::CountsDiffer { .. } => "write the same word on both sides if they count the same thing".to_owned(),
            Self::NoValue { .. } => "check the value and its unit".to_owned(),
            Self::NotAFactor { .. } => "convert to kelvin, or to a linear unit, first".to_owned(),
        }
    }
}

/// A unit: the text as written, its UCUM code and meaning.
#[derive(Clone, Debug)]
pub struct Unit {
    text: String,
    ucum: String,
    meaning: EvalResult,
    /// Words in braces, sorted: what is counted.
    counts: Vec<String>,
}

/// Equal when written alike.
impl PartialEq for Unit {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Unit {}

/// Longer texts are no units; keeps hostile input cheap.
const LONGEST: usize = 200;

impl Unit {
    /// Reads a unit as the trade writes it, or a UCUM code. An empty text is no unit; write `1` for a plain number. O(length).
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.len() > LONGEST {
            return Err(unknown(trimmed, trimmed, Vec::new()));
        }
        Self::evaluate(trimmed, &to_ucum(trimmed)?)
    }

    /// Reads a UCUM code (case sensitive), without the trade's spellings.
    pub fn from_ucum(code: &str) -> Result<Self, UnitError> {
        if code.is_empty() || code.len() > LONGEST {
            return Err(unknown(code, code, Vec::new()));
        }
        Self::evaluate(code, code)
    }

    fn evaluate(text: &str, ucum: &str) -> Result<Self, UnitError> {
        let expression = octofhir_ucum::parse_expression(ucum).map_err(|e| explain(text, ucum, &e))?;
        let meaning = octofhir_ucum::evaluate(&expression).map_err(|e| explain(text, ucum, &e))?;
        Ok(Self { text: text.to_owned(), ucum: ucum.to_owned(), meaning, counts: counts(ucum) })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The UCUM code.
    pub fn ucum(&self) -> &str {
        &self.ucum
    }

    /// The dimension in UCUM's symbols, `M.L-3`; `1` for a pure number. UCUM counts a mole as a number.
    pub fn dimension(&self) -> String {
        let mut shown = self.meaning.dim.to_string();
        for (atom, exponent) in &self.meaning.arbitrary {
            shown.push_str(&format!(".{atom}{}", if *exponent == 1 { String::new() } else { exponent.to_string() }));
        }
        shown
    }

    /// Whether values in the two units can be converted.
    pub fn is_commensurable(&self, other: &Self) -> bool {
        self.meaning.is_commensurable(&other.meaning) && self.counts == other.counts
    }

    /// The conversion of values in this unit to values in another.
    pub fn conversion_to(&self, to: &Self) -> Result<Conversion, UnitError> {
        if !self.meaning.is_commensurable(&to.meaning) {
            return Err(UnitError::Incommensurable {
                from: self.text.clone(),
                from_dimension: self.dimension(),
                to: to.text.clone(),
                to_dimension: to.dimension(),
            });
        }
        if self.counts != to.counts {
            return Err(UnitError::CountsDiffer { from: self.text.clone(), to: to.text.clone() });
        }
        let linear = match (&self.meaning.special, &to.meaning.special) {
            (None, None) => self.meaning.factor.checked_div(to.meaning.factor),
            _ => None,
        };
        Ok(Conversion { from: self.clone(), to: to.clone(), linear })
    }

    /// A value in this unit as a value in another.
    pub fn convert(&self, value: f64, to: &Self) -> Result<f64, UnitError> {
        self.conversion_to(to)?.apply(value)
    }

    /// The product, written as CDISC does: `h` times `ng/mL` is `h*ng/mL`.
    pub fn times(&self, other: &Self) -> Result<Self, UnitError> {
        self.combine(other, '*', '.')
    }

    /// The quotient, written as CDISC does: `mg` per `h*ng/mL` is `mg/(h*ng/mL)`.
    pub fn per(&self, other: &Self) -> Result<Self, UnitError> {
        self.combine(other, '/', '/')
    }

    fn combine(&self, other: &Self, sign: char, ucum_sign: char) -> Result<Self, UnitError> {
        for unit in [self, other] {
            if unit.meaning.special.is_some() {
                return Err(UnitError::NotAFactor { unit: unit.text.clone() });
            }
        }
        let compound = |text: &str| text.contains(['*', '/', '.']);
        let grouped = |text: &str, group: bool| if group { format!("({text})") } else { text.to_owned() };
        let left = grouped(&self.text, sign == '*' && compound(&self.text));
        let right = grouped(&other.text, sign == '/' && compound(&other.text));
        let text = format!("{left}{sign}{right}");
        let ucum = format!(
            "{}{ucum_sign}{}",
            grouped(&self.ucum, compound(&self.ucum)),
            grouped(&other.ucum, compound(&other.ucum))
        );
        Self::evaluate(&text, &ucum)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        Self::parse(text)
    }
}

/// A conversion between two units, prepared once for many values.
#[derive(Clone, Debug)]
pub struct Conversion {
    from: Unit,
    to: Unit,
    /// `None`: through a special unit's function.
    linear: Option<Number>,
}

impl Conversion {
    /// The converted value: exact decimal product, rounded to a double once. Under a microsecond for linear units.
    pub fn apply(&self, value: f64) -> Result<f64, UnitError> {
        let converted = match self.linear {
            Some(factor) => Number::from_f64(value).and_then(|v| v.checked_mul(factor)).map(Number::to_f64),
            None => octofhir_ucum::convert(value, &self.from.ucum, &self.to.ucum).ok(),
        };
        converted.filter(|x| x.is_finite()).ok_or_else(|| UnitError::NoValue {
            value: value.to_string(),
            from: self.from.text.clone(),
            to: self.to.text.clone(),
        })
    }

    /// What a value is multiplied by, in decimal digits; `None` when the conversion is no plain multiplication.
    pub fn factor(&self) -> Option<String> {
        self.linear.map(|factor| factor.to_string())
    }
}

/// Converts between mass and amount of substance, `ng/mL` to `nmol/L` or back, by a molar mass in g/mol.
///
/// ```text
/// amount = mass / molar mass
/// ```
/// Units that are commensurable already are converted without it. Errors: the units differ by more than
/// one mass, or the molar mass is not a positive number.
pub fn convert_molar(value: f64, from: &Unit, to: &Unit, molar_mass_g_per_mol: f64) -> Result<f64, UnitError> {
    if from.is_commensurable(to) {
        return from.convert(value, to);
    }
    let positive = molar_mass_g_per_mol > 0.0 && molar_mass_g_per_mol.is_finite();
    let no_value = || UnitError::NoValue {
        value: format!("{value} (molar mass {molar_mass_g_per_mol} g/mol)"),
        from: from.text.clone(),
        to: to.text.clone(),
    };
    if !positive {
        return Err(no_value());
    }
    let gram_per_mole = Unit::from_ucum("g/mol")?;
    let amount_from_mass = from.per(&gram_per_mole)?;
    let converted = if amount_from_mass.is_commensurable(to) {
        amount_from_mass.convert(value, to)? / molar_mass_g_per_mol
    } else {
        let mass_from_amount = from.times(&gram_per_mole)?;
        if !mass_from_amount.is_commensurable(to) {
            // Names both dimensions.
            return from.convert(value, to);
        }
        mass_from_amount.convert(value, to)? * molar_mass_g_per_mol
    };
    if converted.is_finite() { Ok(converted) } else { Err(no_value()) }
}

/// The words in braces, sorted.
fn counts(ucum: &str) -> Vec<String> {
    let words = ucum.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let mut counts: Vec<_> = words.map(|(word, _)| word.to_owned()).collect();
    counts.sort_unstable();
    counts
}

fn unknown(unit: &str, atom: &str, similar: Vec<String>) -> UnitError {
    UnitError::Unknown { unit: shortened(unit), atom: shortened(atom), similar }
}

fn explain(text: &str, ucum: &str, error: &octofhir_ucum::UcumError) -> UnitError {
    match &error.kind {
        octofhir_ucum::ErrorKind::UnitNotFound { unit, .. } => unknown(text, unit, similar(unit)),
        octofhir_ucum::ErrorKind::SpecialUnitError { .. } => UnitError::NotAFactor { unit: shortened(text) },
        _ => unknown(text, if text == ucum { text } else { ucum }, Vec::new()),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(text: &str) -> Unit {
        Unit::parse(text).unwrap_or_else(|e| panic!("{e}"))
    }

    fn refused(text: &str) -> UnitError {
        Unit::parse(text).expect_err(text)
    }

    /// Definitions: SI prefixes and minutes, hours, days; the inch, pound and troy ounce of 1959; 0 °C = 273.15 K;
    /// 1 mmHg = 133.322 Pa (UCUM's m[Hg] = 133.322 kPa).
    #[test]
    fn values_convert_exactly() {
        for (value, from, to, expected) in [
            (1.0, "h*ng/mL", "min*ug/L", 60.0),
            (90.0, "min", "hours", 1.5),
            (1.0, "DAYS", "h", 24.0),
            (320.0, "mg", "ug", 320_000.0),
            (0.3, "mg", "ug", 300.0),
            (1.1, "ug/mL", "ng/mL", 1100.0),
            (1.0, "LB", "kg", 0.453_592_37),
            (1.0, "in", "cm", 2.54),
            (37.0, "C", "K", 310.15),
            (98.6, "F", "C", 37.0),
            (120.0, "mmHg", "kPa", 15.998_64),
            (5.0, "10^9/L", "10*3/uL", 5.0),
            (1.0, "mcg/mL", "mg/L", 1.0),
            (1.0, "µM", "nmol/L", 1000.0),
            (2.0, "IU/L", "mIU/mL", 2.0),
            (1.0, "h2*ng/mL", "h*h*ng/mL", 1.0),
            (1.0, "(L/h)/kg", "L/h/kg", 1.0),
            (7.0, "L/day", "mL/min", 7.0 * 1000.0 / 1440.0),
        ] {
            let got = unit(from).convert(value, &unit(to)).unwrap();
            assert!((got - expected).abs() <= 4e-16 * expected, "{value} {from} = {got} {to}, expected {expected}");
        }
    }

    #[test]
    fn celsius_is_cdiscs_and_coulomb_is_ucums() {
        assert_eq!(unit("C").ucum(), "Cel");
        assert_eq!(Unit::from_ucum("C").unwrap().dimension(), "Q");
    }

    #[test]
    fn what_measures_something_else_is_refused_with_both_dimensions() {
        let error = unit("mg").convert(1.0, &unit("mL")).unwrap_err();
        assert_eq!(error.to_string(), "`mg` (M) cannot be converted to `mL` (L3)");
        let error = unit("ng/mL").convert(1.0, &unit("nmol/L")).unwrap_err();
        assert!(error.hint().contains("molar mass"));
        assert!(unit("IU").convert(1.0, &unit("mg")).is_err());
        assert!(unit("IU").convert(1.0, &unit("U")).is_err());
    }

    #[test]
    fn what_counts_something_else_is_refused() {
        assert!(matches!(unit("TABLET").convert(1.0, &unit("CAPSULE")), Err(UnitError::CountsDiffer { .. })));
        assert!(!unit("ngEq/mL").is_commensurable(&unit("ng/mL")));
        assert_eq!(unit("ngEq/mL").convert(1.0, &unit("ugEq/L")), Ok(1.0));
    }

    #[test]
    fn an_unknown_unit_names_its_part_and_a_remedy() {
        let error = refused("mg/fortnight");
        assert_eq!(error.to_string(), "`mg/fortnight` is no unit that UCUM or CDISC knows (`fortnight`)");
        assert_eq!(refused("KG").hint(), "did you mean `kg`?");
        assert_eq!(refused("Hours").hint(), "did you mean `HOURS` or `hours`?");
        assert_eq!(refused("320 MG").to_string(), "`320 MG` is no unit that UCUM or CDISC knows");
        for text in ["", "  ", "/", "mg//mL", "(mg", "mg)", "mg/", "{", "10^x", &"m".repeat(500)] {
            assert!(Unit::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_megagauss_is_not_a_milligram() {
        for (text, probably) in [("MG", "mg"), ("MG/ML", "mg"), ("ug/ML", "mL")] {
            let error = refused(text);
            assert!(matches!(error, UnitError::Ambiguous { .. }), "{text}: {error}");
            assert_eq!(error.hint(), format!("write `{probably}`"));
        }
        assert!(Unit::from_ucum("MG").is_ok());
    }

    #[test]
    fn products_and_quotients_are_written_as_cdisc_writes_them() {
        let auc = unit("h").times(&unit("ng/mL")).unwrap();
        assert_eq!(auc.as_str(), "h*(ng/mL)".replace(['(', ')'], ""));
        let clearance = unit("mg").per(&auc).unwrap();
        assert_eq!(clearance.as_str(), "mg/(h*ng/mL)");
        assert_eq!(clearance.convert(1.0, &unit("L/h")), Ok(1000.0));
        assert_eq!(unit("ng/mL").times(&unit("h")).unwrap().as_str(), "(ng/mL)*h");
        assert!(matches!(unit("C").times(&unit("h")), Err(UnitError::NotAFactor { .. })));
    }

    /// Caffeine, 194.19 g/mol: 194.19 ng/mL are 1 µmol/L.
    #[test]
    fn mass_and_amount_convert_by_molar_mass() {
        let to_amount = convert_molar(194.19, &unit("ng/mL"), &unit("umol/L"), 194.19).unwrap();
        assert!((to_amount - 1.0).abs() < 1e-15);
        let to_mass = convert_molar(1.0, &unit("h*umol/L"), &unit("h*ng/mL"), 194.19).unwrap();
        assert!((to_mass - 194.19).abs() < 1e-12);
        assert_eq!(convert_molar(2.0, &unit("mg"), &unit("ug"), f64::NAN), Ok(2000.0));
        assert!(convert_molar(1.0, &unit("mg"), &unit("mmol"), 0.0).is_err());
        assert!(
            convert_molar(1.0, &unit("mg"), &unit("h"), 100.0).unwrap_err().to_string().contains("cannot be converted")
        );
    }

    #[test]
    fn a_value_without_counterpart_is_refused() {
        let to_ng = unit("kg").conversion_to(&unit("ng")).unwrap();
        assert_eq!(to_ng.factor().as_deref(), Some("1000000000000"));
        assert!(to_ng.apply(1e300).is_err() && to_ng.apply(f64::NAN).is_err());
        assert!(unit("mol/L").convert(0.0, &unit("[pH]")).is_err());
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_value(value in -1e9_f64..1e9) {
            let (from, to) = (unit("h*ng/mL"), unit("day*ug/dL"));
            let back = to.convert(from.convert(value, &to).unwrap(), &from).unwrap();
            prop_assert!((back - value).abs() <= 4e-16 * value.abs());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[a-zA-Z0-9*/.^(){}\\[\\]µ% -]{0,30}") {
            if let Ok(read) = Unit::parse(&text) {
                prop_assert_eq!(read.convert(1.0, &read).is_ok(), true);
            }
            let _ = Quantity::parse(&text);
        }
    }
}
