//! FDA's scaled criteria against the reference table.

use crate::common::{analyse, data, options};
use croft_pk::be::{BeError, Method};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use serde::Deserialize;

#[derive(Deserialize)]
#[allow(non_snake_case, reason = "the table's column names")]
struct Case {
    dataset: String,
    n_ilat: usize,
    df_ilat: f64,
    n_dlat: usize,
    df_dlat: usize,
    PE_pct: f64,
    SE: f64,
    CI90_lo_pct: f64,
    CI90_hi_pct: f64,
    sWR: f64,
    CVwR_pct: f64,
    x: f64,
    boundx: f64,
    y: f64,
    boundy: f64,
    critbound: f64,
    NTID_critbound: f64,
    sWT: Option<f64>,
    df_dlatT: Option<usize>,
    sWT_sWR: Option<f64>,
    ratio_lo: Option<f64>,
    ratio_hi: Option<f64>,
    RSABE_eligible: String,
    RSABE_pass: String,
}

#[test]
fn scaled_criteria_agree_with_the_reference() {
    let Some(folder) = reference("pk-be") else { return };
    let mut checked = 0;
    let mut ratios = 0;
    for case in csv_rows::<Case>(folder.join("be-rsabe-ntid/expected.csv")) {
        let what = case.dataset.as_str();
        let data = data(&folder.join(format!("be-replicate/{what}.csv")));
        let rsabe = analyse(&data, &options(Method::Rsabe));
        let facts = rsabe.scaled.clone().unwrap();
        let e = rsabe.estimate;
        assert_eq!((facts.n_ilat, facts.n_dlat, facts.df_dlat), (case.n_ilat, case.n_dlat, case.df_dlat), "{what}");
        let pairs = [
            (e.df, case.df_ilat),
            (e.pe_pct, case.PE_pct),
            (e.ln_se, case.SE),
            (e.ci_lo_pct, case.CI90_lo_pct),
            (e.ci_hi_pct, case.CI90_hi_pct),
            (facts.s_wr, case.sWR),
            (facts.cv_wr_pct, case.CVwR_pct),
            (facts.x, case.x),
            (facts.bound_x, case.boundx),
            (facts.y, case.y),
            (facts.bound_y, case.boundy),
            (facts.criterion_bound, case.critbound),
        ];
        for (i, (got, expected)) in pairs.into_iter().enumerate() {
            assert_close(&format!("{what} quantity {i}"), got, expected, 1e-8);
        }
        assert_eq!(facts.eligible, case.RSABE_eligible == "TRUE", "{what}");
        if facts.eligible {
            assert_eq!(rsabe.decision.pass, case.RSABE_pass == "TRUE", "{what}");
        } else {
            // Below the switch the mixed model decides.
            assert_eq!(rsabe.unscaled.as_ref().unwrap().options.method, Method::C);
            assert_eq!(rsabe.decision, rsabe.unscaled.as_ref().unwrap().decision);
        }
        let ntid = analyse(&data, &options(Method::Ntid));
        assert_close(&format!("{what} NTID bound"), ntid.scaled.unwrap().criterion_bound, case.NTID_critbound, 1e-8);
        assert_eq!(ntid.ntid.is_some(), case.sWT.is_some(), "{what}");
        if let (Some(got), Some(s_wt)) = (ntid.ntid, case.sWT) {
            assert_close(&format!("{what} sWT"), got.s_wt, s_wt, 1e-8);
            assert_eq!(Some(got.df_dlat_t), case.df_dlatT);
            assert_close(&format!("{what} ratio"), got.ratio, case.sWT_sWR.unwrap(), 1e-8);
            assert_close(&format!("{what} ratio lower"), got.ratio_lo, case.ratio_lo.unwrap(), 1e-8);
            assert_close(&format!("{what} ratio upper"), got.ratio_hi, case.ratio_hi.unwrap(), 1e-8);
            ratios += 1;
        }
        checked += 1;
    }
    assert_checked("RSABE and NTID sets", checked, 20);
    assert_checked("of them with a variance ratio", ratios, 17);
}

#[test]
fn designs_that_fdas_code_does_not_cover_are_refused() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    for set in ["rds03", "rds10", "rds17", "rds27"] {
        let error =
            croft_pk::be::analyse(&data(&folder.join(format!("{set}.csv"))), &options(Method::Rsabe)).unwrap_err();
        assert!(matches!(error, BeError::NotCovered { .. }), "{set}: {error}");
    }
}
