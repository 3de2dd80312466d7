//! Lists: made, made again, known by their digest, and found wrong where they are.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_testkit::{assert_checked, csv_rows, reference};
use croft_trial::randomisation::verify::{Wrong, verify, verify_blocks, verify_seed};
use croft_trial::randomisation::*;
use serde::Deserialize;

const SCHEME: &str = r#"
study = "CROFT-201"
version = 1
[[arms]]
code = "A"
ratio = 2
[[arms]]
code = "B"
[[factors]]
name = "site"
levels = ["01", "02"]
[[factors]]
name = "sex"
levels = ["F", "M"]
[design]
kind = "random_block"
lengths = [3, 6]
weights = [1, 2]
[[strata]]
levels = ["02", "M"]
design = { kind = "simple" }
"#;

fn scheme(text: &str) -> Randomisation {
    Randomisation::new(Scheme::from_toml(text).unwrap()).unwrap()
}

fn seed(first: u8) -> Seed {
    Seed::new([first; 32])
}

fn given(csv: &str) -> GivenList {
    GivenList::from_csv(csv.as_bytes()).unwrap()
}

#[test]
fn a_list_is_made_again_from_its_seed_and_has_the_same_digest() {
    let randomisation = scheme(SCHEME);
    let list = List::make(&randomisation, &seed(1), Length::WholeBlocks(20)).unwrap();
    let again = List::make(&scheme(SCHEME), &seed(1), Length::WholeBlocks(20)).unwrap();
    assert_eq!(list, again);
    assert_eq!(list.digest(), again.digest());
    let other = List::make(&randomisation, &seed(2), Length::WholeBlocks(20)).unwrap();
    assert_ne!(list.digest(), other.digest());
    // a new version of the scheme draws from other streams
    let amended = scheme(&SCHEME.replace("version = 1", "version = 2"));
    let amended = List::make(&amended, &seed(1), Length::WholeBlocks(20)).unwrap();
    assert!(list.slots.iter().zip(&amended.slots).any(|(a, b)| a.arm != b.arm));
    // one slot changed is another list
    let mut changed = list.clone();
    changed.slots[5].arm = if changed.slots[5].arm == "A" { "B".into() } else { "A".into() };
    assert_ne!(changed.digest(), list.digest());
}

/// The algorithm is part of the interface, so that a list can be made again by a later program, or another. These were made from the documentation
/// by a program in Python that shares nothing with this one (SHA-256 of its library, ChaCha with 8 rounds written out).
#[test]
fn a_list_stays_the_same_in_later_versions() {
    let list = List::make(&scheme(SCHEME), &seed(7), Length::Exactly(8)).unwrap();
    let of = |stratum: &str| -> String {
        list.slots.iter().filter(|slot| slot.stratum == stratum).map(|slot| slot.arm.as_str()).collect()
    };
    assert_eq!(["01-F", "01-M", "02-F", "02-M"].map(of), MADE);
    assert_eq!(list.digest(), MADE_DIGEST);
}

const MADE: [&str; 4] = ["AABAABAA", "BBAAAAAB", "AAABBABB", "AAAABBAA"];
const MADE_DIGEST: &str = "e5e1ad3bd8d6a573dd444e368ba283dc30a6f03d49f34307e5112d073c04c5f5";

#[test]
fn the_next_allocation_is_the_next_line_of_the_list() {
    let randomisation = scheme(SCHEME);
    let list = List::make(&randomisation, &seed(3), Length::Exactly(30)).unwrap();
    for stratum in randomisation.strata() {
        let slots: Vec<&Slot> = list.slots.iter().filter(|slot| slot.stratum == stratum.name).collect();
        let arms: Vec<usize> = slots.iter().map(|slot| randomisation.arm(&slot.arm).unwrap()).collect();
        for (n, slot) in slots.iter().enumerate() {
            let next = randomisation.next(&seed(3), &stratum.name, &arms[..n]).unwrap();
            assert_eq!((next.number, next.arm, next.block), (slot.number, arms[n], slot.block), "{}", stratum.name);
        }
    }
}

#[test]
fn a_stratum_does_not_depend_on_the_others() {
    let all = List::make(&scheme(SCHEME), &seed(4), Length::Exactly(40)).unwrap();
    let more = SCHEME.replace(r#"["01", "02"]"#, r#"["00", "01", "02", "03"]"#);
    let more = List::make(&scheme(&more), &seed(4), Length::Exactly(40)).unwrap();
    for slot in &all.slots {
        assert!(more.slots.contains(slot), "{slot:?}");
    }
}

#[test]
fn whole_blocks_are_balanced_and_a_cut_one_is_told() {
    let randomisation = scheme(SCHEME);
    let whole = List::make(&randomisation, &seed(5), Length::WholeBlocks(20)).unwrap();
    let found = verify(&given(&whole.to_csv()), &randomisation);
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    assert_eq!((found.strata, found.rows), (4, whole.slots.len()));
    assert!(found.blocks.keys().all(|length| [3, 6].contains(length)));
    let cut = List::make(&randomisation, &seed(5), Length::Exactly(20)).unwrap();
    let found = verify(&given(&cut.to_csv()), &randomisation);
    assert!(!found.findings.is_empty() && found.findings.iter().all(verify::Finding::is_remark), "{found:?}");
}

#[test]
fn a_list_is_held_against_its_seed() {
    let randomisation = scheme(SCHEME);
    let mut list = List::make(&randomisation, &seed(6), Length::WholeBlocks(12)).unwrap();
    let differs = |list: &List, by: u8| verify_seed(&given(&list.to_csv()), &randomisation, &seed(by)).unwrap();
    assert_eq!(differs(&list, 6), []);
    assert_eq!(differs(&list, 7).len(), 4);
    // two rows exchanged within a block: every block is still balanced, the seed tells
    let other =
        (3..6).find(|&at| list.slots[at].arm != list.slots[2].arm && list.slots[at].block == list.slots[2].block);
    if let Some(other) = other {
        let arm = list.slots[2].arm.clone();
        list.slots[2].arm = list.slots[other].arm.clone();
        list.slots[other].arm = arm;
        let found = differs(&list, 6);
        assert!(found.len() == 1 && found[0].row == 4, "{found:?}");
    }
}

#[derive(Deserialize)]
struct Expected {
    file: String,
    check: String,
    value: String,
}

#[test]
fn lists_of_the_reference_set_are_found_as_they_are() {
    let Some(folder) = reference("platform/randomisation") else { return };
    let mut checked = 0;
    for row in csv_rows::<Expected>(folder.join("block-list-expected.csv")) {
        let list = GivenList::from_csv(&std::fs::read(folder.join(&row.file)).unwrap()).unwrap();
        let found = verify_blocks(&list);
        let unbalanced: Vec<&str> = found
            .findings
            .iter()
            .filter_map(|finding| match &finding.what {
                Wrong::Unbalanced { block, .. } => Some(block.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(unbalanced.len(), found.findings.len(), "{}: {:?}", row.file, found.findings);
        let value = match row.check.as_str() {
            "rows" => found.rows.to_string(),
            "blocks" => found.blocks.values().sum::<usize>().to_string(),
            "unbalanced_blocks" => unbalanced.len().to_string(),
            "unbalanced_block_id" => unbalanced.join(","),
            other => match (other.strip_prefix("blocks_of_size_"), other.strip_prefix("n_")) {
                (Some(length), _) => found.blocks[&length.parse().unwrap()].to_string(),
                (None, Some(arm)) => found.arms[arm].to_string(),
                _ => panic!("{other}"),
            },
        };
        assert_eq!(value, row.value, "{} {}", row.file, row.check);
        checked += 1;
    }
    assert_checked("facts of lists", checked, 11);
}

#[test]
fn each_wrong_thing_of_a_list_is_told_with_its_row() {
    let two = scheme(
        "study = \"S\"\ndesign = { kind = \"permuted_block\", lengths = [2, 4] }\n[[arms]]\ncode = \"A\"\n[[arms]]\ncode = \"B\"\n",
    );
    let told = |csv: &str| -> Vec<(usize, String)> {
        let found = verify(&given(csv), &two);
        found.findings.iter().map(|finding| (finding.row, finding.what.to_string())).collect()
    };
    let one = |csv: &str, row: usize, says: &str| {
        let found = told(csv);
        assert!(found.len() == 1 && found[0].0 == row && found[0].1.contains(says), "{csv}: {found:?}");
    };
    assert_eq!(told("block,arm\n1,A\n1,B\n2,A\n2,B\n2,B\n2,A\n"), []);
    one("block,arm\n1,A\n1,A\n", 2, "A 2, B 0");
    one("block,block_length,arm\n1,2,A\n1,2,B\n2,4,A\n", 4, "cut after 1 of 4");
    one("block,block_length,arm\n1,2,A\n2,4,A\n2,4,A\n2,4,B\n2,4,B\n", 2, "another block follows");
    one("block,arm\n1,A\n1,B\n2,A\n2,B\n", 4, "no length of the scheme here");
    one("block,block_length,arm\n1,2,A\n1,4,B\n", 3, "2 and 4");
    one("number,arm\n1,A\n3,B\n4,A\n", 3, "2 is due");
    one("arm\nA\nB\nA\nA\nA\n", 6, "could not give `A` to subject 5");
    one("arm\nA\nB\nX\n", 4, "`X` is no arm");
    one("stratum,arm\n01,A\n01,B\n", 2, "`01` is no stratum");
    one("block,arm\n1,A\n1,B\n,A\n", 4, "names no block");
    let apart = told("block,arm\n1,A\n2,A\n1,B\n2,B\n2,B\n2,A\n");
    assert!(apart.iter().any(|(row, says)| *row == 4 && says.contains("block 1 begins a second time")), "{apart:?}");
    let ends = scheme(
        "study = \"S\"\ndesign = { kind = \"maximal_procedure\", subjects = 4, tolerance = 2 }\n[[arms]]\ncode = \"A\"\n[[arms]]\ncode = \"B\"\n",
    );
    let found = verify(&given("arm\nA\nB\nB\nA\nA\n"), &ends);
    assert_eq!((found.findings[0].row, found.findings[0].what.clone()), (6, Wrong::Beyond { subjects: 4 }));
}

#[test]
fn a_file_that_is_no_list_says_where() {
    let refused = |bytes: &[u8]| GivenList::from_csv(bytes).unwrap_err();
    assert_eq!(refused(b""), ListError::NoRows);
    assert_eq!(refused(b"arm\n"), ListError::NoRows);
    assert_eq!(refused(b"a,b\n1,2\n"), ListError::NoArm { found: "a, b".into() });
    assert_eq!(refused(b"arm\nA\n\xff\n"), ListError::NotText { row: 3 });
    assert!(matches!(refused(b"arm,treatment\nA,A\n"), ListError::ColumnTwice { .. }));
    assert!(matches!(refused(b"arm,x\r\nA,1\r\nB\r\n"), ListError::Row { row: 3, .. }));
    assert_eq!(refused(b"stratum,arm\n1,A\n2,\n"), ListError::EmptyArm { row: 3 });
    let wrong = refused(b"number,arm\n1,A\nx,B\n");
    assert_eq!(wrong.to_string(), "row 3, column `number`: `x` is not a whole number from 1");
    assert!(wrong.hint().contains("empty"));
    // semicolons, a mark at the beginning, letters of any case
    let list = given("\u{feff}Stratum;Treatment\r\n01;A\r\n");
    assert_eq!((list.rows[0].stratum.as_str(), list.rows[0].arm.as_str()), ("01", "A"));
    assert_eq!(GivenList::from_csv(list.to_csv().as_bytes()).unwrap(), list);
    let wrong = refused(b"\r\nnumber,arm\r\n\r\n1,A\r\n0,B\r\n");
    assert_eq!(wrong, ListError::NotNumber { row: 5, column: "number".into(), value: "0".into() });
}

#[test]
fn a_seed_is_not_shown_and_is_read_back() {
    let seed = seed(0xab);
    assert_eq!(format!("{seed:?}"), "Seed(not shown)");
    assert_eq!(Seed::from_hex(&format!(" {}\n", seed.to_hex())).unwrap(), seed);
    for bad in ["", "abc", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
        assert_eq!(Seed::from_hex(bad), Err(RandomisationError::Seed));
    }
}
