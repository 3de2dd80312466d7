//! What does an operation of a method compute?
//!
//! ARS describes an operation by name, label and description; programs are given as templates in other languages. So croft keeps a table: an operation is what its *name* says, word for word
//! but for case, punctuation and blanks. A label does not count: `Mean` may be short for a mean of another kind. Statistics of a test are told by the operation's
//! name together with the words of the method (its name, label and description), or of the operation itself, which must name exactly one test that croft runs. Nothing is guessed: what is not in the table is not run.

use croft_cdisc::ars::{AnalysisMethod, Operation};

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computation {
    /// Subjects with a record.
    Subjects,
    /// Records.
    Records,
    /// Records whose analysis variable has a value; subjects, where that variable identifies them.
    Values,
    /// Records whose analysis variable has none.
    Missing,
    /// 100 · numerator / denominator, both named by the method's relationships.
    Percent,
    /// Numerator / denominator.
    Proportion,
    /// A summary of the analysis variable's values.
    Summary(Statistic),
    /// The p-value of a test of the groups that have no results of their own.
    PValue(Test),
    /// Its statistic.
    TestStatistic(Test),
    /// Its degrees of freedom (of the numerator, in an analysis of variance).
    Degrees(Test),
    /// Degrees of freedom of the denominator of an analysis of variance.
    DenominatorDegrees(Test),
}

/// A summary statistic. Quantiles follow SAS's fifth definition; spread is of the sample (n − 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the trade's words")]
pub enum Statistic {
    Mean,
    StandardDeviation,
    StandardError,
    Variance,
    CoefficientOfVariation,
    GeometricMean,
    GeometricCv,
    Median,
    FirstQuartile,
    ThirdQuartile,
    InterquartileRange,
    Minimum,
    Maximum,
    Range,
    Sum,
}

/// A test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// One-way analysis of variance.
    Anova,
    /// Pearson's chi-square, without correction for continuity.
    ChiSquare,
    /// Fisher's exact test, two-sided.
    FisherExact,
}

impl Test {
    /// The trade's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Anova => "one-way analysis of variance",
            Self::ChiSquare => "Pearson's chi-square test",
            Self::FisherExact => "Fisher's exact test, two-sided",
        }
    }
}

/// A row of the table: what is computed and the names that mean it.
pub struct Recognised {
    /// What is computed; tests by [`TESTS`].
    pub computation: Computation,
    /// Names, in lower case with single blanks.
    pub names: &'static [&'static str],
    /// What it is, for the documentation.
    pub about: &'static str,
}

const fn row(computation: Computation, names: &'static [&'static str], about: &'static str) -> Recognised {
    Recognised { computation, names, about }
}

/// The table. The first names of each row are those of the published reporting events, where they have the operation.
pub const OPERATIONS: &[Recognised] = &[
    row(
        Computation::Subjects,
        &[
            "count of subjects",
            "number of subjects",
            "subject count",
            "count of participants",
            "number of participants",
            "count of patients",
            "number of patients",
            "count of unique subjects",
            "n of subjects",
        ],
        "distinct USUBJID among the records",
    ),
    row(
        Computation::Records,
        &[
            "count of records",
            "number of records",
            "record count",
            "count of events",
            "number of events",
            "event count",
            "count of observations",
            "number of observations",
        ],
        "records",
    ),
    row(
        Computation::Values,
        &[
            "count of non missing values",
            "number of non missing values",
            "count of nonmissing values",
            "number of nonmissing values",
            "count of values",
            "number of values",
            "non missing count",
            "nonmissing count",
            "n non missing",
            "n",
            "count",
        ],
        "records whose variable has a value; distinct subjects, where the variable is USUBJID",
    ),
    row(
        Computation::Missing,
        &[
            "count of missing values",
            "number of missing values",
            "missing count",
            "n missing",
            "number missing",
            "nmiss",
            "missing",
        ],
        "records whose variable has no value",
    ),
    row(
        Computation::Percent,
        &[
            "percent of subjects",
            "percentage of subjects",
            "percent of records",
            "percentage of records",
            "percent of events",
            "percentage of events",
            "percent of participants",
            "percentage of participants",
            "percent of patients",
            "percentage of patients",
            "percent",
            "percentage",
        ],
        "100 times numerator by denominator, both named by the method",
    ),
    row(
        Computation::Proportion,
        &["proportion of subjects", "proportion of records", "proportion"],
        "numerator by denominator, both named by the method",
    ),
    row(Computation::Summary(Statistic::Mean), &["mean", "arithmetic mean", "average"], "arithmetic mean"),
    row(
        Computation::Summary(Statistic::StandardDeviation),
        &["standard deviation", "sd", "std", "std dev", "stddev", "sample standard deviation"],
        "standard deviation of the sample (n - 1)",
    ),
    row(
        Computation::Summary(Statistic::StandardError),
        &["standard error", "standard error of the mean", "standard error of mean", "se", "sem", "stderr"],
        "standard deviation by the root of n",
    ),
    row(Computation::Summary(Statistic::Variance), &["variance", "sample variance"], "variance of the sample (n - 1)"),
    row(
        Computation::Summary(Statistic::CoefficientOfVariation),
        &["coefficient of variation", "cv", "cv percent", "percent cv", "percent coefficient of variation"],
        "100 times standard deviation by mean",
    ),
    row(
        Computation::Summary(Statistic::GeometricMean),
        &["geometric mean", "geo mean", "gmean"],
        "exponential of the mean of logarithms; every value positive",
    ),
    row(
        Computation::Summary(Statistic::GeometricCv),
        &["geometric coefficient of variation", "geometric cv", "geometric cv percent", "geo cv", "gcv"],
        "100 times the root of exp(sd of logarithms squared) - 1",
    ),
    row(
        Computation::Summary(Statistic::Median),
        &["median", "50th percentile", "second quartile", "q2"],
        "middle value, or the mean of the two",
    ),
    row(
        Computation::Summary(Statistic::FirstQuartile),
        &["first quartile", "lower quartile", "q1", "25th percentile", "25 percentile", "p25"],
        "SAS's definition 5 (R's type 2): the mean of two values where a quarter of n is whole, else the next",
    ),
    row(
        Computation::Summary(Statistic::ThirdQuartile),
        &["third quartile", "upper quartile", "q3", "75th percentile", "75 percentile", "p75"],
        "likewise",
    ),
    row(
        Computation::Summary(Statistic::InterquartileRange),
        &["interquartile range", "inter quartile range", "iqr"],
        "third less first quartile",
    ),
    row(Computation::Summary(Statistic::Minimum), &["minimum", "min", "minimum value"], "least value"),
    row(Computation::Summary(Statistic::Maximum), &["maximum", "max", "maximum value"], "greatest value"),
    row(Computation::Summary(Statistic::Range), &["range"], "maximum less minimum"),
    row(Computation::Summary(Statistic::Sum), &["sum"], "sum of values"),
];

/// Which statistic of a test: names of operations.
const P_VALUE: &[&str] = &[
    "p value",
    "pvalue",
    "p val",
    "pval",
    "p",
    "two sided p value",
    "2 sided p value",
    "exact p value",
    "asymptotic p value",
];
const STATISTIC: &[&str] = &[
    "test statistic",
    "statistic",
    "f statistic",
    "f value",
    "f",
    "chi square",
    "chi square statistic",
    "chi squared statistic",
    "pearson chi square",
];
const DEGREES: &[&str] =
    &["degrees of freedom", "df", "numerator degrees of freedom", "numerator df", "model df", "between groups df"];
const DENOMINATOR_DEGREES: &[&str] = &[
    "denominator degrees of freedom",
    "denominator df",
    "error df",
    "residual degrees of freedom",
    "within groups df",
];

/// Words that name a test, and words with which it is another one.
pub const TESTS: [(Test, &[&str], &[&str]); 3] = [
    (
        Test::Anova,
        &["analysis of variance", "anova"],
        &[
            "two way",
            "repeated",
            "covariance",
            "ancova",
            "kruskal",
            "welch",
            "rank",
            "mixed",
            "nested",
            "multivariate",
            "manova",
            "adjusted",
            "bonferroni",
        ],
    ),
    (
        Test::ChiSquare,
        &[
            "pearson chi square",
            "pearsons chi square",
            "pearson s chi square",
            "pearson chi squared",
            "pearson s chi squared",
            "chi square test",
            "chi squared test",
            "chi square",
            "chi squared",
        ],
        &[
            "mantel",
            "haenszel",
            "likelihood",
            "continuity",
            "yates",
            "trend",
            "armitage",
            "mcnemar",
            "goodness",
            "wald",
            "score",
            "log rank",
            "logrank",
            "cmh",
            "one sided",
            "1 sided",
            "adjusted",
            "bonferroni",
            "exact p value",
            "exact pearson",
        ],
    ),
    (
        Test::FisherExact,
        &["fisher s exact", "fishers exact", "fisher exact"],
        &["mid p", "one sided", "1 sided", "left sided", "right sided", "stratified", "adjusted", "bonferroni"],
    ),
];

/// Why an operation has no computation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unrecognised {
    #[error("the operation `{name}` is not one that croft knows by name")]
    Name { name: String },
    #[error("the operation `{name}` belongs to a test, and the method `{method}` names none that croft runs")]
    NoTest { name: String, method: String },
    #[error("the operation `{name}` belongs to a test, and the method `{method}` names several: {tests}")]
    SeveralTests { name: String, method: String, tests: String },
    #[error("{test} has no {statistic}")]
    NotOfTest { test: &'static str, statistic: &'static str },
}

/// What an operation of a method computes.
///
/// # Errors
/// When it is not in the table, or its test is not known.
pub fn recognise(method: &AnalysisMethod, operation: &Operation) -> Result<Computation, Unrecognised> {
    let name = words(&operation.name);
    if let Some(row) = OPERATIONS.iter().find(|row| row.names.contains(&name.as_str())) {
        return Ok(row.computation);
    }
    match of_test(&name) {
        Some(part) => part(method, operation),
        None => Err(Unrecognised::Name { name: operation.name.clone() }),
    }
}

type PartOfTest = fn(&AnalysisMethod, &Operation) -> Result<Computation, Unrecognised>;

/// The statistic of a test that a name means. A p-value may say its test: `Fisher's exact test p-value`.
fn of_test(name: &str) -> Option<PartOfTest> {
    // What is left beside the p-value must name a test: an adjusted one is another.
    let rest = name.strip_suffix("p value").or_else(|| name.strip_prefix("p value"));
    let of_named_test = rest.is_some_and(|rest| {
        TESTS
            .iter()
            .any(|(_, names, _)| names.iter().any(|n| rest.trim().strip_suffix(" test").unwrap_or(rest.trim()) == *n))
    });
    if P_VALUE.contains(&name) || of_named_test {
        return Some(|m, o| test(m, o).map(Computation::PValue));
    }
    if STATISTIC.contains(&name) {
        return Some(|m, o| match test(m, o)? {
            Test::FisherExact => {
                Err(Unrecognised::NotOfTest { test: Test::FisherExact.word(), statistic: "test statistic" })
            }
            test => Ok(Computation::TestStatistic(test)),
        });
    }
    if DEGREES.contains(&name) {
        return Some(|m, o| match test(m, o)? {
            Test::FisherExact => {
                Err(Unrecognised::NotOfTest { test: Test::FisherExact.word(), statistic: "degrees of freedom" })
            }
            test => Ok(Computation::Degrees(test)),
        });
    }
    if DENOMINATOR_DEGREES.contains(&name) {
        return Some(|m, o| match test(m, o)? {
            Test::Anova => Ok(Computation::DenominatorDegrees(Test::Anova)),
            test => Err(Unrecognised::NotOfTest { test: test.word(), statistic: "denominator degrees of freedom" }),
        });
    }
    None
}

/// The test that the operation names, or else its method.
fn test(method: &AnalysisMethod, operation: &Operation) -> Result<Test, Unrecognised> {
    let own = format!(
        "{} {} {}",
        operation.name,
        operation.label.as_deref().unwrap_or_default(),
        operation.description.as_deref().unwrap_or_default()
    );
    let around = format!(
        "{} {} {}",
        method.name,
        method.label.as_deref().unwrap_or_default(),
        method.description.as_deref().unwrap_or_default()
    );
    // A word that makes it another test counts wherever it stands.
    let all = words(&format!("{own} {around}"));
    let named = |text: &str| -> Vec<Test> {
        let text = words(text);
        let said = |phrases: &[&str], text: &str| phrases.iter().any(|p| contains(text, p));
        TESTS.iter().filter(|(_, names, not)| said(names, &text) && !said(not, &all)).map(|(test, ..)| *test).collect()
    };
    let (name, method_name) = (operation.name.clone(), method.name.clone());
    let found = match named(&own) {
        found if found.is_empty() => named(&around),
        found => found,
    };
    match found[..] {
        [test] => Ok(test),
        [] => Err(Unrecognised::NoTest { name, method: method_name }),
        _ => {
            let tests = found.iter().map(|t| t.word()).collect::<Vec<_>>().join(", ");
            Err(Unrecognised::SeveralTests { name, method: method_name, tests })
        }
    }
}

/// Whether whole words stand in a text.
fn contains(text: &str, phrase: &str) -> bool {
    format!(" {text} ").contains(&format!(" {phrase} "))
}

/// Lower case, words and numbers only, one blank between; `%` is a word.
fn words(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| match c {
            '%' => " percent ".to_owned(),
            'χ' => "chi".to_owned(),
            c if c.is_alphanumeric() => c.to_lowercase().collect(),
            _ => " ".to_owned(),
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(method: &str, name: &str, label: &str) -> Result<Computation, Unrecognised> {
        let method = AnalysisMethod { name: method.to_owned(), ..AnalysisMethod::default() };
        let label = (!label.is_empty()).then(|| label.to_owned());
        recognise(&method, &Operation { name: name.to_owned(), label, ..Operation::default() })
    }

    #[test]
    fn no_name_stands_in_two_rows() {
        let mut names: Vec<&str> = OPERATIONS.iter().flat_map(|row| row.names).copied().collect();
        names.extend(P_VALUE.iter().chain(STATISTIC).chain(DEGREES).chain(DENOMINATOR_DEGREES));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(OPERATIONS.iter().flat_map(|row| row.names).all(|n| words(n) == *n));
    }

    #[test]
    fn a_name_is_recognised_whatever_its_case_and_signs() {
        assert_eq!(told("", "Count of Non-Missing values", "n"), Ok(Computation::Values));
        assert_eq!(told("", "% of subjects", ""), Ok(Computation::Percent));
        assert_eq!(told("", "Percent of subjects", ""), Ok(Computation::Percent));
        assert_eq!(
            told("", "Least squares mean", "Mean"),
            Err(Unrecognised::Name { name: "Least squares mean".into() })
        );
        assert_eq!(
            told("", "Hodges-Lehmann estimate", "HL"),
            Err(Unrecognised::Name { name: "Hodges-Lehmann estimate".into() })
        );
    }

    #[test]
    fn a_p_value_needs_one_test_that_is_known() {
        let p = |method: &str| told(method, "P-value", "p-value");
        assert_eq!(p("Comparison of groups by Pearson's chi-square test"), Ok(Computation::PValue(Test::ChiSquare)));
        assert_eq!(p("ANOVA group comparison"), Ok(Computation::PValue(Test::Anova)));
        assert_eq!(p("Fisher's exact test"), Ok(Computation::PValue(Test::FisherExact)));
        assert!(matches!(p("Cochran-Mantel-Haenszel chi-square test"), Err(Unrecognised::NoTest { .. })));
        assert!(matches!(p("Two-way ANOVA"), Err(Unrecognised::NoTest { .. })));
        assert!(matches!(
            p("Chi-square test, or Fisher's exact test when counts are small"),
            Err(Unrecognised::SeveralTests { .. })
        ));
        assert_eq!(told("Tests", "Fisher's exact test p-value", ""), Ok(Computation::PValue(Test::FisherExact)));
        assert!(matches!(told("Fisher's exact test", "Statistic", ""), Err(Unrecognised::NotOfTest { .. })));
    }
}
