//! Schemes: what is refused, and how it is said.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_trial::randomisation::minimisation::Subject;
use croft_trial::randomisation::*;

const ARMS: &str = "[[arms]]\ncode = \"A\"\n[[arms]]\ncode = \"B\"\n";

fn with(design: &str, rest: &str) -> Result<Randomisation, RandomisationError> {
    Randomisation::new(Scheme::from_toml(&format!("study = \"S\"\ndesign = {{ {design} }}\n{ARMS}{rest}"))?)
}

/// The message and the hint of a scheme that cannot be.
fn refused(design: &str, rest: &str) -> String {
    let error = with(design, rest).unwrap_err();
    format!("{error} | {}", error.hint())
}

fn refuses(design: &str, rest: &str, says: &[&str]) {
    let found = refused(design, rest);
    for part in says {
        assert!(found.contains(part), "{design} {rest}: {found}");
    }
}

#[test]
fn a_setting_that_cannot_be_is_named_with_its_remedy() {
    refuses("kind = \"permuted_block\", lengths = []", "", &["`design.lengths` is empty"]);
    refuses(
        "kind = \"permuted_block\", lengths = [4, 5]",
        "",
        &["`design.lengths[1]` is 5", "1:1", "multiple of 2", "use 4 or 6"],
    );
    refuses("kind = \"permuted_block\", lengths = [0]", "", &["`design.lengths[0]` is 0", "1 to 100000"]);
    refuses(
        "kind = \"random_block\", lengths = [2], weights = [1, 2]",
        "",
        &["`design.weights` has 2 entries, 1 are needed"],
    );
    refuses("kind = \"random_block\", lengths = [2], weights = [-1]", "", &["`design.weights[0]` is -1"]);
    refuses("kind = \"random_block\", lengths = [2, 4], weights = [0, 0]", "", &["`design.weights` is 0"]);
    refuses("kind = \"random_block\", lengths = [2], weights = [nan]", "", &["`design.weights[0]` is NaN"]);
    refuses("kind = \"random_allocation\", subjects = 7", "", &["`design.subjects` is 7", "use 6 or 8"]);
    refuses("kind = \"biased_coin\", probability = 0.4", "", &["`design.probability` is 0.4", "0.5 to 1"]);
    refuses("kind = \"biased_coin\", probability = nan", "", &["`design.probability` is NaN"]);
    refuses("kind = \"tolerance_coin\", probability = 0.6, tolerance = 0", "", &["`design.tolerance` is 0"]);
    refuses("kind = \"urn\", initial = 0, added = 0", "", &["`design.added` is 0"]);
    refuses("kind = \"big_stick\", tolerance = 0", "", &["`design.tolerance` is 0"]);
    refuses("kind = \"maximal_procedure\", subjects = 9, tolerance = 2", "", &["multiple of 2"]);
    refuses("kind = \"maximal_procedure\", subjects = 100000, tolerance = 5000", "", &["the most is 20000000"]);
    refuses("kind = \"minimisation\", probability = 0.8, factors = []", "", &["`design.factors` is empty"]);
    let factor = "factors = [{ name = \"sex\", levels = [\"F\", \"M\"] }]";
    refuses(&format!("kind = \"minimisation\", probability = 0.4, {factor}"), "", &["from 1/2 to 1"]);
    assert!(with(&format!("kind = \"minimisation\", probability = \"2/3\", {factor}"), "").is_ok());
}

#[test]
fn a_design_is_refused_for_arms_that_it_is_not_defined_for() {
    let third = "[[arms]]\ncode = \"C\"\n";
    for design in [
        "kind = \"biased_coin\", probability = 0.6",
        "kind = \"tolerance_coin\", probability = 0.6, tolerance = 3",
        "kind = \"big_stick\", tolerance = 3",
        "kind = \"maximal_procedure\", subjects = 12, tolerance = 3",
        "kind = \"truncated_binomial\", lengths = [12]",
    ] {
        refuses(design, third, &["defined for two arms of equal ratio", "3 arms with the ratio 1:1:1", "random_block"]);
        assert!(with(design, "").is_ok(), "{design}");
    }
    refuses("kind = \"urn\", initial = 1, added = 1", "[[arms]]\ncode = \"C\"\nratio = 2\n", &["equal ratio", "1:1:2"]);
    for design in [
        "kind = \"simple\"",
        "kind = \"permuted_block\", lengths = [6]",
        "kind = \"random_block\", lengths = [3, 6]",
        "kind = \"random_allocation\", subjects = 12",
        "kind = \"urn\", initial = 1, added = 1",
    ] {
        assert!(with(design, third).is_ok(), "{design}");
    }
}

#[test]
fn names_are_there_once_and_can_be_written() {
    refuses("kind = \"simple\"", "[[arms]]\ncode = \"A\"\n", &["`arms` has `A` twice"]);
    refuses("kind = \"simple\"", "[[arms]]\ncode = \" \"\n", &["`arms[2].code` is empty"]);
    refuses("kind = \"simple\"", "[[arms]]\ncode = \"a\\tb\"\n", &["control character"]);
    refuses("kind = \"simple\"", "[[arms]]\ncode = \"C\"\nratio = 0\n", &["`arms[2].ratio` is 0", "1 to 1000"]);
    refuses("kind = \"simple\"", "[[factors]]\nname = \"site\"\nlevels = []\n", &["`factors[0].levels` is empty"]);
    refuses("kind = \"simple\"", "[[factors]]\nname = \"site\"\nlevels = [\"1\", \"1\"]\n", &["`1` twice"]);
    let two =
        "[[factors]]\nname = \"a\"\nlevels = [\"x\", \"x-y\"]\n[[factors]]\nname = \"b\"\nlevels = [\"y-z\", \"z\"]\n";
    refuses("kind = \"simple\"", two, &["two strata are called `x-y-z`", "without `-`"]);
    let factor = "[[factors]]\nname = \"a\"\nlevels = [\"x\"]\n";
    let own = |levels: &str| format!("{factor}[[strata]]\nlevels = {levels}\ndesign = {{ kind = \"simple\" }}\n");
    refuses("kind = \"simple\"", &own("[\"y\"]"), &["`y` is no level of the factor `a`"]);
    refuses("kind = \"simple\"", &own("[]"), &["`strata[0].levels` has 0 entries, 1 are needed"]);
    let one = Scheme::from_toml("study = \"S\"\ndesign = { kind = \"simple\" }\n[[arms]]\ncode = \"A\"\n").unwrap();
    assert_eq!(Randomisation::new(one).unwrap_err(), RandomisationError::TooFewArms { given: 1 });
}

#[test]
fn what_is_not_known_is_refused_with_its_line() {
    for (text, says) in [
        ("design = { kind = \"simple\", p = 1 }", "unknown field `p`"),
        ("design = { kind = \"coin\" }", "unknown variant `coin`"),
        ("design = { kind = \"big_stick\", tolerance = -1 }", "invalid value"),
        ("design = { kind = \"biased_coin\", probability = \"2:3\" }", "write 0.75 or"),
        ("design = { kind = \"simple\" }\nblinded = true", "unknown field `blinded`"),
    ] {
        let error = Scheme::from_toml(&format!("study = \"S\"\n{text}\n{ARMS}")).unwrap_err();
        assert!(error.to_string().contains(says), "{text}: {error}");
        assert!(error.to_string().contains("line"), "{text}: {error}");
    }
}

#[test]
fn a_scheme_is_read_back_as_it_was_written() {
    let factor = "factors = [{ name = \"sex\", levels = [\"F\", \"M\"], weight = 0.3, prevalence = [1, 3] }]";
    let rest = "[[factors]]\nname = \"region\"\nlevels = [\"EU\", \"US\"]\n[[strata]]\nlevels = [\"US\"]\ndesign = { kind = \"big_stick\", tolerance = 3 }\n";
    let design =
        format!("kind = \"minimisation\", measure = \"variance\", probability = \"2/3\", ties = \"ratio\", {factor}");
    let randomisation = with(&design, rest).unwrap();
    let again = Scheme::from_toml(&randomisation.scheme().to_toml()).unwrap();
    assert_eq!(&again, randomisation.scheme());
    assert_eq!(again.canonical(), randomisation.scheme().canonical());
}

#[test]
fn a_history_that_cannot_be_is_refused_at_its_subject() {
    let rule = Rule::new(&[1, 1], &Design::PermutedBlock { lengths: vec![4] }).unwrap();
    assert_eq!(next_arm(&rule, &[0, 0, 0], 0.5), Err(RandomisationError::Impossible { subject: 3 }));
    assert_eq!(next_arm(&rule, &[0, 2], 0.5), Err(RandomisationError::UnknownArm { arm: 2, arms: 2 }));
    for draw in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(matches!(next_arm(&rule, &[0], draw), Err(RandomisationError::Draw { .. })));
    }
    assert_eq!(next_arm(&rule, &[0, 0], 0.001), Ok(1));
    let rule = Rule::new(&[1, 1], &Design::RandomAllocation { subjects: 2 }).unwrap();
    assert_eq!(next_arm(&rule, &[0, 1], 0.5), Err(RandomisationError::Exhausted { subjects: 2 }));
    assert!(sequence_probability(&rule, &[0, 0]).unwrap() <= 0.0);
    assert!(sequence_ln_probability(&rule, &[0, 0]).unwrap() < f64::MIN);
    assert_eq!(
        sequences(&Rule::new(&[1, 1], &Design::Simple {}).unwrap(), 10, 1_000),
        Err(RandomisationError::TooManySequences { most: 1_000 })
    );
    let randomisation = with("kind = \"simple\"", "").unwrap();
    let seed = Seed::new([0; 32]);
    assert!(matches!(randomisation.next(&seed, "01", &[]), Err(RandomisationError::UnknownStratum { .. })));
    assert!(matches!(randomisation.minimise(&seed, "", &[], &[]), Err(RandomisationError::NotMinimisation { .. })));
}

#[test]
fn minimised_subjects_are_allocated_from_the_seed() {
    let design = "kind = \"minimisation\", probability = 0.8, factors = [{ name = \"sex\", levels = [\"F\", \"M\"] }, { name = \"age\", levels = [\"1\", \"2\", \"3\"] }]";
    let randomisation = with(design, "").unwrap();
    let seed = Seed::new([9; 32]);
    let allocate = || {
        let mut history: Vec<Subject> = Vec::new();
        for n in 0..60usize {
            let levels = vec![n % 2, n % 3];
            let next = randomisation.minimise(&seed, "", &history, &levels).unwrap();
            assert_eq!(next.number as usize, n + 1);
            history.push(Subject { levels, arm: next.arm });
        }
        history
    };
    let history = allocate();
    assert_eq!(history, allocate());
    let first = history.iter().filter(|subject| subject.arm == 0).count();
    assert!((25..=35).contains(&first), "{first}");
    assert_eq!(randomisation.next(&seed, "", &[]), Err(RandomisationError::NeedsSubjects));
    assert_eq!(List::make(&randomisation, &seed, Length::Exactly(4)), Err(RandomisationError::NeedsSubjects));
}

#[test]
fn a_design_can_be_written_in_a_line() {
    assert_eq!(Design::from_line("big-stick, tolerance = 3"), Ok(Design::BigStick { tolerance: 3 }));
    assert_eq!(Design::from_line(" simple "), Ok(Design::Simple {}));
    let coin = Design::from_line("biased_coin, probability = \"2/3\"");
    assert_eq!(coin, Ok(Design::BiasedCoin { probability: 2.0 / 3.0 }));
    for (text, says) in [
        ("", "no kind"),
        ("coin", "unknown variant `coin`"),
        ("big_stick", "missing field `tolerance`"),
        ("big_stick, tolerance = 3 } x = {", "big_stick"),
        ("simple\" }", "no kind"),
    ] {
        let error = Design::from_line(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}
