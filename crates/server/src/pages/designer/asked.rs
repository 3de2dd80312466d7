//! What stands in the address: subjects, ratio, strata, and up to three designs, each with its settings.
//!
//! A design's settings are fields of their own (`a_lengths`); those of another kind than the chosen one are not looked at, and what is not there has a
//! usual value, so that a kind that has just been chosen shows its figures at once.

use crate::components::Errors;
use crate::nav::Address;
use croft_trial::randomisation::minimisation::{BalancedFactor, Measure, Minimisation};
use croft_trial::randomisation::properties::{Effort, Properties, properties};
use croft_trial::randomisation::{Arm, Design, Factor, Randomisation, RandomisationError, Rule, Scheme, Share};

/// The designs' letters; the first is always there.
pub(super) const LETTERS: [&str; 3] = ["a", "b", "c"];
/// Kinds in the order of the list.
pub(super) const KINDS: [&str; 11] = [
    "simple",
    "permuted_block",
    "random_block",
    "random_allocation",
    "truncated_binomial",
    "biased_coin",
    "tolerance_coin",
    "urn",
    "big_stick",
    "maximal_procedure",
    "minimisation",
];
/// Most subjects of a stratum: figures of more would not differ to the eye.
const MOST_SUBJECTS: u32 = 500;
/// Most simulated subjects of a design, some seconds of work.
const MOST_SIMULATED: u64 = 1_000_000;
/// Most entries of a list in a field.
const MOST_ENTRIES: usize = 40;
/// Steps of an exact computation over states.
const EXACT_STEPS: u64 = 300_000;

/// One field of a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Lengths,
    Weights,
    Probability,
    Tolerance,
    Initial,
    Added,
    Measure,
    Ties,
    Others,
    Factors,
}

impl Setting {
    /// As the address and the scheme call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lengths => "lengths",
            Self::Weights => "weights",
            Self::Probability => "probability",
            Self::Tolerance => "tolerance",
            Self::Initial => "initial",
            Self::Added => "added",
            Self::Measure => "measure",
            Self::Ties => "ties",
            Self::Others => "others",
            Self::Factors => "factors",
        }
    }

    /// The settings of a kind.
    pub(super) fn of(kind: &str) -> &'static [Self] {
        match kind {
            "permuted_block" | "truncated_binomial" => &[Self::Lengths],
            "random_block" => &[Self::Lengths, Self::Weights],
            "biased_coin" => &[Self::Probability],
            "tolerance_coin" => &[Self::Probability, Self::Tolerance],
            "urn" => &[Self::Initial, Self::Added],
            "big_stick" | "maximal_procedure" => &[Self::Tolerance],
            "minimisation" => &[Self::Factors, Self::Probability, Self::Measure, Self::Ties, Self::Others],
            _ => &[],
        }
    }

    fn usual(self, kind: &str, unit: u32) -> String {
        match (self, kind) {
            (Self::Lengths, "random_block") => format!("{}, {}", 2 * unit, 3 * unit),
            (Self::Lengths, _) => (2 * unit).to_string(),
            (Self::Probability, "minimisation") => "0.8".to_owned(),
            (Self::Probability, _) => "2/3".to_owned(),
            (Self::Tolerance, _) => "3".to_owned(),
            (Self::Initial, _) => "0".to_owned(),
            (Self::Added, _) => "1".to_owned(),
            (Self::Measure, _) => "range".to_owned(),
            (Self::Ties | Self::Others, _) => "equal".to_owned(),
            (Self::Factors, _) => "sex: F, M\nage: under 65, 65 and over".to_owned(),
            (Self::Weights, _) => String::new(),
        }
    }
}

/// The texts of all fields.
pub(super) struct Asked {
    address: Address,
    arms: Vec<String>,
}

/// A design with what was found of it.
pub(super) struct Found {
    /// `A`.
    pub letter: String,
    /// The design with its settings.
    pub name: String,
    pub properties: Properties,
    pub scheme: Scheme,
}

/// Everything that was found, and what is wrong with the rest.
pub(super) struct Answer {
    pub found: Vec<Found>,
    pub strata: usize,
    pub errors: Errors,
}

impl Asked {
    pub(super) fn new(address: Address, arms: Vec<String>) -> Self {
        Self { address, arms }
    }

    /// What a field shows: what was typed, or the usual.
    pub(super) fn text(&self, name: &str) -> String {
        if let Some(typed) = self.address.get(name) {
            return typed.to_owned();
        }
        let fresh = self.address.pairs().is_empty();
        let two_equal = self.arms.len() == 2;
        match name {
            "n" => "60".to_owned(),
            "ratio" => vec!["1"; self.arms.len()].join(":"),
            "trials" => "2000".to_owned(),
            "seed" => Effort::default().seed.to_string(),
            "a" => "random_block".to_owned(),
            "b" if fresh && two_equal => "big_stick".to_owned(),
            "b" if fresh => "simple".to_owned(),
            _ => match name.split_once('_') {
                Some((letter, setting)) => self.usual(letter, setting),
                None => String::new(),
            },
        }
    }

    fn usual(&self, letter: &str, setting: &str) -> String {
        let kind = self.text(letter);
        let unit =
            parts(&self.text("ratio"), ':').map_or(2, |ratio| ratio.iter().fold(0, |a, b| u32::saturating_add(a, *b)));
        let found = Setting::of(&kind).iter().find(|s| s.name() == setting);
        found.map_or_else(String::new, |setting| setting.usual(&kind, unit.clamp(2, 1_000)))
    }

    /// Computes everything; what cannot be is told at its field.
    pub(super) fn answer(&self, study: &str) -> Answer {
        let mut errors = Errors::none();
        let mut answer = Answer { found: Vec::new(), strata: 0, errors: Errors::none() };
        let n = self.whole("n", 1, MOST_SUBJECTS, &mut errors);
        let trials = self.whole("trials", 2, 1_000_000, &mut errors);
        let seed = self.text("seed").trim().parse::<u64>().ok();
        if seed.is_none() {
            errors.add("seed", "is no whole number: write digits");
        }
        let ratio = self.ratio(&mut errors);
        let factors = factors(&self.text("strata")).unwrap_or_else(|told| {
            errors.add("strata", told);
            Vec::new()
        });
        let (Some(n), Some(trials), Some(seed), Some(ratio)) = (n, trials, seed, ratio) else {
            return Answer { errors, ..answer };
        };
        if u64::from(n) * u64::from(trials) > MOST_SIMULATED {
            let told = format!("are too many for {n} subjects: at most {} trials", MOST_SIMULATED / u64::from(n));
            errors.add("trials", told);
            return Answer { errors, ..answer };
        }
        let effort = Effort { trials, seed, exact_steps: EXACT_STEPS };
        let arms: Vec<Arm> =
            self.arms.iter().zip(&ratio).map(|(code, &ratio)| Arm { code: code.clone(), ratio }).collect();
        for letter in LETTERS {
            let Some(design) = self.design(letter, n, &mut errors) else { continue };
            let scheme = Scheme {
                study: study.to_owned(),
                version: 1,
                arms: arms.clone(),
                design,
                factors: factors.clone(),
                strata: Vec::new(),
            };
            match examined(&ratio, scheme, n, &effort) {
                Ok((properties, proven)) => {
                    answer.strata = proven.strata().len();
                    let design = &proven.scheme().design;
                    let (name, settings) = (design.name(), design.settings());
                    answer.found.push(Found {
                        letter: letter.to_uppercase(),
                        name: if settings.is_empty() { name.to_owned() } else { format!("{name}, {settings}") },
                        properties,
                        scheme: proven.scheme().clone(),
                    });
                }
                Err(error) => errors.add(self.place(letter, &error), format!("{error}: {}", error.hint())),
            }
        }
        Answer { errors, ..answer }
    }

    fn whole(&self, name: &str, least: u32, most: u32, errors: &mut Errors) -> Option<u32> {
        let found = self.text(name).trim().parse().ok().filter(|n| (least..=most).contains(n));
        if found.is_none() {
            errors.add(name, format!("is no whole number from {least} to {most}"));
        }
        found
    }

    fn ratio(&self, errors: &mut Errors) -> Option<Vec<u32>> {
        let found = parts(&self.text("ratio"), ':').filter(|parts| parts.len() == self.arms.len());
        if found.is_none() {
            let told =
                format!("is no ratio of the arms {}: write a share of each, like 1:1 or 2:1", self.arms.join(", "));
            errors.add("ratio", told);
        }
        found
    }

    /// The design of a letter; `None` where none is chosen, or a field cannot be read.
    fn design(&self, letter: &str, n: u32, errors: &mut Errors) -> Option<Design> {
        let kind = self.text(letter);
        if kind.is_empty() || kind == "none" && letter != LETTERS[0] {
            return None;
        }
        let field = |setting: Setting| format!("{letter}_{}", setting.name());
        let text = |setting: Setting| self.text(&field(setting)).trim().to_owned();
        let mut wrong = |setting: Setting, told: &str| errors.add(field(setting), told);
        let mut number = |setting: Setting| {
            let found = text(setting).parse::<u32>().ok();
            found.or_else(|| {
                wrong(setting, "is no whole number");
                None
            })
        };
        Some(match kind.as_str() {
            "simple" => Design::Simple {},
            "random_allocation" => Design::RandomAllocation { subjects: n },
            "big_stick" => Design::BigStick { tolerance: number(Setting::Tolerance)? },
            "maximal_procedure" => Design::MaximalProcedure { subjects: n, tolerance: number(Setting::Tolerance)? },
            "urn" => Design::Urn { initial: number(Setting::Initial)?, added: number(Setting::Added)? },
            "permuted_block" | "random_block" | "truncated_binomial" => {
                let Some(lengths) = parts(&text(Setting::Lengths), ',') else {
                    wrong(Setting::Lengths, "are no whole numbers with commas between them, like 4, 6");
                    return None;
                };
                let weights = match text(Setting::Weights).as_str() {
                    "" => Some(Vec::new()),
                    typed => typed.split(',').map(|part| part.trim().parse().ok()).collect::<Option<Vec<f64>>>(),
                };
                match (kind.as_str(), weights) {
                    ("permuted_block", _) => Design::PermutedBlock { lengths },
                    ("truncated_binomial", _) => Design::TruncatedBinomial { lengths },
                    (_, Some(weights)) => Design::RandomBlock { lengths, weights },
                    (_, None) => {
                        wrong(Setting::Weights, "are no numbers with commas between them, like 1, 2");
                        return None;
                    }
                }
            }
            "biased_coin" | "tolerance_coin" | "minimisation" => {
                let tolerance = if kind == "tolerance_coin" { Some(number(Setting::Tolerance)?) } else { None };
                let Some(probability) = probability(&text(Setting::Probability)) else {
                    wrong(Setting::Probability, "is no probability: write 0.75 or 2/3");
                    return None;
                };
                match (tolerance, kind.as_str()) {
                    (Some(tolerance), _) => Design::ToleranceCoin { probability, tolerance },
                    (None, "biased_coin") => Design::BiasedCoin { probability },
                    _ => {
                        let factors = match balanced(&text(Setting::Factors)) {
                            Ok(factors) => factors,
                            Err(told) => {
                                wrong(Setting::Factors, &told);
                                return None;
                            }
                        };
                        let share = |setting| if text(setting) == "ratio" { Share::Ratio } else { Share::Equal };
                        let measure = match text(Setting::Measure).as_str() {
                            "standard_deviation" => Measure::StandardDeviation,
                            "variance" => Measure::Variance,
                            _ => Measure::Range,
                        };
                        let (ties, others) = (share(Setting::Ties), share(Setting::Others));
                        Design::Minimisation(Minimisation { factors, measure, probability, ties, others })
                    }
                }
            }
            _ => {
                errors.add(letter, "is no kind of design: choose one of the list");
                return None;
            }
        })
    }

    /// The field that an error of the scheme is about.
    fn place(&self, letter: &str, error: &RandomisationError) -> String {
        use RandomisationError as E;
        let field = match error {
            E::Empty { field }
            | E::Twice { field, .. }
            | E::Characters { field, .. }
            | E::OutOfRange { field, .. }
            | E::NotMultiple { field, .. }
            | E::EntryCount { field, .. } => field.as_str(),
            E::StratumNames { .. } => "factors",
            _ => "",
        };
        let of_design = field.strip_prefix("design.").and_then(|rest| rest.split(['[', '.']).next());
        match of_design {
            Some(setting) if Setting::of(&self.text(letter)).iter().any(|s| s.name() == setting) => {
                format!("{letter}_{setting}")
            }
            _ if field.starts_with("factors") => "strata".to_owned(),
            _ => letter.to_owned(),
        }
    }
}

fn examined(
    ratio: &[u32],
    scheme: Scheme,
    n: u32,
    effort: &Effort,
) -> Result<(Properties, Randomisation), RandomisationError> {
    let rule = Rule::new(ratio, &scheme.design)?;
    let proven = Randomisation::new(scheme)?;
    Ok((properties(&rule, n, effort)?, proven))
}

/// Whole numbers with this between them.
fn parts(text: &str, between: char) -> Option<Vec<u32>> {
    let parts = text.split(between).map(|part| part.trim().parse().ok()).collect::<Option<Vec<u32>>>()?;
    (parts.len() <= MOST_ENTRIES).then_some(parts)
}

/// `0.75` or `2/3`.
fn probability(text: &str) -> Option<f64> {
    match text.split_once('/') {
        None => text.parse().ok().filter(|p: &f64| p.is_finite()),
        Some((a, b)) => {
            let (a, b): (u32, u32) = (a.trim().parse().ok()?, b.trim().parse().ok()?);
            (b > 0).then(|| f64::from(a) / f64::from(b))
        }
    }
}

/// `site: 101, 201`, a factor a line.
fn factors(text: &str) -> Result<Vec<Factor>, String> {
    let factors: Vec<Factor> =
        lines(text).map(|line| named(line).map(|(name, levels)| Factor { name, levels })).collect::<Result<_, _>>()?;
    let strata = factors.iter().fold(1_usize, |all, factor| all.saturating_mul(factor.levels.len()));
    if strata > 10_000 {
        return Err(format!("make {strata} strata: at most 10,000"));
    }
    Ok(factors)
}

/// `sex: F, M; weight 2; prevalence 2, 1`, a factor a line.
fn balanced(text: &str) -> Result<Vec<BalancedFactor>, String> {
    let factors = lines(text).map(|line| {
        let mut rest = line.split(';');
        let (name, levels) = named(rest.next().unwrap_or_default())?;
        let mut factor = BalancedFactor { name, levels, weight: 1.0, prevalence: Vec::new() };
        for part in rest.map(str::trim).filter(|part| !part.is_empty()) {
            let numbers = |text: &str| text.split(',').map(|n| n.trim().parse().ok()).collect::<Option<Vec<f64>>>();
            let told = || format!("has `{part}`: after the levels stands `weight 2` or `prevalence 2, 1`");
            match part.split_once(' ') {
                Some(("weight", number)) => factor.weight = number.trim().parse().map_err(|_| told())?,
                Some(("prevalence", list)) => factor.prevalence = numbers(list).ok_or_else(told)?,
                _ => return Err(told()),
            }
        }
        Ok(factor)
    });
    let factors = factors.collect::<Result<Vec<_>, String>>()?;
    if factors.len() > MOST_ENTRIES { Err(format!("are more than {MOST_ENTRIES}")) } else { Ok(factors) }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn named(line: &str) -> Result<(String, Vec<String>), String> {
    let told = || format!("has the line `{line}`: write a factor's name, a colon and its levels, like `sex: F, M`");
    let (name, levels) = line.split_once(':').ok_or_else(told)?;
    let levels: Vec<String> = levels.split(',').map(|level| level.trim().to_owned()).collect();
    if levels.len() > 10 * MOST_ENTRIES || name.trim().is_empty() {
        Err(told())
    } else {
        Ok((name.trim().to_owned(), levels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_trial::randomisation::properties::Method;

    fn asked(query: &str) -> Answer {
        let arms = vec!["A".to_owned(), "P".to_owned()];
        Asked::new(Address::of("/", query), arms).answer("S1")
    }

    #[test]
    fn every_kind_is_there_with_its_usual_settings_and_no_more() {
        for kind in KINDS {
            let answer = asked(&format!("n=24&trials=100&a={kind}"));
            assert!(answer.errors.is_empty(), "{kind}: {:?}", answer.errors);
            assert_eq!(answer.found.len(), 1, "{kind}");
            let exact = answer.found[0].properties.method == Method::Exact;
            assert_eq!(exact, kind != "minimisation", "{kind}");
            assert_eq!(answer.found[0].properties.steps.len(), 24, "{kind}");
            let design = toml_design(&answer.found[0].scheme.to_toml());
            assert_eq!(design, kind);
        }
        let kinds = asked("").found.iter().map(|found| found.name.clone()).collect::<Vec<_>>();
        assert_eq!(kinds, ["permuted blocks of random length, lengths 4, 6", "big stick, tolerance 3"]);
    }

    fn toml_design(text: &str) -> String {
        let line = text.lines().find(|line| line.starts_with("kind")).unwrap_or_default();
        line.split('"').nth(1).unwrap_or_default().to_owned()
    }

    #[test]
    fn what_cannot_be_is_told_at_its_field_and_costs_nothing() {
        for (query, field, told) in [
            ("n=501", "n", "from 1 to 500"),
            ("n=x", "n", "whole number"),
            ("ratio=1:1:1", "ratio", "A, P"),
            ("ratio=0:1", "a", "must be"),
            ("n=500&trials=5000", "trials", "at most 2000"),
            ("a=random_block&a_lengths=4,5", "a_lengths", "multiple of 2"),
            ("a=random_block&a_lengths=four", "a_lengths", "like 4, 6"),
            ("a=biased_coin&a_probability=0.2", "a_probability", "0.5 to 1"),
            ("a=big_stick&ratio=2:1", "a", "two arms of equal ratio"),
            ("a=maximal_procedure&n=25", "a", "multiple of 2"),
            ("a=minimisation&a_factors=sex", "a_factors", "like `sex: F, M`"),
            ("a=minimisation&a_factors=sex:F,M;weigth 2", "a_factors", "weigth 2"),
            ("strata=site", "strata", "a colon and its levels"),
            ("strata=site:101,101", "strata", "twice"),
            ("a=dice", "a", "choose one of the list"),
        ] {
            let answer = asked(query);
            let found = answer.errors.of(field).unwrap_or_else(|| panic!("{query}: {:?}", answer.errors));
            assert!(found.contains(told), "{query}: {found}");
        }
    }

    #[test]
    fn three_arms_strata_and_a_minimisation_with_weights() {
        let arms = ["A", "B", "P"].map(str::to_owned).to_vec();
        let query = "n=30&trials=200&ratio=2:2:1&strata=site:+101,+201%0Asex:+F,+M&a=permuted_block&b=minimisation&b_factors=sex:+F,+M;+weight+2;+prevalence+2,+1&b_ties=ratio";
        let answer = Asked::new(Address::of("/", query), arms).answer("S1");
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        assert_eq!(answer.strata, 4);
        assert_eq!(answer.found.len(), 2);
        let text = answer.found[1].scheme.to_toml();
        assert!(text.contains("weight = 2.0") && text.contains("ties = \"ratio\""), "{text}");
        assert_eq!(Scheme::from_toml(&text).unwrap(), answer.found[1].scheme, "the text is the scheme");
    }
}
