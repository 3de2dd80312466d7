//! How every command tells.

use std::process::{Command, Stdio};

/// `croft … | head`: the reader goes, and the program ends without a word.
#[test]
fn a_reader_that_has_read_enough_ends_the_program_quietly() {
    let arguments = ["power", "be", "--design", "2x2", "--cv", "0.3", "--json"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_croft"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
