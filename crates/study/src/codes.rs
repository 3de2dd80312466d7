//! Which treatment codes does a build see?
//!
//! A study that croft randomised is blind in its snapshot: `data/allocations.csv` says who has which number, and no arm. Then a build
//! - sees no arm: what is computed stands for all treatments together; or
//! - sees *dummy codes*: arms dealt out by a seeded stream, in blocks of one of each arm in the order of randomisation, so that every table can be made
//!   and read before anybody knows a treatment. They follow from the seed and the list of subjects alone, and each page says that they are false.
//!
//! Once two people have unblinded the study, `allocations.csv` holds the true arms, and a build sees those.
//!
//! Which of the two a blind build was stands in [`MARK`], a product like the others: what reads `out/` (verify, status, trace) goes by it.

use crate::cache::Files;
use crate::definition::Definition;
use crate::error::StudyError;
use crate::snapshot::{Allocation, Snapshot};
use crate::sources;
use croft_core::dataset::{DataType, Kind};
use croft_core::{Cell, Dataset, Variable};
use croft_num::random::Stream;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file, below `out/`, that says with which dummy codes it was built.
pub const MARK: &str = "dummy-codes.json";

/// The table that SQL sees.
pub const TABLE: &str = "allocations";

/// What a build knows of treatments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codes {
    /// What the record says itself: croft randomised nobody.
    #[default]
    Recorded,
    /// No arm is known.
    Blind,
    /// False ones, dealt out from this seed.
    Dummy(u64),
    /// The true ones.
    Unblinded,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    about: String,
    seed: u64,
}

impl Codes {
    /// Whether every randomised subject has an arm, true or false.
    pub fn are_there(self) -> bool {
        matches!(self, Self::Dummy(_) | Self::Unblinded)
    }

    /// What each page says at its top.
    pub fn watermark(self) -> Option<String> {
        matches!(self, Self::Dummy(_))
            .then(|| "DUMMY TREATMENT CODES: every comparison of treatments is false".to_owned())
    }

    /// What the package's manifest calls them.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Blind => "blind",
            Self::Dummy(_) => "dummy",
            Self::Unblinded => "unblinded",
        }
    }

    /// `{{codes.words}}` of displays and documents.
    pub fn words(self, snapshot: &Snapshot) -> String {
        match self {
            Self::Recorded => "As recorded".to_owned(),
            Self::Blind => "Not known: all treatments are shown together".to_owned(),
            Self::Dummy(seed) => format!("Dummy codes (seed {seed}): every comparison of treatments is false"),
            Self::Unblinded => match &snapshot.frozen.unblinded {
                Some(done) => format!("Unblinded at {}: {} asked, {} agreed", done.at, done.asked_by, done.agreed_by),
                None => "Unblinded".to_owned(),
            },
        }
    }

    /// The file that says what `out/` was built with.
    pub(crate) fn mark(self) -> Files {
        let Self::Dummy(seed) = self else { return Files::new() };
        let mark = Mark { about: "Everything in this folder was built with dummy treatment codes.".to_owned(), seed };
        let mut text = serde_json::to_vec_pretty(&mark).expect("plain data is always written");
        text.push(b'\n');
        Files::from([(MARK.to_owned(), text)])
    }
}

/// The seed of the dummy codes that `out/` of this folder was built with, if it was.
pub fn marked(root: &Path) -> Result<Option<u64>, StudyError> {
    let Some(bytes) = sources::read_if_there(root, &format!("out/{MARK}"))? else { return Ok(None) };
    let mark: Mark = serde_json::from_slice(&bytes).map_err(|e| StudyError::Text {
        file: format!("out/{MARK}"),
        message: e.to_string(),
        hint: "build again: the file says with which codes the folder was built".to_owned(),
    })?;
    Ok(Some(mark.seed))
}

/// What a build sees, with the arms put into the snapshot where they are dummies.
pub fn settle(snapshot: &mut Snapshot, definition: &Definition, dummy: Option<u64>) -> Result<Codes, StudyError> {
    let fault = |message: String, hint: &str| StudyError::Text {
        file: "data/allocations.csv".to_owned(),
        message,
        hint: hint.to_owned(),
    };
    let rows = &mut snapshot.allocations;
    let Some(first) = rows.first() else {
        return match dummy {
            None => Ok(Codes::Recorded),
            Some(_) => Err(fault(
                "nobody was randomised in this study, so there is nothing to deal dummy codes to".to_owned(),
                "build it without --dummy-codes",
            )),
        };
    };
    if !first.arm.is_empty() {
        if let Some(row) = rows.iter().find(|row| definition.arms.iter().all(|arm| arm.code != row.arm)) {
            let known: Vec<&str> = definition.arms.iter().map(|arm| arm.code.as_str()).collect();
            let message = format!("subject {}: study.toml has no arm {}", row.subject, row.arm);
            return Err(fault(message, &format!("its arms are {}", known.join(", "))));
        }
        return match dummy {
            None => Ok(Codes::Unblinded),
            Some(_) => {
                Err(fault("the study is unblinded: its codes are known".to_owned(), "build it without --dummy-codes"))
            }
        };
    }
    let Some(seed) = dummy else { return Ok(Codes::Blind) };
    deal(rows, definition, seed)?;
    Ok(Codes::Dummy(seed))
}

/// Deals out the arms: blocks of one of each, each in an order of its own. O(subjects).
fn deal(rows: &mut [Allocation], definition: &Definition, seed: u64) -> Result<(), StudyError> {
    let arms: Vec<&str> = definition.arms.iter().map(|arm| arm.code.as_str()).collect();
    if arms.len() < 2 {
        return Err(StudyError::Text {
            file: "study.toml".to_owned(),
            message: "dummy codes need two arms at least".to_owned(),
            hint: "list the [[arm]]s that subjects are randomised to".to_owned(),
        });
    }
    let mut stream = Stream::new(seed, "dummy-codes", &definition.study.id, "");
    for block in rows.chunks_mut(arms.len()) {
        let mut order = arms.clone();
        stream.shuffle(&mut order);
        for (row, arm) in block.iter_mut().zip(order) {
            arm.clone_into(&mut row.arm);
        }
    }
    Ok(())
}

/// The allocations as SQL sees them.
pub fn table(snapshot: &Snapshot) -> Option<Dataset> {
    if snapshot.allocations.is_empty() {
        return None;
    }
    let variable = |name: &str| Variable::new(name, "", Kind::Char, DataType::Text);
    let mut data = Dataset::new(TABLE, "", ["SUBJECT", "RANDNO", "RANDTIME", "ARM"].map(variable).to_vec());
    data.keys = vec!["SUBJECT".to_owned()];
    for row in &snapshot.allocations {
        let arm = if row.arm.is_empty() { Cell::Null } else { Cell::Text(&row.arm) };
        data.push_row([Cell::Text(&row.subject), Cell::Text(&row.number), Cell::Text(&row.time), arm]);
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot;
    use std::collections::BTreeMap;

    const STUDY: &str = "[study]\nid = \"X\"\ntitle = \"x\"\n[[arm]]\ncode = \"A\"\nname = \"a\"\n[[arm]]\ncode = \"P\"\nname = \"p\"\n";

    fn snapshot(arm: &str, subjects: usize) -> Snapshot {
        let frozen = br#"{"format":1,"study":"X","locked_at":"","locked_by":"","source":"","files":{}}"#;
        let rows = (0..subjects).map(|i| format!("S{i},{i},2026-01-01T00:00:00Z,n,{arm}\n")).collect::<String>();
        let text = format!("subject,number,time,actor,arm\n{rows}");
        Snapshot {
            frozen: snapshot::read_manifest(frozen, "X").unwrap(),
            values: vec![],
            audit: vec![],
            allocations: snapshot::read_allocations(text.as_bytes()).unwrap(),
        }
    }

    fn settled(arm: &str, subjects: usize, dummy: Option<u64>) -> Result<(Codes, Vec<String>), String> {
        let definition = Definition::parse(STUDY).unwrap();
        let mut snapshot = snapshot(arm, subjects);
        let codes = settle(&mut snapshot, &definition, dummy).map_err(|e| e.to_string())?;
        Ok((codes, snapshot.allocations.into_iter().map(|row| row.arm).collect()))
    }

    #[test]
    fn dummy_codes_follow_from_the_seed_and_are_balanced() {
        let (codes, arms) = settled("", 40, Some(7)).unwrap();
        assert_eq!((codes, arms.iter().filter(|arm| *arm == "A").count()), (Codes::Dummy(7), 20));
        assert_eq!(settled("", 40, Some(7)).unwrap().1, arms);
        assert_ne!(settled("", 40, Some(8)).unwrap().1, arms);
        assert_eq!(settled("", 30, Some(7)).unwrap().1, arms[..30]);
    }

    #[test]
    fn what_is_known_is_told_apart() {
        assert_eq!(settled("", 3, None).unwrap().0, Codes::Blind);
        assert_eq!(settled("A", 3, None).unwrap().0, Codes::Unblinded);
        assert_eq!(settled("", 0, None).unwrap().0, Codes::Recorded);
        assert!(settled("A", 3, Some(1)).unwrap_err().contains("unblinded"));
        assert!(settled("", 0, Some(1)).unwrap_err().contains("nobody was randomised"));
        assert!(settled("Z", 3, None).unwrap_err().contains("no arm Z"));
    }

    #[test]
    fn half_of_the_codes_are_refused() {
        let rows = b"subject,number,time,actor,arm\nS1,1,t,n,A\nS2,2,t,n,\n";
        assert!(snapshot::read_allocations(rows).unwrap_err().to_string().contains("some subjects only"));
        let twice = b"subject,number,time,actor,arm\nS1,1,t,n,A\nS1,2,t,n,A\n";
        assert!(snapshot::read_allocations(twice).unwrap_err().to_string().contains("twice"));
        assert_eq!(Codes::Blind.mark(), BTreeMap::new());
    }
}
