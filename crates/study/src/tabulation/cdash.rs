//! What does an item's name say?
//!
//! CDASHIG names a field as the SDTM variable that it becomes, with a few regular differences:
//!
//! | name | goes to |
//! |---|---|
//! | `AETERM`, `VSPOS`, `SEX` | the variable of that name |
//! | `AESTDAT`, `AESTTIM`, `LBDAT`, `BRTHDAT` | `AESTDTC`, `LBDTC`, `BRTHDTC`: date and time together |
//! | `RFICDAT` | `RFICDTC`, and the protocol milestone of DS |
//! | `VSORRES_SYSBP`, `SYSBP_VSORRES` | `VSORRES` of the records of SYSBP |
//! | `MHOCCUR_DIABETES` | `MHOCCUR` of a pre-specified record |
//! | `SYSBP` in a group of VS | `VSORRES` of SYSBP, a term of the code list of `VSTESTCD` |
//! | `VSPERF` | `VSSTAT` |
//! | `MHONGO` | `MHENRTPT` |
//! | `CMAENO`, `CMMHNO`, `AECMNO` | `RELREC` to the row of that log |
//! | `CMDSTXT` | `CMDOSTXT` |
//! | `VSCLSIG`, `AETRTEM`, `RACEOTH`, `RACE1` | a supplemental qualifier, where the version has no such variable |
//! | `AEYN`, `CMYN`, `IEYN` | nowhere: the question only leads to others |
//!
//! Source: CDISC CDASHIG 2.x and its metadata table, SDTMIG mapping column; facts only.

use super::dictionary::Dictionary;
use super::target::Target;

/// What a name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It goes there.
    Targets(Vec<Target>),
    /// It goes nowhere, for this reason.
    NotSubmitted(&'static str),
}

/// Why a CDASH prompt `--YN` is not submitted.
const PROMPT: &str = "asks only whether there is something to record";

/// Supplemental qualifiers that CDASH names, where the guide's version has no variable for them.
const QUALIFIERS: [&str; 3] = ["CLSIG", "TRTEM", "CLSIGYN"];

/// The two-letter domain that a name begins with, when the guide has it and the name says something in it.
pub fn domain_of(name: &str, dictionary: &Dictionary) -> Option<String> {
    let domain = name.get(..2)?;
    if dictionary.is_general(domain) && prefixed(name, domain, dictionary).is_some() {
        return Some(domain.to_owned());
    }
    if let Some((variable, _)) = tested(name, dictionary) {
        return variable.get(..2).map(str::to_owned);
    }
    (demographic(name, dictionary).is_some()).then(|| "DM".to_owned())
}

/// What a name says in a group whose items are mostly of this domain. `label` is what site staff read.
pub fn by_name(name: &str, label: &str, group: Option<&str>, dictionary: &Dictionary) -> Option<Said> {
    if group == Some("DM")
        && let Some(said) = demographic(name, dictionary)
    {
        return Some(said);
    }
    let own = name.get(..2).filter(|d| dictionary.is_general(d));
    if let Some(said) = own.and_then(|domain| prefixed(name, domain, dictionary)) {
        return Some(said);
    }
    if let Some((variable, other)) = tested(name, dictionary) {
        return of_one(variable, other, label, dictionary);
    }
    // `HR` in a group of EG: the whole name is a test of its domain.
    if let Some(domain) = group.filter(|d| dictionary.is_findings(d))
        && dictionary.test(domain, name).is_some()
    {
        return Some(Said::Targets(vec![Target::of_test(domain, &format!("{domain}ORRES"), name)]));
    }
    demographic(name, dictionary)
}

fn target(dataset: &str, variable: &str) -> Option<Said> {
    Some(Said::Targets(vec![Target::variable(dataset, variable)]))
}

/// A name that begins with its domain.
fn prefixed(name: &str, domain: &str, dictionary: &Dictionary) -> Option<Said> {
    let suffix = name.strip_prefix(domain)?;
    if suffix == "YN" {
        return Some(Said::NotSubmitted(PROMPT));
    }
    if matches!(suffix, "AENO" | "MHNO" | "CMNO") && dictionary.variable(domain, name).is_none() {
        return Some(Said::Targets(vec![Target::Related { to: suffix.get(..2)?.to_owned() }]));
    }
    if let Some(variable) = variable_of(name, domain, dictionary) {
        return target(domain, &variable);
    }
    QUALIFIERS.contains(&suffix).then(|| target(&format!("SUPP{domain}"), name)).flatten()
}

/// The variable of a domain that a name means.
fn variable_of(name: &str, domain: &str, dictionary: &Dictionary) -> Option<String> {
    let suffix = name.strip_prefix(domain)?;
    let renamed = match suffix {
        "PERF" => "STAT".to_owned(),
        "ONGO" => "ENRTPT".to_owned(),
        "DSTXT" => "DOSTXT".to_owned(),
        other => dated(other).unwrap_or_else(|| other.to_owned()),
    };
    let variable = format!("{domain}{renamed}");
    let made = ["SEQ", "DY", "STDY", "ENDY", "BLFL", "LOBXFL"].contains(&renamed.as_str());
    (!made && dictionary.variable(domain, &variable).is_some()).then_some(variable)
}

/// `STDAT` and `STTIM` are `STDTC`.
fn dated(name: &str) -> Option<String> {
    let stem = name.strip_suffix("DAT").or_else(|| name.strip_suffix("TIM"))?;
    Some(format!("{stem}DTC"))
}

/// A name of DM, whose variables have no prefix.
fn demographic(name: &str, dictionary: &Dictionary) -> Option<Said> {
    if ["STUDYID", "DOMAIN", "USUBJID", "SUBJID", "DMDY"].contains(&name) {
        return None;
    }
    let variable = dated(name).unwrap_or_else(|| name.to_owned());
    if variable == "RFICDTC" {
        let milestone = [("DSDECOD", "INFORMED CONSENT OBTAINED"), ("DSCAT", "PROTOCOL MILESTONE")];
        return Some(Said::Targets(vec![
            Target::variable("DM", "RFICDTC"),
            Target::Variable {
                dataset: "DS".to_owned(),
                variable: "DSSTDTC".to_owned(),
                conditions: milestone.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec(),
            },
        ]));
    }
    if dictionary.variable("DM", &variable).is_some() {
        return target("DM", &variable);
    }
    let of_several = name.strip_prefix("RACE").is_some_and(|n| matches!(n, "1" | "2" | "3" | "4" | "5" | "OTH"));
    of_several.then(|| target("SUPPDM", name)).flatten()
}

/// `VSORRES_SYSBP` and `SYSBP_VSORRES`: the field's name and the other half.
fn tested<'n>(name: &'n str, dictionary: &Dictionary) -> Option<(&'n str, &'n str)> {
    let splits = name.match_indices('_').filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)));
    let halves: Vec<(&str, &str)> = splits.filter(|(a, b)| !a.is_empty() && !b.is_empty()).collect();
    let of_domain = |field: &str, other: &str| {
        let domain = field.get(..2).filter(|d| dictionary.is_general(d))?;
        variable_of(field, domain, dictionary)?;
        // A finding's other half is a test; an event's or intervention's is what was asked for.
        let finding = dictionary.is_findings(domain);
        let occurs = matches!(field.get(2..), Some("OCCUR" | "PRESP"));
        let fits = if finding { dictionary.test(domain, other).is_some() } else { occurs };
        fits.then_some(())
    };
    halves.iter().find_map(|&(a, b)| of_domain(a, b).map(|()| (a, b)).or_else(|| of_domain(b, a).map(|()| (b, a))))
}

/// A field of one test, or of one pre-specified event or intervention, which CDASH asks for by its label.
fn of_one(field: &str, other: &str, label: &str, dictionary: &Dictionary) -> Option<Said> {
    let domain = field.get(..2)?;
    let variable = variable_of(field, domain, dictionary)?;
    if dictionary.is_findings(domain) {
        return Some(Said::Targets(vec![Target::of_test(domain, &variable, other)]));
    }
    let topic = if dictionary.variable(domain, &format!("{domain}TERM")).is_some() { "TERM" } else { "TRT" };
    let conditions = vec![(format!("{domain}{topic}"), label.to_uppercase())];
    Some(Said::Targets(vec![Target::Variable { dataset: domain.to_owned(), variable, conditions }]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_design::definition::Definition;

    fn said(name: &str, group: Option<&str>) -> String {
        let definition = Definition::parse("[study]\nid = \"X\"\ntitle = \"x\"\n").unwrap();
        let dictionary = Dictionary::of(&definition).unwrap();
        match by_name(name, "Label", group, &dictionary) {
            None => "?".to_owned(),
            Some(Said::NotSubmitted(why)) => why.to_owned(),
            Some(Said::Targets(targets)) => targets.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        }
    }

    #[test]
    fn names_say_where_their_values_go() {
        for (name, group, expected) in [
            ("AETERM", None, "AE.AETERM"),
            ("AESTDAT", None, "AE.AESTDTC"),
            ("AESTTIM", None, "AE.AESTDTC"),
            ("LBDAT", Some("LB"), "LB.LBDTC"),
            ("VSREPNUM", None, "VS.VSREPNUM"),
            ("BRTHDAT", Some("DM"), "DM.BRTHDTC"),
            ("SEX", None, "DM.SEX"),
            ("RACE2", Some("DM"), "SUPPDM.RACE2"),
            ("AEYN", Some("AE"), PROMPT),
            ("VSPERF", Some("VS"), "VS.VSSTAT"),
            ("MHONGO", Some("MH"), "MH.MHENRTPT"),
            ("CMAENO", Some("CM"), "RELREC to AE"),
            ("CMDSTXT", Some("CM"), "CM.CMDOSTXT"),
            ("AETRTEM", Some("AE"), "SUPPAE.AETRTEM"),
            ("VSORRES_SYSBP", None, "VS.VSORRES where VSTESTCD = SYSBP"),
            ("SYSBP_VSORRES", None, "VS.VSORRES where VSTESTCD = SYSBP"),
            ("SYSBP_VSPOS", None, "VS.VSPOS where VSTESTCD = SYSBP"),
            ("MHOCCUR_DIABETES", None, "MH.MHOCCUR where MHTERM = LABEL"),
            ("SYSBP", Some("VS"), "VS.VSORRES where VSTESTCD = SYSBP"),
            ("K", Some("LB"), "LB.LBORRES where LBTESTCD = K"),
            ("SYSBP", None, "?"),
            ("K", Some("VS"), "?"),
            ("FAVOURITE", Some("DM"), "?"),
            ("VSORRES_NOTEST", Some("VS"), "?"),
            ("AESEQ", Some("AE"), "?"),
            ("É", Some("VS"), "?"),
        ] {
            assert_eq!(said(name, group), expected, "{name} in {group:?}");
        }
        assert!(said("RFICDAT", None).starts_with("DM.RFICDTC; DS.DSSTDTC where DSDECOD = INFORMED CONSENT OBTAINED"));
    }
}
