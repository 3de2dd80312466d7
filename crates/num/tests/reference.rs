//! Values printed by another program for the exact power of two one-sided tests.

// the helpers of a test may fail as tests do
#![allow(clippy::unwrap_used)]

use croft_num::owen;
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};

#[derive(serde::Deserialize)]
struct Row {
    function_call: String,
    #[serde(rename = "quantity")]
    _quantity: String,
    value: f64,
}

/// The number after `name=` in a call such as `OwensT(h=0.8;a=0.5)`.
fn argument(call: &str, name: &str) -> f64 {
    let inside = call.split(['(', ')', ';']).find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    inside.unwrap_or_else(|| panic!("no {name} in {call}")).parse().unwrap()
}

#[test]
fn owens_functions_agree_with_another_program() {
    let Some(path) = reference("pk-be/power-samplesize/misc_functions.csv") else { return };
    let mut checked = 0;
    for row in csv_rows::<Row>(path) {
        let call = row.function_call.as_str();
        let got = if call.starts_with("OwensT") {
            owen::t(argument(call, "h"), argument(call, "a"))
        } else if call.starts_with("OwensQ") {
            let [nu, t, delta, r] = ["nu", "t", "delta", "b"].map(|name| argument(call, name));
            owen::q(nu, t, delta, r).unwrap()
        } else {
            continue;
        };
        // printed with 10 digits: half a unit of the last
        assert_close(call, got, row.value, 5e-10);
        checked += 1;
    }
    assert_checked("Owen's T and Q", checked, 2);
}
