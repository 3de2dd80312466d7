//! Intravenous indometacin, as a bolus and as an infusion: Phoenix WinNonlin.

use crate::{check_phoenix, profiles};
use croft_pk::nca::{AucRule, Convention, Dosing, Options, Parameter, Route, analyse};
use croft_testkit::{assert_checked, reference};

#[test]
fn indometacin_agrees_with_winnonlin() {
    let Some(data) = reference("pk-be/nca-indometh/indometh.csv") else { return };
    let infusion = Route::Infusion { duration: 0.25 };
    let cases = [
        ("bolus_linear", Route::Bolus, AucRule::Linear),
        ("bolus_linuplogdown", Route::Bolus, AucRule::LinearUpLogDown),
        ("infusion0.25h_linear", infusion, AucRule::Linear),
    ];
    let mut checked = 0;
    for (name, route, rule) in cases {
        let profiles = profiles(&data, Dosing::oral(25.0).by(route));
        let file = reference(&format!("pk-be/nca-indometh/expected_winnonlin_{name}_dose25.csv")).unwrap();
        for convention in [Convention::Croft, Convention::Winnonlin] {
            let options = Options { rule, ..convention.options() };
            checked += check_phoenix(&file, 1e-8, |subject| analyse(&profiles[subject], &options));
        }
    }
    assert_checked("nca-indometh", checked, 2 * 6 * (2 * 38 + 35));
}

#[test]
fn as_pknca_the_peak_of_a_bolus_is_not_in_the_fit() {
    let Some(data) = reference("pk-be/nca-indometh/indometh.csv") else { return };
    let profiles = profiles(&data, Dosing::oral(25.0).by(Route::Bolus));
    let points =
        |convention: Convention| analyse(&profiles["4"], &convention.options()).value(Parameter::LambdaZPoints);
    assert_eq!(points(Convention::Pknca), Some(10.0));
    assert_eq!(points(Convention::Winnonlin), Some(11.0));
}
