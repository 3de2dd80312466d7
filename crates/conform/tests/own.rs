//! What do croft's own rules find in published studies?
//!
//! The page `docs/own-rules.md` lists the rules with their counts, and what was judged of each. `CROFT_BLESS=1 cargo test -p croft-conform --test own`
//! writes it anew; a count that has no judgement fails.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_cdisc::charset::Charset;
use croft_cdisc::files::{LoadOptions, load};
use croft_conform::own;
use croft_conform::run::{Options, Outcome, Status, meant_for, run};
use croft_conform::study::{Study, Table};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// A folder of the reference data, and what it is checked against.
struct Source {
    /// What stands over its column.
    name: &'static str,
    folder: &'static str,
    extensions: [&'static str; 2],
    product: &'static str,
    version: &'static str,
}

const SOURCES: [Source; 5] = [
    Source {
        name: "pilot ADaM",
        folder: "pilot-adam",
        extensions: [".xpt", ".xpt.xz"],
        product: "adamig",
        version: "1.3",
    },
    Source {
        name: "Dataset-JSON ADaM",
        folder: "datasetjson-1.1/adam",
        extensions: [".dsjc", "adlbhy.xpt.xz"],
        product: "adamig",
        version: "1.3",
    },
    Source {
        name: "pilot SDTM",
        folder: "pilot-sdtm",
        extensions: [".xpt", ".xpt.xz"],
        product: "sdtmig",
        version: "3.3",
    },
    Source {
        name: "MSG SDTM",
        folder: "datasetjson-1.1/sdtm",
        extensions: [".dsjc", ".dsjc"],
        product: "sdtmig",
        version: "3.3",
    },
    Source {
        name: "SEND",
        folder: "datasetjson-1.1/send",
        extensions: [".dsjc", ".dsjc"],
        product: "sendig",
        version: "3.1",
    },
];

/// What was judged of a rule's findings.
const JUDGED: [(&str, &str); 9] = [
    (
        "CROFT-ADAM-0002",
        "True. The transport file of ADSL has no label; the Dataset-JSON form has `Subject-Level Analysis`, which is not the guide's.",
    ),
    (
        "CROFT-ADAM-0006",
        "True against OCCDS 1.1: ADAE has no AEBDSYCD, AESTDTC and AEENDTC. The pilot is older than the guide that requires them.",
    ),
    ("CROFT-ADAM-0023", "True. 65 events before treatment have TRTEMFL N where the guide has an empty value."),
    (
        "CROFT-ADAM-0044",
        "True, and a flaw of the published files: adlbc and adlbh of the Dataset-JSON examples have TRTSDT and TRTEDT ten years (3,653 days) \
         later than adsl, all else alike; 37,132 and 24,966 records, two variables each.",
    ),
    (
        "CROFT-ADAM-0049",
        "True: ADURN, ADURU and AOCCFL of ADAE, PARAM and SRCDOM of ADTTE have labels of the study's own (in the Dataset-JSON form PARAM has \
         the guide's).",
    ),
    (
        "CROFT-ADAM-0063",
        "True. Half of the parameters of ADLBC, the changes from the previous visit, have codes that begin with an underscore (`_SODIUM`).",
    ),
    ("CROFT-FILE-0004", "True. The transport files of the pilot, and ADLBHY, bear no label of a dataset."),
    ("CROFT-FILE-0006", "True. Three values of TS have a curly apostrophe in windows-1252."),
    (
        "CROFT-TRC-1734-2",
        "True. The pilot's TS is of SDTMIG 3.1.2 and has no SSTDTC: the gateway would refuse the study today.",
    ),
];

fn study(source: &Source, folder: &Path) -> Study {
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join(source.folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut tables = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !source.extensions.iter().any(|extension| name.ends_with(extension)) {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        // TS of the pilot holds curly quotes of windows-1252, which no strict reader takes.
        let charset = (name == "ts.xpt").then(|| Charset::named("windows-1252").unwrap());
        for loaded in load(name, &bytes, &LoadOptions { charset, ..LoadOptions::default() }).unwrap() {
            let file = name.strip_suffix(".xz").unwrap_or(name);
            tables.push(Table::of(&loaded.dataset, file, bytes.len() as u64));
        }
    }
    Study::new(tables, source.product, source.version)
}

fn outcomes(study: &Study) -> BTreeMap<String, Outcome> {
    let rules: Vec<_> = own::rules().iter().map(|own| &own.rule).filter(|rule| meant_for(rule, study)).collect();
    run(study, &rules, Options { threads: 2, most_findings: usize::MAX }, &|| 0.0)
        .into_iter()
        .map(|outcome| (outcome.rule.clone(), outcome))
        .collect()
}

const HEAD: &str = "# The rules that come with croft

One page a rule, in [`crates/conform/rules`](../crates/conform/rules): what it does, why it matters, a failing example, a passing example, the source, and the
rule in the published form. The examples are the rule's test: each marked record must be found, and no other.

Ids say what a rule is for: `CROFT-ADAM` analysis datasets, `CROFT-TAB` tabulation datasets, `CROFT-FILE` any dataset file, `CROFT-TRC` the technical rejection
criteria of the FDA that datasets alone decide (1734, 1736). 1735 and 1789, and both of these as the gateway asks them, need the backbone of the
submission: `croft_conform::submission` decides them over a list of its files.

Sections are those of ADaMIG 1.3; where a section is large, the group of variables is named as croft's tables of the guide name it (`Occurrence Flag`).
A rule about a status, a derivation type or a label can be right by the standard and wrong for a study that had a reason; such a finding is accepted with the reason.

## What the published form cannot say

| own word | what it means |
|---|---|
| `croft_each_variable` | the rule is asked of each variable whose whole name matches; `<0>` is the name, `<1>` the first group |
| `croft_varies_within` | the value is one of several in its group; empty values are none, and a group's variable that is not there does not count |
| `croft_is_not_calculated` | the number differs from the formula by more than a part in 10^10 of what the formula adds up; with `as_rounded`, by more than half a unit of its last decimal too |
| `croft_is_calculated` | the number agrees with the formula |

## What they find

Counts of findings in CDISC's pilot study (transport files), the same study in CDISC's Dataset-JSON examples, the pilot's tabulation datasets, and the examples of
SDTM-MSG and SEND. `0`: it looked and found nothing. `–`: it had nothing to look at. Empty: it is not meant for these data.
";

fn page(results: &[BTreeMap<String, Outcome>]) -> String {
    let mut page = HEAD.to_owned();
    let count = |prefix: &str| own::rules().iter().filter(|own| own.rule.id.starts_with(prefix)).count();
    let (adam, tab, file, trc) = (count("CROFT-ADAM"), count("CROFT-TAB"), count("CROFT-FILE"), count("CROFT-TRC"));
    let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
    writeln!(page, "\n{} rules: {adam} ADAM, {tab} TAB, {file} FILE, {trc} TRC.\n", own::rules().len()).unwrap();
    writeln!(page, "| rule | title | source | {} |\n|---|---|---|---|---|---|---|---|", names.join(" | ")).unwrap();
    for own in own::rules() {
        let cells = results.iter().map(|outcomes| match outcomes.get(&own.rule.id) {
            None => String::new(),
            Some(outcome) if outcome.status == Status::Skipped => "–".to_owned(),
            Some(outcome) => outcome.findings.len().to_string(),
        });
        let sources: Vec<&str> = own.sources.iter().map(|source| source.split(": ").next().unwrap_or(source)).collect();
        let cells: Vec<String> = cells.collect();
        let id = &own.rule.id;
        let link = format!("[{id}](../crates/conform/rules/{id}.md)");
        writeln!(page, "| {link} | {} | {} | {} |", own.title, sources.join("; "), cells.join(" | ")).unwrap();
    }
    page.push_str("\n## What was judged of the findings\n\n| rule | judgement |\n|---|---|\n");
    for (rule, judgement) in JUDGED {
        writeln!(page, "| {rule} | {judgement} |").unwrap();
    }
    page
}

#[test]
fn the_own_rules_find_in_published_studies_what_the_page_says() {
    let Some(folder) = croft_testkit::reference("cdisc") else { return };
    let results: Vec<_> = SOURCES.iter().map(|source| outcomes(&study(source, &folder))).collect();
    for (source, outcomes) in SOURCES.iter().zip(&results) {
        for (rule, outcome) in outcomes {
            assert_ne!(outcome.status, Status::Failed, "{}: {rule}: {:?}", source.name, outcome.why);
            let judged = JUDGED.iter().any(|(id, _)| id == rule);
            let shown: Vec<_> = outcome.findings.iter().take(3).collect();
            assert!(judged || shown.is_empty(), "{}: nobody judged the findings of {rule}: {shown:?}", source.name);
        }
    }
    for (rule, _) in JUDGED {
        let found = results.iter().any(|all| all.get(rule).is_some_and(|outcome| !outcome.findings.is_empty()));
        assert!(found, "{rule} finds nothing any more: its judgement is stale");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/own-rules.md");
    let page = page(&results);
    if std::env::var_os("CROFT_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/own-rules.md is out of date: run with CROFT_BLESS=1 and read the difference");
    croft_testkit::assert_checked("rules", own::rules().len(), 136);
}
