//! Would the gateway of the FDA refuse this submission's study data?
//!
//! The technical rejection criteria (FDA, Technical Rejection Criteria for Study Data, revised 2019-01-22) ask about
//! the backbone of an eCTD: which file lies in which section, and which study tagging file (STF) names it with which tags.
//!
//! | number | asks |
//! |---|---|
//! | 1789 | is every file of a study section named by a study tagging file? |
//! | 1734 | has each study a ts.xpt of its own that states when the study began? |
//! | 1735 | do datasets and definitions bear the tags that say what they are? |
//! | 1736 | is there dm.xpt (adsl.xpt) and define.xml for standard datasets? |
//!
//! 1734 to 1736 are asked in twelve sections only ([`STUDY_DATA_SECTIONS`]). The gateway stops at the first that fails; here all are told, in its order.
//!
//! A submission comes in as a list of its current leaves; reading the backbone and the files is the caller's.

use crate::date::{Date, is_complete};
use std::collections::{BTreeMap, BTreeSet};

/// Sections in which study data are asked for.
pub const STUDY_DATA_SECTIONS: [&str; 12] = [
    "4.2.3.1", "4.2.3.2", "4.2.3.4", "5.3.1.1", "5.3.1.2", "5.3.3.1", "5.3.3.2", "5.3.3.3", "5.3.3.4", "5.3.4",
    "5.3.5.1", "5.3.5.2",
];

/// Sections of studies whose files need no study tagging file.
const WITHOUT_TAGGING_FILE: [&str; 4] = ["4.3", "5.2", "5.3.6", "5.4"];

/// Tags of standard datasets, with the first number of the sections that they belong to.
const DATASET_TAGS: [(&str, &str); 3] =
    [("data-tabulation-dataset-send", "4"), ("data-tabulation-dataset-sdtm", "5"), ("analysis-dataset-adam", "5")];

/// Tags of datasets that follow no standard: the criteria do not ask about these.
const OTHER_TAGS: [&str; 3] = ["data-tabulation-dataset-legacy", "analysis-dataset-legacy", "data-listing-dataset"];

/// Tags of definitions.
const DEFINITION_TAGS: [&str; 3] =
    ["data-tabulation-data-definition", "analysis-data-definition", "data-listing-data-definition"];

/// A file of the submission, as its backbone has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// Path from the sequence's folder, `m5/datasets/study-101/tabulations/sdtm/dm.xpt`.
    pub path: String,
    /// Heading, `5.3.5.1`.
    pub section: String,
    /// `study-id` of the study tagging file that names it.
    pub study: Option<String>,
    /// File tags that the study tagging file gives it.
    pub tags: Vec<String>,
    /// It is itself a study tagging file.
    pub is_tagging_file: bool,
}

/// A record of a ts.xpt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SummaryRecord {
    /// STUDYID.
    pub study: String,
    /// TSPARMCD.
    pub code: String,
    /// TSVAL.
    pub value: String,
    /// TSVALNF.
    pub null_flavor: String,
}

/// A criterion that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 1734, 1735, 1736 or 1789.
    pub criterion: u16,
    /// Heading.
    pub section: String,
    /// Study, if one is named.
    pub study: Option<String>,
    /// File, if it is about one.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

fn file_name(leaf: &Leaf) -> String {
    leaf.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

fn is_in(section: &str, heading: &str) -> bool {
    section == heading || section.strip_prefix(heading).is_some_and(|rest| rest.starts_with('.'))
}

fn is_study_section(section: &str) -> bool {
    let exempt = WITHOUT_TAGGING_FILE.iter().any(|heading| is_in(section, heading));
    !exempt && (is_in(section, "4.2") || is_in(section, "5.3"))
}

fn asks_for_data(section: &str) -> bool {
    STUDY_DATA_SECTIONS.iter().any(|heading| is_in(section, heading))
}

/// The criteria that a submission does not meet, in the gateway's order. `summaries` holds the records of each ts.xpt by its path.
pub fn refusals(leaves: &[Leaf], summaries: &BTreeMap<String, Vec<SummaryRecord>>) -> Vec<Refusal> {
    let mut found = untagged(leaves);
    let mut studies: BTreeMap<(&str, &str), Vec<&Leaf>> = BTreeMap::new();
    for leaf in leaves.iter().filter(|leaf| asks_for_data(&leaf.section)) {
        if let Some(study) = &leaf.study {
            studies.entry((&leaf.section, study)).or_default().push(leaf);
        }
    }
    found.extend(studies.iter().filter_map(|(&(section, study), files)| start(section, study, files, summaries)));
    found.extend(studies.values().flatten().filter_map(|leaf| tags(leaf)));
    found.extend(studies.iter().flat_map(|(&(section, study), files)| standard_data(section, study, files)));
    found
}

/// 1789.
fn untagged(leaves: &[Leaf]) -> Vec<Refusal> {
    let lacks = |leaf: &&Leaf| is_study_section(&leaf.section) && leaf.study.is_none() && !leaf.is_tagging_file;
    let refusal = |leaf: &Leaf| Refusal {
        criterion: 1789,
        section: leaf.section.clone(),
        study: None,
        path: Some(leaf.path.clone()),
        message: "no study tagging file names this file".to_owned(),
        hint: "name it, with its tags, in the study tagging file of its study".to_owned(),
    };
    leaves.iter().filter(lacks).map(refusal).collect()
}

/// 1734.
fn start(
    section: &str,
    study: &str,
    files: &[&Leaf],
    summaries: &BTreeMap<String, Vec<SummaryRecord>>,
) -> Option<Refusal> {
    let refusal = |path: Option<&str>, message: String, hint: &str| {
        let (section, study, path) = (section.to_owned(), Some(study.to_owned()), path.map(str::to_owned));
        Some(Refusal { criterion: 1734, section, study, path, message, hint: hint.to_owned() })
    };
    let code = if section.starts_with('4') { "STSTDTC" } else { "SSTDTC" };
    let simplified =
        "add ts.xpt; where no other data are due, one record with STUDYID, TSPARMCD, TSVAL and TSVALNF is enough";
    let Some(leaf) = files.iter().find(|leaf| file_name(leaf) == "ts.xpt") else {
        return refusal(None, "the study has no ts.xpt".to_owned(), simplified);
    };
    let Some(records) = summaries.get(&leaf.path) else {
        let message = "ts.xpt was not read".to_owned();
        return refusal(Some(&leaf.path), message, "see whether the file opens as a transport file");
    };
    let names: BTreeSet<&str> = records.iter().map(|record| record.study.as_str()).collect();
    if !names.contains(study) || names.len() > 1 {
        let names: Vec<&str> = names.into_iter().collect();
        let message = format!("STUDYID of ts.xpt is `{}`, the study tagging file says `{study}`", names.join("`, `"));
        return refusal(Some(&leaf.path), message, "write the same identifier in both");
    }
    let stated = records.iter().filter(|record| record.code == code).collect::<Vec<_>>();
    if stated.is_empty() {
        let message = format!("ts.xpt does not state the start of the study ({code})");
        return refusal(Some(&leaf.path), message, simplified);
    }
    let is_date = |text: &str| is_complete(text) && Date::read(text).is_some_and(|date| date.day().is_some());
    let good = |record: &&&SummaryRecord| {
        if record.value.is_empty() { !record.null_flavor.is_empty() } else { is_date(&record.value) }
    };
    if stated.iter().any(|record| good(&record)) {
        return None;
    }
    let message = format!("{code} is `{}`, which is no date in ISO 8601", stated[0].value);
    refusal(
        Some(&leaf.path),
        message,
        "write it as YYYY-MM-DD; where there is none, leave TSVAL empty and say why in TSVALNF",
    )
}

/// 1735.
fn tags(leaf: &Leaf) -> Option<Refusal> {
    let name = file_name(leaf);
    let has = |tag: &str| leaf.tags.iter().any(|own| own == tag);
    let standard = DATASET_TAGS.iter().find(|(tag, _)| has(tag));
    let message = if name == "define.xml" {
        if DEFINITION_TAGS.iter().any(|tag| has(tag)) {
            return None;
        }
        "define.xml bears no tag of a data definition".to_owned()
    } else if !name.ends_with(".xpt") || OTHER_TAGS.iter().any(|tag| has(tag)) {
        return None;
    } else {
        match standard {
            None => "the dataset bears no tag of a dataset".to_owned(),
            Some((_, module)) if leaf.section.starts_with(module) => return None,
            Some((tag, module)) => format!("the tag {tag} belongs to module {module}"),
        }
    };
    let hint = if name == "define.xml" {
        "tag it data-tabulation-data-definition or analysis-data-definition"
    } else if leaf.section.starts_with('4') {
        "tag it data-tabulation-dataset-send"
    } else {
        "tag it data-tabulation-dataset-sdtm or analysis-dataset-adam"
    };
    let (section, study, path) = (leaf.section.clone(), leaf.study.clone(), Some(leaf.path.clone()));
    Some(Refusal { criterion: 1735, section, study, path, message, hint: hint.to_owned() })
}

/// 1736. A study with nothing but its trial summary owes no more.
fn standard_data(section: &str, study: &str, files: &[&Leaf]) -> Vec<Refusal> {
    let tagged = |leaf: &Leaf, tag: &str| leaf.tags.iter().any(|own| own == tag);
    let mut found = Vec::new();
    for (tag, _) in DATASET_TAGS {
        let datasets: Vec<String> = files.iter().filter(|leaf| tagged(leaf, tag)).map(|leaf| file_name(leaf)).collect();
        if datasets.iter().all(|name| name == "ts.xpt") {
            continue;
        }
        let (dataset, definition) = match tag {
            "analysis-dataset-adam" => ("adsl.xpt", "analysis-data-definition"),
            _ => ("dm.xpt", "data-tabulation-data-definition"),
        };
        let mut lacks = |what: &str, tag: &str| {
            found.push(Refusal {
                criterion: 1736,
                section: section.to_owned(),
                study: Some(study.to_owned()),
                path: None,
                message: format!("the study has no {what} tagged {tag}"),
                hint: format!("add {what}, or tag the one that is there"),
            });
        };
        if !datasets.iter().any(|name| name == dataset) {
            lacks(dataset, tag);
        }
        if !files.iter().any(|leaf| file_name(leaf) == "define.xml" && tagged(leaf, definition)) {
            lacks("define.xml", definition);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(path: &str, section: &str, study: &str, tags: &[&str]) -> Leaf {
        Leaf {
            path: path.to_owned(),
            section: section.to_owned(),
            study: (!study.is_empty()).then(|| study.to_owned()),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            is_tagging_file: false,
        }
    }

    fn summary(study: &str, code: &str, value: &str, null_flavor: &str) -> SummaryRecord {
        let own = str::to_owned;
        SummaryRecord { study: own(study), code: own(code), value: own(value), null_flavor: own(null_flavor) }
    }

    const SEND: &str = "data-tabulation-dataset-send";
    const SDTM: &str = "data-tabulation-dataset-sdtm";
    const DEFINITION: &str = "data-tabulation-data-definition";

    /// A nonclinical study as it should be: report, SEND datasets, definition.
    fn nonclinical() -> (Vec<Leaf>, BTreeMap<String, Vec<SummaryRecord>>) {
        let mut stf = leaf("m4/stf-tox-001.xml", "4.2.3.2", "", &[]);
        stf.is_tagging_file = true;
        let leaves = vec![
            stf,
            leaf("m4/tox-001-report.pdf", "4.2.3.2", "TOX-001", &["pre-clinical-study-report"]),
            leaf("m4/datasets/ts.xpt", "4.2.3.2", "TOX-001", &[SEND]),
            leaf("m4/datasets/dm.xpt", "4.2.3.2", "TOX-001", &[SEND]),
            leaf("m4/datasets/define.xml", "4.2.3.2", "TOX-001", &[DEFINITION]),
            leaf("m5/literature.pdf", "5.4", "", &[]),
        ];
        let records = vec![summary("TOX-001", "STSTDTC", "2024-03-01", "")];
        (leaves, BTreeMap::from([("m4/datasets/ts.xpt".to_owned(), records)]))
    }

    fn numbers(leaves: &[Leaf], summaries: &BTreeMap<String, Vec<SummaryRecord>>) -> Vec<u16> {
        refusals(leaves, summaries).into_iter().map(|refusal| refusal.criterion).collect()
    }

    #[test]
    fn a_study_with_summary_demographics_definition_and_tags_is_taken() {
        let (leaves, summaries) = nonclinical();
        assert!(refusals(&leaves, &summaries).is_empty());
    }

    #[test]
    fn a_file_that_no_tagging_file_names_is_refused() {
        let (mut leaves, summaries) = nonclinical();
        leaves[1].study = None;
        assert_eq!(numbers(&leaves, &summaries), [1789]);
        leaves[1].section = "5.3.6".to_owned();
        assert!(numbers(&leaves, &summaries).is_empty(), "postmarketing reports need none");
    }

    #[test]
    fn a_study_states_when_it_began() {
        let (leaves, mut summaries) = nonclinical();
        let mut with = |records: Vec<SummaryRecord>| {
            summaries.insert("m4/datasets/ts.xpt".to_owned(), records);
            numbers(&leaves, &summaries)
        };
        assert_eq!(
            with(vec![summary("TOX-001", "SSTDTC", "2024-03-01", "")]),
            [1734],
            "that is the clinical parameter"
        );
        assert_eq!(with(vec![summary("TOX-1", "STSTDTC", "2024-03-01", "")]), [1734]);
        assert_eq!(with(vec![summary("TOX-001", "STSTDTC", "01MAR2024", "")]), [1734]);
        assert_eq!(with(vec![summary("TOX-001", "STSTDTC", "2024-03", "")]), [1734]);
        assert_eq!(with(vec![summary("TOX-001", "STSTDTC", "", "")]), [1734]);
        assert!(with(vec![summary("TOX-001", "STSTDTC", "", "NA")]).is_empty(), "no date, and a reason");
        assert_eq!(with(Vec::new()), [1734]);
        summaries.clear();
        assert_eq!(numbers(&leaves, &summaries), [1734], "a summary that cannot be read");
    }

    #[test]
    fn a_report_alone_owes_a_simplified_summary_and_nothing_else() {
        let report = leaf("m5/report.pdf", "5.3.5.1", "S1", &["study-report-body"]);
        assert_eq!(numbers(std::slice::from_ref(&report), &BTreeMap::new()), [1734]);
        let ts = leaf("m5/ts.xpt", "5.3.5.1", "S1", &[SDTM]);
        let summaries = BTreeMap::from([("m5/ts.xpt".to_owned(), vec![summary("S1", "SSTDTC", "2014-01-02", "")])]);
        assert!(numbers(&[report.clone(), ts], &summaries).is_empty());
        let elsewhere = Leaf { section: "5.3.5.3".to_owned(), ..report };
        assert!(numbers(&[elsewhere], &BTreeMap::new()).is_empty(), "no data are asked for there");
    }

    #[test]
    fn datasets_and_definitions_bear_their_tags() {
        let (mut leaves, summaries) = nonclinical();
        leaves[3].tags = vec![SDTM.to_owned()];
        assert_eq!(numbers(&leaves, &summaries), [1735], "SDTM belongs to module 5");
        leaves[3].tags = vec![SEND.to_owned()];
        leaves[4].tags.clear();
        assert_eq!(numbers(&leaves, &summaries), [1735, 1736]);
        leaves[4].tags = vec![DEFINITION.to_owned()];
        leaves[3].tags = vec!["data-tabulation-dataset-legacy".to_owned()];
        assert!(numbers(&leaves, &summaries).is_empty(), "legacy data follow no standard");
    }

    #[test]
    fn standard_data_have_demographics_and_a_definition() {
        let (mut leaves, summaries) = nonclinical();
        leaves[3].path = "m4/datasets/bw.xpt".to_owned();
        assert_eq!(numbers(&leaves, &summaries), [1736]);
        let (mut leaves, mut summaries) = nonclinical();
        let analysis = ["analysis-dataset-adam"];
        leaves.push(leaf("m5/ts.xpt", "5.3.5.1", "S1", &[SDTM]));
        leaves.push(leaf("m5/adae.xpt", "5.3.5.1", "S1", &analysis));
        summaries.insert("m5/ts.xpt".to_owned(), vec![summary("S1", "SSTDTC", "2014-01-02", "")]);
        let found = refusals(&leaves, &summaries);
        let messages: Vec<&str> = found.iter().map(|refusal| refusal.message.as_str()).collect();
        assert_eq!(messages.len(), 2);
        assert!(messages[0].contains("adsl.xpt") && messages[1].contains("define.xml"));
    }
}
