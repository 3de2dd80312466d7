//! The two published reporting events, run on the published data of the CDISC pilot and held against the results that they bring.
//!
//! Every one of the 3735 + 74 results is computed and equal, or named below with the reason why not.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::ars::{self as model, ReportingEvent};
use croft_cdisc::files::{self, LoadOptions};
use croft_study::ars::{self, Comparison, Computed, Datasets, Difference, Run};
use croft_testkit::{assert_checked, reference};

fn published(name: &str) -> Option<(ReportingEvent, Datasets)> {
    let event = model::read(&std::fs::read(reference(&format!("cdisc/ars/{name}.json"))?).unwrap()).unwrap();
    let mut datasets = Datasets::new();
    for file in ["pilot-adam/adsl.xpt", "pilot-adam/adae.xpt", "datasetjson-1.1/adam/advs.dsjc"] {
        let path = reference(&format!("cdisc/{file}"))?;
        for one in files::load(file, &std::fs::read(path).unwrap(), &LoadOptions::default()).unwrap() {
            datasets.insert(one.dataset.name.to_ascii_uppercase(), one.dataset);
        }
    }
    Some((event, datasets))
}

fn ran(name: &str) -> Option<(ReportingEvent, Run, Comparison)> {
    let (event, datasets) = published(name)?;
    let run = ars::run(&event, &datasets);
    let compared = ars::compare(&event, &datasets, &run);
    Some((event, run, compared))
}

/// `analysis operation group/group: raw "formatted", computed value "formatted"`
fn told(difference: &Difference) -> String {
    let Difference { in_file, computed, .. } = difference;
    let groups: Vec<&str> =
        in_file.result_groups.iter().filter_map(|g| g.group_id.as_deref().or(g.group_value.as_deref())).collect();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!(
        "{} {} {}: {} {:?}, computed {} {:?}",
        computed.analysis,
        computed.operation,
        groups.join("/"),
        text(&in_file.raw_value),
        text(&in_file.formatted_value),
        computed.value.as_ref().map_or_else(Clone::clone, f64::to_string),
        text(&computed.formatted)
    )
}

/// Whether the file has here what is computed for the other active treatment: low dose and high dose changed places.
fn is_swapped(difference: &Difference, run: &Run) -> bool {
    const LOW: &str = "AnlsGrouping_01_Trt_2";
    const HIGH: &str = "AnlsGrouping_01_Trt_3";
    let mut groups = difference.in_file.result_groups.clone();
    for group in &mut groups {
        group.group_id = group.group_id.take().map(|id| match id.as_str() {
            LOW => HIGH.to_owned(),
            HIGH => LOW.to_owned(),
            _ => id,
        });
    }
    let is_other = |r: &&Computed| {
        r.analysis == difference.computed.analysis && r.operation == difference.computed.operation && r.groups == groups
    };
    let other = run.results.iter().find(is_other).unwrap();
    other.formatted == difference.in_file.formatted_value
}

#[test]
fn common_safety_displays() {
    let Some((event, run, compared)) = ran("common-safety-displays") else { return };
    assert_eq!(run.not_run, []);
    assert_eq!(compared.not_computed, []);
    let (swapped, others): (Vec<_>, Vec<_>) = compared.differences.iter().partition(|d| is_swapped(d, &run));
    // The file's counts by ethnicity and race and its mean heights of the two active treatments stand under each other's name: the agency's event, on the same data, has those by
    // ethnicity and race as they are computed here.
    let mut by_analysis: Vec<&str> = swapped.iter().map(|d| d.computed.analysis.as_str()).collect();
    by_analysis.dedup();
    assert_eq!(by_analysis, ["An03_04_Ethnic_Summ_ByTrt", "An03_05_Race_Summ_ByTrt", "An03_06_Height_Summ_ByTrt"]);
    assert_eq!(swapped.len(), 22);
    assert_eq!(
        others.iter().map(|d| told(d)).collect::<Vec<_>>(),
        [
            // The 21st and 22nd of 84 ages are 70 and 71; the file averages such two elsewhere.
            "An03_01_Age_Summ_ByTrt Mth02_ContVar_Summ_ByGrp_5_Q1 AnlsGrouping_01_Trt_3: 70 \"70.0\", computed 70.5 \"70.5\"",
            // The median of the placebo group is 162.6, that of the low dose too; no treatment has 162.2.
            "An03_06_Height_Summ_ByTrt Mth02_ContVar_Summ_ByGrp_4_Median AnlsGrouping_01_Trt_2: 162.2 \"162.2\", computed 162.6 \"162.6\"",
            // The file's own pattern is X.XXXX.
            "An07_09_Soc_Comp_ByTrt_PlacLow Mth03_CatVar_Comp_FishEx_1_pval VASCULAR DISORDERS: 1 \"1\", computed 1 \"1.0000\"",
        ]
    );
    assert_eq!(compared.equal + swapped.len() + others.len(), compared.in_file);
    assert_checked("results of the common safety displays that are equal", compared.equal, 3710);
    assert_checked("of these at the digits printed", compared.as_printed, 399);
    assert_eq!(compared.in_file, 3735);

    let computed = run.applied_to(&event);
    assert!(model::check(&computed).is_empty());
    let page = ars::html(&computed, None);
    for words in
        ["Summary of Demographics", "Xanomeline Low Dose", "(N=84)", "APPLICATION SITE PRURITUS", "MedDRA", "0.5934"]
    {
        assert!(page.contains(words), "{words} is not shown");
    }
    assert!(!page.contains("<script"));
}

#[test]
fn fda_standard_safety_tables() {
    let Some((event, run, compared)) = ran("fda-standard-safety-tables-and-figures") else { return };
    assert_eq!(compared.differences, []);
    // The published ADSL has AGEGR1 only.
    let not_run: Vec<String> = run.not_run.iter().map(|n| format!("{}: {}", n.analysis, n.reason)).collect();
    assert_eq!(not_run, ["A_SAF_SUM_USUBJID_TRT_AGEGRP: ADSL has no variable AGEGR2"]);
    let absent: usize = compared.not_computed.iter().map(|n| n.results).sum();
    assert_eq!((absent, compared.in_file), (18, 74));
    assert_checked("results of the agency's tables that are equal", compared.equal, 56);
    let text = ars::text(&run.applied_to(&event), None);
    for line in ["N = 86", "Table 2  Baseline Demographic", "SD, standard deviation"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
