//! No display file and no document makes the program panic: seeded mutations of files that are right.

use croft_report::fuzz::{fuzz_display, fuzz_document};
use proptest::prelude::*;

const DISPLAYS: [&str; 5] = [
    "type = \"table\"\ntitle = \"T {{a.P.N|G=1}}\"\nresults = { analysis = \"a\" }\ncolumns = { by = \"G\", span = \"S\" }\nrows = { by = \"parameter\", lines = [{ label = \"n\", cell = \"{N} ({MEAN:.2})\" }] }\n",
    "type = \"listing\"\ntitle = \"L\"\ndataset = \"D\"\nwhere = { S = \"1\" }\nsort = [\"T\"]\n[[column]]\nvariable = \"S\"\ngroup = true\n[[column]]\nvariable = \"V\"\nformat = \"3s\"\nwidth = 2\n",
    "type = \"figure\"\nplot = \"profile-individual\"\ntitle = \"F\"\ndataset = \"D\"\nsubject = \"S\"\ntime = \"T\"\nvalue = \"V\"\n",
    "type = \"figure\"\nplot = \"profile-mean\"\ntitle = \"F\"\nresults = { analysis = \"a\" }\ntime = \"G\"\ncenter = \"MEAN\"\nspread = \"N\"\n",
    "type = \"figure\"\nplot = \"forest\"\ntitle = \"F\"\nestimate = \"MEAN\"\nlower = \"N\"\nupper = \"N\"\nlimits = [80, 125]\nrows = [{ label = \"P\", where = { G = \"1\" } }]\n",
];

const DOCUMENT: &str = "+++\ntitle = \"T\"\n+++\n# A {#x}\n\nSee [](#x), {{a.P.MEAN|G=1|.2}} C~max~[^1].\n\n[^1]: n\n\n- a\n  1. b\n\n| a | b |\n|--|-:|\n| 1 | 2.5 |\n\n> q\n\n```\nc\n```\n\n{{contents}}\n";

/// Replaces, removes or doubles pieces of a text.
fn mutated(text: &str, edits: &[(usize, usize, String)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, length, with) in edits {
        let at = at % (bytes.len() + 1);
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, with.bytes());
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let piece = prop_oneof![
        "[\\PC]{0,6}",
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("\n\n".to_owned()),
        Just("> > > ".to_owned()),
        Just("[](#x)".to_owned()),
        Just("\"".to_owned()),
        Just("= [".to_owned()),
        Just("9e300".to_owned()),
    ];
    proptest::collection::vec((0usize..2000, 0usize..12, piece), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_display_file_panics(which in 0usize..5, edits in edits()) {
        fuzz_display(&mutated(DISPLAYS[which], &edits));
    }

    #[test]
    fn no_document_panics(edits in edits()) {
        fuzz_document(&mutated(DOCUMENT, &edits));
    }
}

#[test]
fn the_files_that_are_mutated_are_right_to_begin_with() {
    use croft_report::display::parse;
    let checked = DISPLAYS.iter().filter(|text| parse("seed", text).is_ok()).count();
    assert_eq!(checked, DISPLAYS.len());
    assert!(croft_report::document::parse("seed", DOCUMENT).is_ok());
}

#[test]
fn deep_nesting_is_refused() {
    let text = format!("+++\ntitle = \"T\"\n+++\n{}x", "> ".repeat(5000));
    assert!(croft_report::document::parse("deep", &text).unwrap_err().to_string().contains("nested"));
}
