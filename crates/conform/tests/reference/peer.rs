//! Does croft find in whole studies what the published engine finds?
//!
//! Per rule, on the rules that both have. Each rule whose count differs stands in `peer.csv` with its reason, and each that
//! stands there still differs. The page `docs/conformance-peer.md` is made here, as the other one.

use crate::case;
use croft_cdisc::xpt::{self, ReadOptions};
use croft_conform::rule::Rule;
use croft_conform::run::{Options, Status, meant_for, run};
use croft_conform::study::{Study, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// A study that the published engine was run on.
struct Known {
    title: &'static str,
    /// How its table of results is named.
    name: &'static str,
    folder: &'static str,
    without: &'static [&'static str],
}

const STUDIES: [Known; 2] = [
    Known {
        title: "CDISC's example submission (SDTM-MSG 2.0, 27 datasets)",
        name: "sdtm-msg-2.0",
        folder: "cdisc/datasetjson-1.1/sdtm",
        without: &[],
    },
    Known {
        title: "The pilot study without LB, QS and SUPPLB (18 datasets)",
        name: "pilot-no-lb-qs-supplb",
        folder: "cdisc/pilot-sdtm",
        without: &["lb", "qs", "supplb"],
    },
];

/// What stands in the published engine's table: rule, its other ids (two), status, findings, datasets.
type PeerRow = (String, String, String, String, usize, String);

/// One rule on one study.
struct Compared {
    peer: usize,
    peer_status: String,
    ours: usize,
    our_status: Status,
}

impl Compared {
    /// The peer could not run the rule, or counts otherwise.
    fn differs(&self) -> bool {
        self.peer_failed() || self.peer != self.ours
    }

    fn peer_failed(&self) -> bool {
        self.peer_status == "EXECUTION ERROR"
    }

    fn peer_words(&self) -> String {
        if self.peer_failed() { "failed".to_owned() } else { self.peer.to_string() }
    }

    fn our_words(&self) -> String {
        if self.our_status == Status::Failed { "failed".to_owned() } else { self.ours.to_string() }
    }
}

#[test]
fn whole_studies_have_the_findings_that_the_published_engine_reports() {
    let Some(rules) = croft_testkit::reference("cdisc/core-rules") else { return };
    let Some(peer) = croft_testkit::reference("cdisc/core-peer") else { return };
    let rules: Vec<Rule> =
        case::cases(&rules).map(|(_, rule, _)| croft_conform::rule::read::from_json(&rule).unwrap()).collect();
    let mut compared: BTreeMap<(&str, String), Compared> = BTreeMap::new();
    for known in &STUDIES {
        let Some(folder) = croft_testkit::reference(known.folder) else { return };
        let said: Vec<PeerRow> = croft_testkit::csv_rows(peer.join(format!("{}-per-rule.csv", known.name)));
        let said: BTreeMap<String, PeerRow> = said.into_iter().map(|row| (row.0.clone(), row)).collect();
        let study = Study::new(tables(&folder, known.without), "sdtmig", "3.3");
        let both: Vec<&Rule> =
            rules.iter().filter(|rule| meant_for(rule, &study) && said.contains_key(&rule.id)).collect();
        for outcome in run(&study, &both, Options { threads: 2, most_findings: usize::MAX }, &|| 0.0) {
            let (_, _, _, status, findings, _) = &said[&outcome.rule];
            let each = Compared {
                peer: *findings,
                peer_status: status.clone(),
                ours: outcome.findings.len(),
                our_status: outcome.status,
            };
            compared.insert((known.name, outcome.rule), each);
        }
    }
    let reasons = reasons();
    let mut told = String::new();
    for ((study, rule), each) in compared.iter().filter(|(_, each)| each.differs()) {
        if !reasons.contains_key(&((*study).to_owned(), rule.clone())) {
            let (peer, ours) = (each.peer_words(), each.our_words());
            let _ = writeln!(told, "no reason in peer.csv: {study} {rule}: the peer {peer}, croft {ours}");
        }
    }
    for (study, rule) in reasons.keys() {
        let each = compared.iter().find(|((of, id), _)| of == study && id == rule);
        if !each.is_some_and(|(_, each)| each.differs()) {
            let _ = writeln!(told, "in peer.csv, but no difference any more: {study} {rule}");
        }
    }
    assert!(told.is_empty(), "{told}");
    assert!(compared.len() >= 578, "a shrunken set must not pass in silence");
    crate::page::kept("docs/conformance-peer.md", &page(&compared, &reasons));
}

/// Why a count differs, by study and rule.
fn reasons() -> BTreeMap<(String, String), String> {
    let lines = include_str!("peer.csv").lines().skip(1);
    lines
        .map(|line| match line.split(',').collect::<Vec<_>>().as_slice() {
            [study, rule, reason] => (((*study).to_owned(), (*rule).to_owned()), (*reason).to_owned()),
            other => panic!("peer.csv: three fields without commas, not {other:?}"),
        })
        .collect()
}

const HEAD: &str = "# Whole studies beside the published engine

CDISC's own engine (version 0.16.0) was run on two studies, and its counts kept. croft runs the same rules on the same files:
those that the engine selects for SDTMIG 3.3 and that are still published. This page is made by the test that compares:
`CROFT_BLESS=1 cargo test -p croft-conform --test reference` writes it.

A finding is a record, a variable or a dataset that a rule reports, however many variables the report shows of it.
";

fn page(compared: &BTreeMap<(&str, String), Compared>, reasons: &BTreeMap<(String, String), String>) -> String {
    let mut page = HEAD.to_owned();
    for known in &STUDIES {
        let rules: Vec<(&String, &Compared)> = compared
            .iter()
            .filter(|((study, _), _)| *study == known.name)
            .map(|((_, rule), each)| (rule, each))
            .collect();
        let count = |test: &dyn Fn(&Compared) -> bool| rules.iter().filter(|(_, each)| test(each)).count();
        let equal = |each: &Compared| !each.differs();
        let skips = |each: &Compared| each.our_status == Status::Skipped;
        let peer_skips = |each: &Compared| each.peer_status == "SKIPPED";
        let _ = write!(page, "\n## {}\n\n| | Rules |\n|---|---:|\n", known.title);
        let lines: [(&str, usize); 6] = [
            ("run by both", rules.len()),
            ("equal counts", count(&equal)),
            ("of these with findings", count(&|each| equal(each) && each.ours > 0)),
            (
                "of these, nothing found by either",
                count(&|each| equal(each) && each.ours == 0 && !skips(each) && !peer_skips(each)),
            ),
            ("of these, skipped by either or both", count(&|each| equal(each) && (skips(each) || peer_skips(each)))),
            ("different", rules.len() - count(&equal)),
        ];
        for (what, count) in lines {
            let _ = writeln!(page, "| {what} | {count} |");
        }
        page += "\n| Rule | Published engine | croft | Why |\n|---|---|---|---|\n";
        for (rule, each) in rules.iter().filter(|(_, each)| each.differs() || each.ours > 0) {
            let reason = reasons.get(&(known.name.to_owned(), (*rule).clone())).map_or("equal", String::as_str);
            let _ = writeln!(page, "| {rule} | {} | {} | {reason} |", each.peer_words(), each.our_words());
        }
    }
    page + TAIL
}

const TAIL: &str = "
## Where croft goes another way

Variations of the published cases (cells blanked, copied, moved in case or date, records doubled, variables and datasets left
out, datasets split, supplemental qualifiers and associated persons added) were run by both, the engine in its version
0.17.1: 2,141 reports on 539 rules were the same; 929 of them, on 444 rules, had findings, the others had none from either. Rules for
documents (USDM), for define.xml and for terminology by date were not varied, and the guide for tobacco products was varied
against stand-in tables only, so nothing is said of them here. These differences remain, and are meant:

| What | Published engine | croft |
|---|---|---|
| an operation over a domain, or a join with one, that is split into several datasets | looks at the first part | looks at all parts |
| a set of variables that should be unique, of which all but one are absent | reports every record | reports the records that repeat |
| the next corresponding record, in a dataset that is not sorted | reports another record of the sorted order | reports the record |
| a count by groups, for a record whose group key is missing | is missing, so equal to nothing | counts the records without key |
| records related by RELREC, of which one has no STUDYID | are not related | are related by subject and key |
| associated persons' findings whose domain the study does not have otherwise | are of no class | are findings |
| supplemental qualifiers without QNAM | takes them for no relationship dataset | goes by the dataset's name |
| a number written with float noise in a transport file | compares it exactly | compares at 15 significant digits |
| a text where a date or number should stand | the rule fails for the dataset | the value compares with nothing, the other records are looked at |
| a variable described twice | the rule fails for the dataset | both descriptions are looked at |
";

/// The datasets of a folder of transport files, some of them packed.
pub fn tables(folder: &Path, without: &[&str]) -> Vec<Table> {
    let mut paths: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default().to_owned();
        (name.ends_with(".xpt") || name.ends_with(".xpt.xz")) && !without.contains(&stem.as_str())
    });
    paths
        .iter()
        .map(|path| {
            let bytes = std::fs::read(path).unwrap();
            let bytes = if croft_cdisc::xz::is_xz(&bytes) { croft_cdisc::xz::unpack(&bytes).unwrap() } else { bytes };
            let options = ReadOptions { charset: Some(croft_cdisc::charset::Charset::named("windows-1252").unwrap()) };
            let read = xpt::read(bytes.as_slice(), &options).unwrap().remove(0);
            let filename = path.file_name().unwrap().to_string_lossy().replace(".xz", "");
            Table::of(&read.dataset, &filename, bytes.len() as u64)
        })
        .collect()
}
