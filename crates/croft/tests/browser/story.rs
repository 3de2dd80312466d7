//! The story: what is typed into a page is followed from a number of the report, back to who typed it and what stood there before.

use crate::scene::{House, PASSWORD, Person, croft};
use croft_testkit::browser::Browser;
use serde_json::Value;
use std::path::Path;

const STUDY_TOML: &str = r#"[study]
id = "TIDE01"
kind = "clinical"
title = "Velotinib and blood pressure in adults"
short_title = "Velotinib: blood pressure"
phase = "PHASE I TRIAL"
blinding = "OPEN LABEL"
sponsor = "Example Sponsor Ltd"

[capture]
consent = { form = "DM", group = "demographics", item = "RFICDAT" }
subjects_planned = 4

[[visit]]
number = 1
code = "V1"
name = "SCREENING"
day = -7
epoch = "SCREENING"
start = "Informed consent"

[[visit]]
number = 2
code = "V2"
name = "WEEK 1"
day = 1
epoch = "TREATMENT"
start = "A week after screening"
days_before = 1
days_after = 1
"#;

const DM_TOML: &str = r#"form = "DM"
label = "Subject"
visits = ["V1"]

[[group]]
name = "demographics"
label = "Demographics"

[[group.item]]
name = "RFICDAT"
label = "Date of informed consent"
type = "date"
required = true

[[group.item]]
name = "BRTHDAT"
label = "Date of birth"
type = "partial_date"

[[group.item]]
name = "SEX"
label = "Sex"
type = "text"
codes = { F = "Female", M = "Male" }
"#;

const VS_TOML: &str = r#"form = "VS"
label = "Vital signs"
visits = ["V1", "V2"]

[[group]]
name = "vital_signs"
label = "Vital signs"

[[group.item]]
name = "VSDAT"
label = "Date of measurement"
type = "date"

[[group.item]]
name = "SYSBP"
label = "Systolic blood pressure"
type = "integer"
unit = "mmHg"
critical = true

[[group.item]]
name = "DIABP"
label = "Diastolic blood pressure"
type = "integer"
unit = "mmHg"
not_submitted = "the story tells of the systolic pressure"

[[group.check]]
name = "SYSBP_RANGE"
item = "SYSBP"
holds = "SYSBP between 90 and 180"
message = "Systolic {SYSBP} mmHg: please confirm"
case = [
  { values = { SYSBP = "120" }, fires = false },
  { values = { SYSBP = "210" }, fires = true },
]
"#;

/// How the recorded values become a dataset, a result and a table: the statistician's part, as text beside what is recorded.
const ROAD: [(&str, &str); 5] = [
    ("check/accepted.toml", "[[accept]]\nrule = \"CROFT-TRC-1734-1\"\nreason = \"The story is not submitted\"\n"),
    (
        "tabulate/dm.sql",
        "-- dataset: DM\n-- keys: STUDYID, USUBJID\nselect s.STUDYID as STUDYID, 'DM' as DOMAIN, s.STUDYID || '-' || d.SUBJECT as USUBJID, d.SUBJECT as SUBJID, '101' as SITEID, 'GBR' as COUNTRY, d.RFICDAT as RFICDTC, d.BRTHDAT as BRTHDTC, d.SEX as SEX\nfrom demographics as d\ncross join study as s\n",
    ),
    (
        "tabulate/vs.sql",
        "-- dataset: VS\n-- keys: STUDYID, USUBJID, VSTESTCD, VISITNUM\n-- sequence: VSSEQ within USUBJID\nselect m.STUDYID as STUDYID, 'VS' as DOMAIN, m.USUBJID as USUBJID, 0 as VSSEQ, 'SYSBP' as VSTESTCD, 'Systolic Blood Pressure' as VSTEST, l.SYSBP__text as VSORRES, l.SYSBP__unit as VSORRESU, text(l.SYSBP) as VSSTRESC, l.SYSBP as VSSTRESN, l.SYSBP__unit as VSSTRESU, v.NUMBER as VISITNUM, v.NAME as VISIT, l.VSDAT as VSDTC\nfrom vital_signs as l\ninner join DM as m on m.SUBJID = l.SUBJECT\nleft join visits as v on v.CODE = l.VISIT\n",
    ),
    (
        "analyse/pressure.toml",
        "title = \"Systolic blood pressure by visit\"\nmethod = \"summary\"\ndataset = \"VS\"\nwhere = \"VSTESTCD = 'SYSBP'\"\ngroups = [\"VISIT\"]\n\n[options]\nvalues = [\"VSSTRESN\"]\n",
    ),
    (
        "display/pressure.toml",
        "type = \"table\"\ntitle = \"Systolic blood pressure (mmHg)\"\npopulation = \"All subjects\"\nstub = \"Statistic\"\nresults = { analysis = [\"pressure\"] }\n\n[[column]]\nlabel = \"Screening\"\nwhere = { VISIT = \"SCREENING\" }\n\n[[row]]\nlabel = \"Mean\"\nwhere = { parameter = \"VSSTRESN\" }\ncell = \"{MEAN:.1}\"\n",
    ),
];

const VITALS: &str = "/studies/TIDE01/subjects/101-001/visits/V1/1/forms/VS/1";

/// The administrator's account, made on the command line before the server runs: its link.
fn first_account(dir: &Path) -> String {
    let told = croft(&[
        "user",
        "add",
        dir.to_str().unwrap(),
        "ada",
        "--name",
        "Ada Lund",
        "--role",
        "administrator",
        "--json",
    ]);
    let told: Value = serde_json::from_str(&told).unwrap();
    told["link"].as_str().unwrap().to_owned()
}

/// The administrator opens the study and its site, and invites who will work on it; their links.
fn invite(admin: &mut Person) -> Vec<(&'static str, String)> {
    admin.open("/studies");
    admin.page.fill("Identifier", "TIDE01");
    admin.page.fill("Title", "Velotinib and blood pressure");
    admin.page.follow("Create a study");
    admin.page.sees("is created, with its training twin");
    admin.open("/studies/TIDE01/access");
    admin.page.fill("Code", "101");
    admin.page.fill("Name", "Harbour Clinic");
    admin.page.fill("Country", "GBR");
    admin.page.follow("Open a site");
    admin.page.sees("Site 101 is open");
    let people = [
        ("dita", "Dita Sol", "study_designer", ""),
        ("cora", "Cora Vale", "coordinator", "101"),
        ("ivan", "Ivan Reed", "investigator", "101"),
        ("mona", "Mona Birk", "monitor", ""),
        ("dan", "Dan Moss", "data_manager", ""),
    ];
    people.map(|(login, name, role, site)| (login, invite_one(admin, login, name, role, site))).into()
}

fn invite_one(admin: &mut Person, login: &str, name: &str, role: &str, site: &str) -> String {
    admin.open("/people");
    admin.page.fill("Account", login);
    admin.page.fill("Name as printed", name);
    admin.page.follow("Invite a person");
    let link = admin.page.eval("document.querySelector('main code').textContent").as_str().unwrap().to_owned();
    admin.page.follow("Next: give a role");
    admin.page.select("Role", role);
    admin.page.select("Study", "TIDE01");
    admin.page.fill("Site", site);
    admin.page.follow("Give a role");
    admin.page.sees("The role is given");
    admin.page.fill("Training", "GCP");
    admin.page.follow("Record a training");
    admin.page.sees("The training is recorded");
    link
}

/// The designer writes the definition, is told what is wrong with it, mends it and publishes.
fn design(designer: &mut Person) {
    designer.open("/studies/TIDE01/definition");
    designer.page.follow("Prepare a version");
    for (name, text) in
        [("study.toml", STUDY_TOML), ("forms/dm.toml", DM_TOML), ("forms/vs.toml", &VS_TOML.replace("180", "'180'"))]
    {
        designer.page.fill("Name", name);
        designer.page.fill("Text", text);
        designer.page.follow("Check and show the changes");
    }
    designer.page.sees("It cannot be published");
    designer.page.sees_no("Sign and publish");
    designer.page.fill("forms/vs.toml", VS_TOML);
    designer.page.follow("Check and show the changes");
    designer.page.sees("their worked examples pass");
    designer.page.fill("What it is for", "first version");
    designer.page.fill("Password", PASSWORD);
    designer.page.follow("Sign and publish");
    designer.page.sees("Version 1 is published");
}

/// The coordinator enrols a subject and fills the forms of screening.
fn enter(coordinator: &mut Person) {
    let page = &mut coordinator.page;
    page.open(&format!("{}/studies/TIDE01/subjects", coordinator.origin));
    page.follow("Enrol a subject");
    page.sees("Subject 101-001 is enrolled");
    // Nothing before consent.
    coordinator.open(VITALS);
    coordinator.page.fill("Systolic blood pressure", "118");
    coordinator.page.follow("Save");
    coordinator.page.sees("consent");
    coordinator.open("/studies/TIDE01/subjects/101-001/visits/V1/1/forms/DM/1");
    let page = &mut coordinator.page;
    page.fill("Date of informed consent", "3mar24");
    page.fill("Date of birth", "mar85");
    page.choose("Sex", "Female");
    page.tick("The form is complete");
    page.follow("Save, then the next form");
    page.sees("items saved");
    // What was refused is not recorded: the form is empty, or has a draft.
    page.sees("Empty");
    page.fill("Date of measurement", "03032024");
    page.fill("Systolic blood pressure", "210");
    page.fill("Diastolic blood pressure", "76");
    page.follow("Save");
    page.sees("a check asks one question");
    page.sees("Systolic 210 mmHg: please confirm");
}

/// The coordinator answers the check's query, then corrects the value, which closes it.
fn answer(coordinator: &mut Person) {
    let page = &mut coordinator.page;
    page.click("Answer");
    page.fill("Your words", "Digits swapped: the source says 120");
    page.follow("Answer");
    page.sees("Query answered");
    page.fill("Systolic blood pressure", "120");
    page.follow("Save");
    page.sees("reason");
    page.fill("Why is it changed?", "Transcription error");
    page.tick("The form is complete");
    page.follow("Save");
    page.sees("saved");
    // What was asked is settled, and goes from the form into the history.
    page.sees_no("please confirm");
    coordinator.open(&format!("{VITALS}?history=vital_signs/1/SYSBP"));
    coordinator.page.sees("Query closed");
    coordinator.page.sees("Transcription error");
}

/// The monitor asks about a value, closes what was answered, and verifies against the source.
fn monitor(monitor: &mut Person, coordinator: &mut Person) {
    monitor.open(VITALS);
    monitor.page.click("Ask about the whole form");
    monitor.page.fill("Question", "Was the cuff the large one?");
    monitor.page.follow("Open a query");
    monitor.page.sees("Query open");

    coordinator.open("/");
    coordinator.page.sees("One query waits for an answer");
    coordinator.open(VITALS);
    coordinator.page.click("Answer");
    coordinator.page.fill("Your words", "It was");
    coordinator.page.follow("Answer");
    coordinator.page.sees("Query answered");

    monitor.open(VITALS);
    monitor.page.click("Query answered");
    monitor.page.click("Close · Reopen · Cancel the query");
    monitor.page.fill("Your words", "Thank you");
    monitor.page.follow("Close");
    monitor.page.sees_no("the large one");
    for form in ["VS", "DM"] {
        monitor.open(&format!("/studies/TIDE01/subjects/101-001/visits/V1/1/forms/{form}/1"));
        monitor.page.follow("Verify the 3 items that are due");
        monitor.page.sees("3 items verified");
    }
    monitor.open("/studies/TIDE01/verification");
    monitor.page.sees("Nothing is due for verification here");
}

/// The investigator signs the subject; a wrong password signs nothing.
fn sign(investigator: &mut Person) {
    investigator.open("/studies/TIDE01/subjects/101-001");
    investigator.page.follow("Sign all forms of the subject");
    investigator.page.fill("Password", "not the password at all");
    investigator.page.follow("Sign 2 forms");
    investigator.page.sees("Password: is wrong: give the password of your account");
    investigator.page.fill("Password", PASSWORD);
    investigator.page.follow("Sign 2 forms");
    investigator.page.sees("Signed. A later change of any value makes the signature void");
    investigator.open(VITALS);
    investigator.page.sees("Signed by Ivan Reed");
}

/// The data manager locks, in spite of the visit that never took place.
fn lock(manager: &mut Person, coordinator: &mut Person) {
    manager.open("/studies/TIDE01/lock");
    manager.page.sees("In the way of a lock");
    manager.page.fill("Why it is locked in spite of these", "The study ended early; week 1 did not take place");
    manager.page.fill("Password", PASSWORD);
    manager.page.follow("Lock TIDE01");
    manager.page.sees("TIDE01 is locked");
    coordinator.open(VITALS);
    coordinator.page.sees("Nothing here can change");
    assert_eq!(coordinator.page.eval("document.querySelectorAll('main form.entry').length"), 0);
}

/// The record becomes the folder, the folder the table, and the table's number leads back to what was typed.
fn build_and_trace(house: &House) {
    let study = house.dir.join("studies/TIDE01");
    for (file, text) in ROAD {
        let path = study.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let study = study.to_str().unwrap();
    croft(&["lock", house.dir.to_str().unwrap(), "--study", "TIDE01"]);
    croft(&["build", study]);
    croft(&["verify", study]);
    let told = croft(&["trace", study, "pressure", "Mean/Screening", "--values"]);
    for fact in ["enter 210  Cora Vale", "amend 210 -> 120  Cora Vale", "Transcription error"] {
        assert!(told.contains(fact), "{fact} is not in:\n{told}");
    }
    let told: Value =
        serde_json::from_str(&croft(&["audit", "verify", house.dir.to_str().unwrap(), "--json"])).unwrap();
    assert_eq!(told["report"]["faults"].as_array().map(Vec::len), Some(0), "{told}");
}

/// The whole story, with scripts or without.
fn tell(name: &str, scripts: bool) {
    let Some(browser) = Browser::start() else { return };
    let dir = House::folder(name);
    let link = first_account(&dir);
    let mut house = House::serve(&dir);
    let person = |login: &str| {
        let person = Person::new(&browser, &house, login);
        if scripts { person } else { person.without_scripts() }
    };
    let mut admin = person("ada");
    admin.join(&link);
    let mut staff: Vec<Person> = Vec::new();
    for (login, link) in invite(&mut admin) {
        let mut one = person(login);
        one.join(&link);
        staff.push(one);
    }
    let [designer, coordinator, investigator, the_monitor, manager] = &mut staff[..] else {
        unreachable!("five people")
    };
    design(designer);
    enter(coordinator);
    answer(coordinator);
    monitor(the_monitor, coordinator);
    sign(investigator);
    lock(manager, coordinator);
    for person in staff.iter_mut().chain([&mut admin]) {
        person.page.was_calm(&house.origin);
    }
    house.close();
    build_and_trace(&house);
}

#[test]
fn a_number_of_the_table_is_followed_to_what_was_typed_into_the_page() {
    tell("story", true);
}

#[test]
fn the_same_with_scripts_off() {
    tell("plain", false);
}
