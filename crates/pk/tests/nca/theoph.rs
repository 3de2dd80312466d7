//! Oral theophylline: Phoenix WinNonlin and PKNCA 0.12.1.

use crate::{check, check_phoenix, profiles};
use croft_pk::nca::{AucRule, Convention, Dosing, Options, Parameter, Profile, analyse};
use croft_testkit::{assert_checked, csv_rows, reference};
use std::collections::BTreeMap;

const RULES: [(&str, AucRule); 2] = [("linear", AucRule::Linear), ("linuplogdown", AucRule::LinearUpLogDown)];

fn theoph() -> Option<BTreeMap<String, Profile>> {
    Some(profiles(&reference("pk-be/nca-theoph/theoph.csv")?, Dosing::oral(320.0)))
}

#[test]
fn theophylline_agrees_with_winnonlin() {
    let Some(profiles) = theoph() else { return };
    let mut checked = 0;
    for (name, rule) in RULES {
        for convention in [Convention::Croft, Convention::Winnonlin] {
            let options = Options { rule, ..convention.options() };
            let file = reference(&format!("pk-be/nca-theoph/expected_winnonlin_{name}_dose320.csv")).unwrap();
            // the file carries 9 to 10 digits
            checked += check_phoenix(&file, 1e-6, |subject| analyse(&profiles[subject], &options));
        }
    }
    assert_checked("nca-theoph, WinNonlin", checked, 2 * 2 * 12 * 34);
}

#[test]
fn theophylline_agrees_with_pknca() {
    #[derive(serde::Deserialize)]
    struct Expected {
        auc_method: String,
        subject: String,
        parameter: String,
        value: String,
    }
    use Parameter as P;
    let Some(profiles) = theoph() else { return };
    let file = reference("pk-be/nca-theoph/expected_pknca_0.12.1_dose320.csv").unwrap();
    let mut checked = 0;
    for row in csv_rows::<Expected>(file) {
        let rule = if row.auc_method == "linear" { AucRule::Linear } else { AucRule::LinearUpLogDown };
        let result = analyse(&profiles[&row.subject], &Options { rule, ..Convention::Pknca.options() });
        let parameter = match row.parameter.as_str() {
            "auclast" => P::AucLast,
            "aucall" => P::AucAll,
            "aumclast" => P::AumcLast,
            "cmax" => P::CMax,
            "tmax" => P::TMax,
            "tlast" => P::TLast,
            "clast.obs" => P::CLast,
            "mrt.last" => P::MrtLast,
            "lambda.z" => P::LambdaZ,
            "r.squared" => P::RSquared,
            "adj.r.squared" => P::RSquaredAdjusted,
            "lambda.z.time.first" => P::LambdaZLower,
            "lambda.z.time.last" => P::LambdaZUpper,
            "lambda.z.n.points" => P::LambdaZPoints,
            "clast.pred" => P::CLastPred,
            "half.life" => P::HalfLife,
            "span.ratio" => P::LambdaZSpan,
            "aucinf.obs" => P::AucInfObs,
            "aucinf.pred" => P::AucInfPred,
            "aumcinf.obs" => P::AumcInfObs,
            "aucpext.obs" => P::AucPctExtrapObs,
            "aucpext.pred" => P::AucPctExtrapPred,
            "cl.obs" => P::ClObs,
            "mrt.obs" => P::MrtInfObs,
            "vz.obs" => P::VzObs,
            other => panic!("{other} is not known"),
        };
        check(&format!("{} {} {}", row.auc_method, row.subject, row.parameter), &result, parameter, &row.value, 1e-9);
        checked += 1;
    }
    assert_checked("nca-theoph, PKNCA", checked, 600);
}
