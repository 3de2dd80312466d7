//! Entry points for fuzzing: each reads arbitrary bytes, must never panic, and checks what must hold of what was read.

use crate::randomisation::verify::{verify, verify_blocks};
use crate::randomisation::{Design, GivenList, Length, List, Randomisation, Scheme, Seed};

/// A scheme: what is read is written and read back as it is; what is proven has a list that its own verifier accepts.
pub fn fuzz_scheme(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(design) = Design::from_line(text) {
        assert!(!design.name().is_empty());
    }
    let Ok(scheme) = Scheme::from_toml(text) else { return };
    let Ok(randomisation) = Randomisation::new(scheme) else { return };
    let scheme = randomisation.scheme();
    let again = Scheme::from_toml(&scheme.to_toml());
    assert_eq!(again.as_ref(), Ok(scheme), "read back");
    if randomisation.strata().len() > 50 {
        return;
    }
    let minimised =
        randomisation.strata().iter().any(|stratum| matches!(stratum.rule.design(), Design::Minimisation(_)));
    match List::make(&randomisation, &Seed::new([1; 32]), Length::Exactly(3)) {
        Ok(list) => {
            let given = GivenList::from_csv(list.to_csv().as_bytes());
            assert!(!minimised);
            assert!(given.is_ok_and(|given| verify(&given, &randomisation).findings.iter().all(|f| f.is_remark())));
        }
        // a design for fewer subjects, or one that looks at them
        Err(error) => assert!(!error.hint().is_empty()),
    }
}

/// A list: what is read is written and read back with the same cells; verification ends and speaks of rows of the file.
pub fn fuzz_randomisation_list(data: &[u8]) {
    let Ok(list) = GivenList::from_csv(data) else { return };
    let again = GivenList::from_csv(list.to_csv().as_bytes());
    let cells = |list: &GivenList| {
        let row = |row: &crate::randomisation::GivenRow| {
            (row.stratum.clone(), row.number, row.block.clone(), row.block_length, row.arm.clone())
        };
        list.rows.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(again.as_ref().map(cells).ok(), Some(cells(&list)), "read back");
    let found = verify_blocks(&list);
    assert_eq!(found.arms.values().sum::<usize>(), found.rows);
    for finding in &found.findings {
        assert!(list.rows.iter().any(|row| row.row == finding.row), "{finding:?}");
    }
}
