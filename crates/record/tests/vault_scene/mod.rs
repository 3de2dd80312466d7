//! A double-blind study that tests of the vault share.

pub const STUDY: &str = "CRV301";

pub const DEFINITION: &str = r#"
[study]
id = "CRV301"
kind = "parallel"
title = "A study"
short_title = "A study"
phase = "PHASE II TRIAL"
blinding = "DOUBLE BLIND"
sponsor = "Example Sponsor Ltd"
[capture]
subject_number = "{site}-{number:5}"
[[treatment]]
code = "A"
label = "Active"
name = "Active 20 mg tablet"
dose = 20
dose_unit = "mg"
form = "TABLET"
route = "ORAL"
[[treatment]]
code = "P"
label = "Placebo"
name = "Placebo tablet"
dose = 0
dose_unit = "mg"
form = "TABLET"
route = "ORAL"
[[arm]]
code = "VERUM"
name = "Active 20 mg"
[[arm]]
code = "PLACEBO"
name = "Placebo"
[[element]]
code = "A"
name = "Active"
start = "First dose"
end = "Last dose"
treatment = "A"
[[element]]
code = "P"
name = "Placebo"
start = "First dose"
end = "Last dose"
treatment = "P"
[[cell]]
arm = "VERUM"
path = ["TREATMENT:A"]
[[cell]]
arm = "PLACEBO"
path = ["TREATMENT:P"]
[[visit]]
number = 1
code = "BL"
name = "BASELINE"
day = 1
epoch = "TREATMENT"
start = "Randomisation"
"#;

pub const FORM: &str = r#"
form = "BL"
label = "Baseline"
visits = ["BL"]
[[group]]
name = "baseline"
label = "Baseline"
[[group.item]]
name = "ELIG"
label = "All criteria are met"
type = "text"
codes = { Y = "Yes", N = "No" }
[[group.item]]
name = "SEX"
label = "Sex"
type = "text"
codes = { M = "Male", F = "Female" }
"#;

pub const RANDOMISATION: &str = r#"
form = "RND"
label = "Randomisation"
visits = ["BL"]
[[group]]
name = "randomisation"
label = "Randomisation"
[[group.item]]
name = "RNDNUM"
label = "Randomisation number"
type = "text"
[[group.item]]
name = "RNDDAT"
label = "Date of randomisation"
type = "date"
"#;

/// The texts of its definition.
pub fn definition() -> std::collections::BTreeMap<String, String> {
    let texts = [("study.toml", DEFINITION), ("forms/bl.toml", FORM), ("forms/rnd.toml", RANDOMISATION)];
    texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}
