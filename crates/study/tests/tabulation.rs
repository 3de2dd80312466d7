//! Default tabulation of a small study: what is recorded (`tabulation/values.txt`) becomes these rows. The expected rows are worked out by hand.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::xpt;
use croft_core::{Cell, Dataset};
use croft_study::simulate::Simulated;
use croft_study::snapshot::{AuditEntry, Value};
use croft_study::tabulation::coverage::Status;
use croft_study::{StudyError, freeze, road};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const STUDY: &str = include_str!("tabulation/study.toml");
const FORMS: &str = include_str!("tabulation/forms.toml");
const VALUES: &str = include_str!("tabulation/values.txt");

/// A study folder with these texts.
fn folder(name: &str, study: &str, forms: &str, values: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tabulation").join(name);
    let _ = std::fs::remove_dir_all(&root);
    let write = |file: &str, bytes: &[u8]| {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("study.toml", study.as_bytes());
    for (i, form) in forms.split("=====\n").enumerate() {
        write(&format!("forms/{i:02}.toml"), form.as_bytes());
    }
    write(
        "tabulate/coding.csv",
        b"# keys: DOMAIN, VERBATIM\nDOMAIN,VERBATIM,DECOD\nAE,HEADACHE,Headache\nAE,STROKE,Cerebrovascular accident\n",
    );
    write("tabulate/sites.csv", b"# keys: SITEID\nSITEID,COUNTRY\n101,GBR\n202,FRA\n");
    let (values, audit) = recorded(values);
    let simulated = Simulated { values, audit, allocations: vec![], locked_at: "2026-05-01T10:00:00Z".to_owned() };
    for (file, bytes) in freeze::simulated("T1", &simulated, "typed for a test") {
        write(&file, &bytes);
    }
    root
}

fn recorded(text: &str) -> (Vec<Value>, Vec<AuditEntry>) {
    let mut values = Vec::new();
    let mut audit = Vec::new();
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    for (event, line) in (1..).zip(lines) {
        let part: Vec<String> = line.split(' ').map(|w| w.replace('_', " ").trim().to_owned()).collect();
        let item = line.split(' ').nth(6).unwrap();
        let of = |i: usize| part.get(i).cloned().unwrap_or_default();
        let missing = of(9);
        let value = Value {
            subject: of(0),
            visit: of(1),
            visit_repeat: of(2).parse().unwrap(),
            form: of(3),
            form_repeat: 1,
            group: of(4),
            group_repeat: of(5).parse().unwrap(),
            item: item.to_owned(),
            text: of(7),
            value: if missing.is_empty() { of(7) } else { String::new() },
            unit: of(8),
            missing,
            event,
        };
        audit.push(AuditEntry {
            event,
            time: "2026-04-01T10:00:00Z".to_owned(),
            actor: "A. Person".to_owned(),
            role: "Study nurse".to_owned(),
            action: "enter".to_owned(),
            subject: value.subject.clone(),
            visit: value.visit.clone(),
            visit_repeat: value.visit_repeat,
            form: value.form.clone(),
            form_repeat: 1,
            group: value.group.clone(),
            group_repeat: value.group_repeat,
            item: value.item.clone(),
            before: String::new(),
            after: value.text.clone(),
            reason: String::new(),
        });
        values.push(value);
    }
    (values, audit)
}

struct Made {
    root: PathBuf,
}

impl Made {
    fn of(name: &str, study: &str, forms: &str, values: &str) -> Self {
        let root = folder(name, study, forms, values);
        road::make(&root, "tabulate", &mut |_, _| {}).unwrap_or_else(|e| panic!("{e}\n{}", e.hint()));
        Self { root }
    }

    fn whole(name: &str) -> Self {
        Self::of(name, STUDY, FORMS, VALUES)
    }

    fn dataset(&self, name: &str) -> Dataset {
        let bytes = std::fs::read(self.root.join(format!("out/tabulate/{}.xpt", name.to_lowercase()))).unwrap();
        xpt::read(bytes.as_slice(), &xpt::ReadOptions::default()).unwrap().remove(0).dataset
    }

    /// These columns of each row, `.` where there is nothing.
    fn rows(&self, name: &str, columns: &str) -> Vec<String> {
        let data = self.dataset(name);
        let cell = |row: usize, column: &str| match data.cell(row, column) {
            None => panic!("{name} has no {column}"),
            Some(Cell::Num(x)) => format!("{x}"),
            Some(Cell::Text(text)) if !text.is_empty() => text.to_owned(),
            Some(_) => ".".to_owned(),
        };
        (0..data.rows()).map(|row| columns.split(' ').map(|c| cell(row, c)).collect::<Vec<_>>().join(" | ")).collect()
    }
}

#[test]
fn dm_has_dates_age_site_and_arms() {
    let made = Made::whole("dm");
    let columns =
        "USUBJID SITEID COUNTRY RFICDTC RFXSTDTC RFXENDTC RFPENDTC AGE SEX ARMCD ACTARMCD ARMNRS DTHFL DTHDTC";
    assert_eq!(
        made.rows("DM", columns),
        [
            "T1-101-01 | 101 | GBR | 2026-03-01 | 2026-03-08 | 2026-03-22 | 2026-03-30 | 35 | F | A | A | . | . | .",
            "T1-202-07 | 202 | FRA | 2026-03-02 | . | . | 2026-03-03 | . | M | . | . | SCREEN FAILURE | . | .",
            "T1-303-01 | 303 | . | 2026-03-04 | 2026-03-11 | 2026-03-12 | . | . | . | A | B | . | Y | 2026-03-13",
        ]
    );
}

#[test]
fn a_finding_is_a_record_a_test_in_standard_units() {
    let made = Made::whole("vs");
    let columns = "USUBJID VSTESTCD VISITNUM VISIT VSORRES VSORRESU VSSTRESN VSSTRESU VSSTAT VSREASND VSPOS VSLOBXFL EPOCH VSDTC VSDY";
    assert_eq!(
        made.rows("VS", columns),
        [
            "T1-101-01 | SYSBP | 1 | SCREENING | 150 | mmHg | 150 | mmHg | . | . | SITTING | . | SCREENING | 2026-03-01 | -7",
            "T1-101-01 | SYSBP | 2 | DAY 1 | 148 | mmHg | 148 | mmHg | . | . | SITTING | Y | TREATMENT | 2026-03-08T08:15 | 1",
            "T1-101-01 | SYSBP | 3 | WEEK 2 | . | . | . | . | NOT DONE | NOT DONE | . | . | TREATMENT | 2026-03-22 | 15",
            "T1-101-01 | SYSBP | 8.02 | UNSCHEDULED 8.02 | 140 | mmHg | 140 | mmHg | . | . | . | . | FOLLOW-UP | 2026-03-25 | 18",
            "T1-101-01 | WEIGHT | 1 | SCREENING | 70.5 | kg | 70.5 | kg | . | . | . | . | SCREENING | 2026-03-01 | -7",
            "T1-101-01 | WEIGHT | 2 | DAY 1 | 155 | LB | 70.30681735 | kg | . | . | . | Y | TREATMENT | 2026-03-08T08:15 | 1",
            "T1-101-01 | WEIGHT | 3 | WEEK 2 | . | . | . | . | NOT DONE | UNKNOWN | . | . | TREATMENT | 2026-03-22 | 15",
            "T1-202-07 | VSALL | 1 | SCREENING | . | . | . | . | NOT DONE | . | . | . | SCREENING | 2026-03-02 | .",
        ]
    );
    let labels = made.rows("VS", "VSTESTCD VSTEST");
    assert_eq!((labels[0].as_str(), labels[7].as_str()), ("SYSBP | Systolic Blood Pressure", "VSALL | Vital Signs"));
}

/// Creatinine: 1 mg/dL is 10 mg/L over 113.12 g/mol.
#[test]
fn a_laboratory_result_in_mass_becomes_one_in_amount_of_substance() {
    let made = Made::whole("lb");
    assert_eq!(
        made.rows("LB", "LBTESTCD LBCAT LBSPEC LBORRES LBORRESU LBSTRESU"),
        ["CREAT | CHEMISTRY | BLOOD | 1 | mg/dL | umol/L"]
    );
    let number = made.dataset("LB").cell(0, "LBSTRESN").and_then(Cell::num).unwrap();
    assert!((number - 10_000.0 / 113.12).abs() < 1e-9, "{number}");
}

#[test]
fn events_and_interventions_have_terms_days_and_what_belongs_to_them() {
    let made = Made::whole("ae");
    assert_eq!(
        made.rows("AE", "USUBJID AESEQ AESPID AETERM AEDECOD AESEV AEOUT EPOCH AESTDTC AESTDY"),
        [
            "T1-101-01 | 1 | AE-1 | Headache | Headache | MODERATE | RECOVERED/RESOLVED | TREATMENT | 2026-03-09 | 2",
            "T1-101-01 | 2 | AE-2 | Headache | Headache | MILD | . | TREATMENT | 2026-03-09 | 2",
            "T1-303-01 | 1 | AE-1 | Stroke | Cerebrovascular accident | SEVERE | FATAL | TREATMENT | 2026-03-12 | 2",
        ]
    );
    assert_eq!(
        made.rows("EX", "USUBJID EXSEQ EXTRT EXDOSE EXDOSU EXDOSFRM EXROUTE EPOCH EXSTDTC EXENDTC EXSTDY"),
        [
            "T1-101-01 | 1 | New 10 mg tablet | 10 | mg | TABLET | ORAL | TREATMENT | 2026-03-08 | 2026-03-15 | 1",
            "T1-101-01 | 2 | New 10 mg tablet | 10 | mg | TABLET | ORAL | TREATMENT | 2026-03-16 | 2026-03-22 | 9",
            "T1-303-01 | 1 | Old 20 mg tablet | 20 | mg | TABLET | ORAL | TREATMENT | 2026-03-11 | 2026-03-12 | 1",
        ]
    );
    assert_eq!(made.rows("MH", "MHTERM MHPRESP MHOCCUR"), ["DIABETES | Y | Y"]);
    assert_eq!(
        made.rows("CM", "CMTRT CMSTDTC CMENRTPT CMENTPT CMSPID"),
        ["Paracetamol | 2026-03 | ONGOING | END OF STUDY | CM-1"]
    );
    assert_eq!(
        made.rows("DS", "USUBJID DSDECOD DSTERM DSCAT DSSTDTC"),
        [
            "T1-101-01 | COMPLETED | COMPLETED | DISPOSITION EVENT | 2026-03-30",
            "T1-101-01 | INFORMED CONSENT OBTAINED | INFORMED CONSENT OBTAINED | PROTOCOL MILESTONE | 2026-03-01",
            "T1-101-01 | RANDOMIZED | RANDOMIZED | PROTOCOL MILESTONE | 2026-03-08",
            "T1-202-07 | INFORMED CONSENT OBTAINED | INFORMED CONSENT OBTAINED | PROTOCOL MILESTONE | 2026-03-02",
            "T1-202-07 | SCREEN FAILURE | SCREEN FAILURE | DISPOSITION EVENT | 2026-03-03",
            "T1-303-01 | INFORMED CONSENT OBTAINED | INFORMED CONSENT OBTAINED | PROTOCOL MILESTONE | 2026-03-04",
            "T1-303-01 | RANDOMIZED | RANDOMIZED | PROTOCOL MILESTONE | 2026-03-11",
        ]
    );
    assert_eq!(
        made.rows("IE", "USUBJID IETESTCD IETEST IECAT IEORRES"),
        ["T1-202-07 | EX01 | Pregnant | EXCLUSION | Y"]
    );
}

#[test]
fn qualifiers_comments_and_relations_find_their_records() {
    let made = Made::whole("related");
    assert_eq!(
        made.rows("SUPPAE", "USUBJID IDVAR IDVARVAL QNAM QLABEL QVAL"),
        ["T1-101-01 | AESEQ | 1 | AETRTEM | Treatment emergent | Y"]
    );
    assert_eq!(made.rows("SUPPDM", "RDOMAIN USUBJID IDVAR QNAM QVAL"), ["DM | T1-101-01 | . | HOBBY | Chess"]);
    assert_eq!(made.rows("CO", "RDOMAIN IDVAR IDVARVAL COVAL"), ["AE | AESEQ | 1 | After lunch"]);
    assert_eq!(
        made.rows("RELREC", "RDOMAIN USUBJID IDVAR IDVARVAL RELID"),
        ["AE | T1-101-01 | AESPID | AE-2 | CM-AE-CM-1", "CM | T1-101-01 | CMSPID | CM-1 | CM-AE-CM-1"]
    );
}

#[test]
fn elements_visits_and_the_design() {
    let made = Made::whole("design");
    assert_eq!(
        made.rows("SE", "USUBJID SESEQ ETCD TAETORD EPOCH SESTDTC SEENDTC SESTDY"),
        [
            "T1-101-01 | 1 | SCRN | 1 | SCREENING | 2026-03-01 | 2026-03-08 | -7",
            "T1-101-01 | 2 | A | 2 | TREATMENT | 2026-03-08 | 2026-03-23 | 1",
            "T1-101-01 | 3 | FUP | 3 | FOLLOW-UP | 2026-03-23 | 2026-03-30 | 16",
            "T1-202-07 | 1 | SCRN | 1 | SCREENING | 2026-03-02 | 2026-03-03 | .",
            "T1-303-01 | 1 | SCRN | 1 | SCREENING | 2026-03-04 | 2026-03-11 | -7",
            "T1-303-01 | 2 | B | 2 | TREATMENT | 2026-03-11 | 2026-03-13 | 1",
            "T1-303-01 | 3 | FUP | 3 | FOLLOW-UP | 2026-03-13 | . | 3",
        ]
    );
    assert_eq!(
        made.rows("SV", "USUBJID VISITNUM VISIT SVPRESP SVSTDTC SVENDTC SVUPDES"),
        [
            "T1-101-01 | 1 | SCREENING | Y | 2026-03-01 | 2026-03-01 | .",
            "T1-101-01 | 2 | DAY 1 | Y | 2026-03-08 | 2026-03-08 | .",
            "T1-101-01 | 3 | WEEK 2 | Y | 2026-03-22 | 2026-03-22 | .",
            "T1-101-01 | 8.02 | UNSCHEDULED 8.02 | . | 2026-03-25 | 2026-03-25 | UNSCHEDULED",
            "T1-202-07 | 1 | SCREENING | Y | 2026-03-02 | 2026-03-02 | .",
            "T1-303-01 | 1 | SCREENING | Y | 2026-03-04 | 2026-03-04 | .",
            "T1-303-01 | 2 | DAY 1 | Y | 2026-03-11 | 2026-03-11 | .",
        ]
    );
    assert_eq!(made.rows("TV", "VISITNUM VISIT"), ["1 | SCREENING", "2 | DAY 1", "3 | WEEK 2"]);
    assert_eq!(made.dataset("TA").rows(), 6);
    let facts = made.rows("TS", "TSPARMCD TSVAL TSVALCD TSVCDREF");
    assert!(facts.contains(&"ACTSUB | 2 | . | .".to_owned()), "{facts:#?}");
    assert!(facts.contains(&"RANDOM | Y | C49488 | CDISC CT".to_owned()), "{facts:#?}");
    assert!(facts.contains(&"SSTDTC | 2026-03-01 | . | ISO 8601".to_owned()), "{facts:#?}");
}

#[test]
fn the_report_of_coverage_names_what_goes_nowhere() {
    let root = folder("coverage", STUDY, FORMS, VALUES);
    let (study, coverage) = road::coverage(&root, &mut |_, _| {}).unwrap();
    assert_eq!((study.as_str(), coverage.guide.as_str()), ("T1", "SDTMIG 3.4"));
    let unmapped: Vec<&str> =
        coverage.items.iter().filter(|i| i.status == Status::Unmapped).map(|i| i.item.as_str()).collect();
    assert_eq!(unmapped, ["SHOESIZE"]);
    assert_eq!(coverage.count(Status::NotSubmitted), 2, "initials and the question whether there are events");
    let creatinine = coverage.items.iter().find(|i| i.item == "CREAT").unwrap();
    assert_eq!(creatinine.targets_in_words(), "LB.LBORRES where LBTESTCD = CREAT");
    assert_eq!(creatinine.values, 1);
    let findings = coverage.findings();
    assert!(findings[0].message.contains("SHOESIZE") && findings[0].hint.as_deref().unwrap().contains("not_submitted"));
    assert!(coverage.unfilled.iter().any(|u| u.variable == "AEACN" && u.core == "Exp" && u.present));
}

/// A default, saved as a file, makes the same rows and is no longer a default.
#[test]
fn a_default_can_be_saved_and_stands_in_its_own_place() {
    let root = folder("saved", STUDY, FORMS, VALUES);
    let default = road::statement(&root, "vs").unwrap();
    assert!(default.by_default && default.file == "default/vs.sql");
    road::make(&root, "tabulate", &mut |_, _| {}).unwrap();
    let made = std::fs::read(root.join("out/tabulate/vs.xpt")).unwrap();
    std::fs::write(root.join("tabulate/vs.sql"), &default.sql).unwrap();
    let written = road::statement(&root, "VS").unwrap();
    assert!(!written.by_default && written.file == "tabulate/vs.sql");
    road::make(&root, "tabulate", &mut |_, _| {}).unwrap();
    assert!(
        std::fs::read(root.join("out/tabulate/vs.xpt")).unwrap() == made,
        "the same statement makes the same bytes"
    );
    let (_, coverage) = road::coverage(&root, &mut |_, _| {}).unwrap();
    let pressure = coverage.items.iter().find(|i| i.item == "SYSBP").unwrap();
    assert!(pressure.targets_in_words().contains("VS.VSORRES where VSTESTCD = SYSBP"), "{:?}", pressure.targets);
}

/// Who writes a DM without reference dates has no study days, epochs or baseline flags, and everything else.
#[test]
fn a_written_dm_without_reference_dates_is_enough() {
    let root = folder("undated", STUDY, FORMS, VALUES);
    let dm = "-- dataset: DM\n-- keys: USUBJID\n-- RFSTDTC and RFXSTDTC are not recorded\nselect s.STUDYID as STUDYID, 'DM' as DOMAIN, d.SUBJECT as USUBJID, d.SUBJECT as SUBJID\nfrom subject as d\ncross join study as s\n";
    std::fs::write(root.join("tabulate/dm.sql"), dm).unwrap();
    let vs = road::statement(&root, "vs").unwrap();
    for absent in ["RFSTDTC", "RFXSTDTC", "in_element"] {
        assert!(!vs.sql.contains(absent), "{absent} in\n{}", vs.sql);
    }
    assert!(road::statement(&folder("dated", STUDY, FORMS, VALUES), "vs").unwrap().sql.contains("RFSTDTC"));
    road::make(&root, "tabulate", &mut |_, _| {}).unwrap_or_else(|e| panic!("{e}\n{}", e.hint()));
    assert!(root.join("out/tabulate/vs.xpt").exists());
}

#[test]
fn a_blind_snapshot_has_no_arm_and_no_elements() {
    let forms = FORMS.replace("name = \"ARMCD\"", "name = \"ARMCD\"\nnot_submitted = \"sealed\"");
    let values: String = VALUES.lines().filter(|l| !l.contains("EXTRT")).map(|l| format!("{l}\n")).collect();
    let forms = forms.replace("name = \"EXTRT\"", "name = \"EXTRT\"\nnot_submitted = \"sealed\"");
    let forms = forms.replace("name = \"doses\"", "name = \"doses\"\nsdtm = \"EX where EXTRT = STUDY TREATMENT\"");
    let made = Made::of("blind", STUDY, &forms, &values);
    assert_eq!(
        made.rows("DM", "USUBJID ARMCD ACTARM ARMNRS"),
        [
            "T1-101-01 | . | . | TREATMENT IS BLINDED",
            "T1-202-07 | . | . | SCREEN FAILURE",
            "T1-303-01 | . | . | TREATMENT IS BLINDED",
        ]
    );
    assert!(!made.root.join("out/tabulate/se.xpt").exists());
    let epochs = made.rows("VS", "USUBJID VSDTC EPOCH");
    assert_eq!(epochs[0], "T1-101-01 | 2026-03-01 | SCREENING");
    assert_eq!(epochs[2], "T1-101-01 | 2026-03-22 | TREATMENT");
    assert_eq!(epochs[3], "T1-101-01 | 2026-03-25 | FOLLOW-UP");
    assert_eq!(made.rows("EX", "USUBJID EXTRT")[0], "T1-101-01 | STUDY TREATMENT");
}

#[test]
fn an_older_guide_has_its_own_flag_of_baseline() {
    let made = Made::of("older", &STUDY.replace("value = \"3.4\"", "value = \"3.2\""), FORMS, VALUES);
    assert_eq!(made.rows("VS", "VSTESTCD VSBLFL")[1], "SYSBP | Y");
    assert!(made.dataset("VS").index_of("VSLOBXFL").is_none());
}

#[test]
fn a_wrong_annotation_stops_with_its_place() {
    let forms = FORMS.replace("sdtm = \"SUPPDM.HOBBY\"", "sdtm = \"DM.HOBBY\"");
    let root = folder("wrong", STUDY, &forms, VALUES);
    let error: StudyError = road::coverage(&root, &mut |_, _| {}).err().unwrap();
    assert_eq!(
        error.to_string(),
        "forms/00.toml: group `subject`, item `HOBBY`: DM has no variable HOBBY in SDTMIG 3.4"
    );
    assert!(error.hint().contains("SUPP--"));
    let homeless = FORMS.replace("sdtm = \"SUPPDM.HOBBY\"", "sdtm = \"SUPPAE.HOBBY\"");
    let error = road::coverage(&folder("homeless", STUDY, &homeless, VALUES), &mut |_, _| {}).err().unwrap();
    assert!(error.to_string().contains("SUPPAE qualifies records of AE"), "{error}");
}

/// Groups of imported forms are often named as their domain.
#[test]
fn a_group_may_bear_the_name_of_its_domain() {
    let forms = FORMS.replace("name = \"signs\"", "name = \"VS\"").replace("name = \"doses\"", "name = \"ex\"");
    let values = VALUES.replace(" VS signs ", " VS VS ").replace(" EX doses ", " EX ex ");
    let made = Made::of("named", STUDY, &forms, &values);
    let whole = Made::whole("unnamed");
    for dataset in ["DM", "VS", "EX", "SE"] {
        assert_eq!(made.dataset(dataset), whole.dataset(dataset), "{dataset}");
    }
}

const SEND_STUDY: &str = include_str!("tabulation/send-study.toml");
const SEND_FORMS: &str = include_str!("tabulation/send-forms.toml");
const SEND_VALUES: &str = include_str!("tabulation/send-values.txt");

#[test]
fn a_study_in_animals_becomes_send() {
    let made = Made::of("send", SEND_STUDY, SEND_FORMS, SEND_VALUES);
    let subjects = made.rows("DM", "USUBJID RFSTDTC RFENDTC AGE AGEU SEX SPECIES STRAIN ARMCD ARM SETCD");
    assert_eq!(
        subjects,
        [
            "T1-0001 | 2026-03-02 | 2026-03-09 | 56 | DAYS | M | RAT | WISTAR | 1 | Control | 1",
            "T1-0002 | 2026-03-02 | 2026-03-02 | 55 | DAYS | F | RAT | WISTAR | 2 | High dose | 2",
        ]
    );
    assert_eq!(
        made.rows("EX", "USUBJID EXSEQ EXTRT EXDOSE EXDOSU EXDOSFRM EXROUTE EXSTDTC EXSTDY"),
        [
            "T1-0001 | 1 | VEHICLE | 0 | mg/kg | SUSPENSION | ORAL GAVAGE | 2026-03-02 | 1",
            "T1-0001 | 2 | VEHICLE | 0 | mg/kg | SUSPENSION | ORAL GAVAGE | 2026-03-09 | 8",
            "T1-0002 | 1 | NEWPRODUCT | 100 | mg/kg | SUSPENSION | ORAL GAVAGE | 2026-03-02 | 1",
        ]
    );
    // Terms of SEND's terminology, days for visits, and the flag by its name there.
    assert_eq!(
        made.rows(
            "BW",
            "USUBJID BWTESTCD BWTEST BWORRES BWORRESU BWSTRESN BWSTRESU BWSTAT BWBLFL VISITDY BWDTC BWDY BWNOMDY"
        ),
        [
            "T1-0001 | BW | Body Weight | 201.5 | g | 201.5 | g | . | Y | 1 | 2026-03-02 | 1 | 1",
            "T1-0001 | BW | Body Weight | 0.245 | kg | 245 | g | . | . | 8 | 2026-03-09 | 8 | 8",
            "T1-0002 | BW | Body Weight | 171 | g | 171 | g | . | Y | 1 | 2026-03-02 | 1 | 1",
            "T1-0002 | BW | Body Weight | . | . | . | . | NOT DONE | . | 8 | . | . | 8",
        ]
    );
    assert_eq!(
        made.rows("MI", "USUBJID MITESTCD MITEST MIORRES MISTRESC MISPEC MISEV MIDY"),
        ["T1-0001 | GHISTXQL | General Histopathologic Exam, Qual | Vacuolation | Vacuolation | LIVER | MINIMAL | 29"]
    );
    assert_eq!(made.rows("DS", "USUBJID DSDECOD DSSTDTC DSSTDY")[1], "T1-0002 | FOUND DEAD | 2026-03-10 | 9");
    assert_eq!(made.rows("CL", "USUBJID CLCAT CLSTRESC CLNOMDY")[1], "T1-0002 | CLINICAL SIGNS | Salivation | 8");
    assert_eq!(
        made.rows("TS", "TSPARMCD TSPARM")[4..6],
        ["SSPONSOR | Sponsoring Organization", "STITLE | Study Title"]
    );
    for domain in ["DS", "BW"] {
        let data = made.dataset(domain);
        let foreign = ["DSCAT", "VISITNUM", "VISIT", "BWLOBXFL", "EPOCH"];
        assert!(data.variables().iter().all(|v| !foreign.contains(&v.name.as_str())), "{domain}");
    }
    assert!(!made.root.join("out/tabulate/se.xpt").exists());

    // The package is that of a nonclinical study, and its define.xml names the guide.
    road::build(&made.root, &mut |_, _| {}).unwrap();
    let define = made.root.join("out/package/m4/datasets/t1/tabulations/send/define.xml");
    let text = std::fs::read_to_string(define).unwrap();
    assert!(text.contains(r#"Name="SENDIG""#) && text.contains(r#"Version="3.1.1""#));
    assert!(made.root.join("out/package/m4/datasets/t1/tabulations/send/acrf.pdf").exists());
}

#[test]
fn a_guide_that_croft_does_not_have_is_refused_with_those_it_has() {
    let study = SEND_STUDY.replace("VERSION 3.1.1", "VERSION 9").replace("Version 3.1.1", "Version 9");
    let root = folder("no-guide", &study, SEND_FORMS, SEND_VALUES);
    let refused = road::coverage(&root, &mut |_, _| {}).err().unwrap();
    assert!(refused.to_string().contains("SNDIGVER is SEND Implementation Guide Version 9"), "{refused}");
    assert!(refused.hint().contains("3.1.1"), "{}", refused.hint());
}

/// Which of the lines are recorded, and in which order.
fn part_of(values: &'static str) -> impl Strategy<Value = String> {
    let lines: Vec<&str> = values.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect();
    let all = lines.len();
    proptest::sample::subsequence(lines, 0..=all).prop_shuffle().prop_map(|lines| lines.join("\n"))
}

/// A text as a column may hold it: collected, decoded, or joined with another.
fn holds(made: &Made, dataset: &str, text: &str) -> bool {
    let data = made.dataset(dataset);
    let names: Vec<&str> = data.variables().iter().map(|v| v.name.as_str()).collect();
    made.rows(dataset, &names.join(" ")).iter().any(|row| row.to_lowercase().contains(&text.to_lowercase()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever was recorded, and in whatever order: records of a subject are numbered from 1 without a gap, every day has its date, and every event,
    /// medication, comment and result that was recorded stands in its dataset.
    #[test]
    fn whatever_is_recorded_stands_in_the_datasets(values in part_of(VALUES)) {
        let made = Made::of("property", STUDY, FORMS, &values);
        let folder = std::fs::read_dir(made.root.join("out/tabulate")).unwrap();
        for file in folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "xpt")) {
            let name = file.file_stem().unwrap().to_str().unwrap().to_uppercase();
            let data = made.dataset(&name);
            let has = |column: &str| data.index_of(column).is_some();
            let (sequence, day, date) = (format!("{name}SEQ"), format!("{name}DY"), format!("{name}DTC"));
            if has(&sequence) && has("USUBJID") {
                let mut last: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
                for row in made.rows(&name, &format!("USUBJID {sequence}")) {
                    let (subject, number) = row.split_once(" | ").unwrap();
                    let before = last.entry(subject.to_owned()).or_default();
                    *before += 1;
                    prop_assert_eq!(number, before.to_string(), "{} of {}", &sequence, subject);
                }
            }
            if has(&day) && has(&date) {
                for row in made.rows(&name, &format!("{day} {date}")) {
                    prop_assert!(row.starts_with(". |") || !row.ends_with("| ."), "{}: a day without a date: {}", &name, row);
                }
            }
        }
        let subjects: Vec<&str> = values.lines().filter(|l| l.contains(" DM subject ")).map(|l| l.split(' ').next().unwrap()).collect();
        for line in values.lines() {
            let part: Vec<&str> = line.split(' ').collect();
            let (subject, item, text) = (part[0], part[6], part[7].replace('_', " "));
            // Without a record in DM there is no subject for other domains to be of.
            if !subjects.contains(&subject) {
                continue;
            }
            let dataset = match item {
                "AETERM" => "AE",
                "CMTRT" => "CM",
                "SYSBP" | "WEIGHT" => "VS",
                "CREAT" => "LB",
                _ => continue,
            };
            prop_assert!(part.len() > 9 || holds(&made, dataset, &text), "{} is not in {}", line, dataset);
        }
    }
}
