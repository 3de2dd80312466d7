//! The people of the demonstration, and the two studies that they work in, up to the first subject.

use super::phase2;
use super::staff::Staff;
use crate::output::Failure;
use croft_record::access::account::CreateAccount;
use croft_record::access::grant::GiveGrant;
use croft_record::{Caller, Record};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Account, name as printed, role, site; in both studies unless the role is the house's, or one of a blind study.
pub const PEOPLE: [(&str, &str, &str, Option<&str>); 19] = [
    ("ada.lorenz", "Ada Lorenz", "administrator", None),
    ("ines.marti", "Ines Martí", "study_designer", None),
    ("nora.sarin", "Nora Sarin", "coordinator", Some("101")),
    ("daniel.okafor", "Daniel Okafor", "investigator", Some("101")),
    ("lena.brandt", "Lena Brandt", "laboratory", None),
    ("tomas.vesely", "Tomáš Veselý", "monitor", None),
    ("mara.lindqvist", "Mara Lindqvist", "data_manager", None),
    ("petra.nowak", "Petra Nowak", "project_manager", None),
    ("yusuf.demir", "Yusuf Demir", "statistician", None),
    ("claire.roux", "Claire Roux", "sponsor", None),
    ("quentin.hale", "Quentin Hale", "auditor", None),
    ("irene.falk", "Irene Falk", "inspector", None),
    ("hana.sato", "Hana Sato", "coordinator", Some("201")),
    ("julia.brunner", "Julia Brunner", "investigator", Some("201")),
    ("jonas.weber", "Jonas Weber", "coordinator", Some("301")),
    ("marc.dupont", "Marc Dupont", "investigator", Some("301")),
    ("vera.holm", "Vera Holm", "unblinded_statistician", None),
    ("otto.berg", "Otto Berg", "supply_manager", None),
    ("sven.dahl", "Sven Dahl", "depot", None),
];

/// The first account is the program's; it makes the others.
const ADMINISTRATOR: &str = "ada.lorenz";

/// Makes every account, with its password.
pub async fn people(staff: &mut Staff, record: &Record) -> Result<(), Failure> {
    let system = Caller::system();
    for (login, name, role, _) in PEOPLE {
        let link = if login == ADMINISTRATOR {
            let link = record
                .execute(&system, CreateAccount { login: login.into(), name: name.into(), email: String::new() })?;
            record.execute(&system, GiveGrant { account: login.into(), role: role.into(), ..GiveGrant::default() })?;
            link.0
        } else {
            let body = json!({ "login": login, "name": name, "email": format!("{login}@example.org") });
            let made = staff.call(ADMINISTRATOR, "POST", "/accounts", &body).await?;
            made["link"].as_str().unwrap_or_default().to_owned()
        };
        staff.set_password(&link).await?;
        if role == "study_designer" {
            staff.call(ADMINISTRATOR, "POST", &format!("/accounts/{login}/grants"), &json!({ "role": role })).await?;
        }
        let training = json!({ "title": "Good clinical practice, ICH E6(R3)" });
        if login != ADMINISTRATOR {
            staff.call(ADMINISTRATOR, "POST", &format!("/accounts/{login}/trainings"), &training).await?;
        }
    }
    Ok(())
}

/// A study with its published definition, its sites, and who works in it.
pub async fn study(
    staff: &mut Staff,
    id: &str,
    title: &str,
    files: &BTreeMap<String, String>,
    sites: &[(&str, &str, &str)],
) -> Result<(), Failure> {
    staff.call("ines.marti", "POST", "/studies", &json!({ "id": id, "title": title })).await?;
    let version = json!({ "files": files, "note": "Protocol, final version 1.0" });
    staff.signs("ines.marti", &format!("/studies/{id}/versions"), version).await?;
    for (site, name, country) in sites {
        let body = json!({ "site": site, "name": name, "country": country });
        staff.call(ADMINISTRATOR, "POST", &format!("/studies/{id}/sites"), &body).await?;
    }
    for (login, _, role, site) in PEOPLE {
        let elsewhere = site.is_some_and(|site| !sites.iter().any(|(s, ..)| *s == site));
        let of_the_blind = matches!(role, "unblinded_statistician" | "supply_manager" | "depot");
        if matches!(role, "administrator" | "study_designer") || elsewhere || of_the_blind && id != phase2::STUDY {
            continue;
        }
        // The training twin is open to those who work in the study.
        for of in [id.to_owned(), format!("{id}-TRAINING")] {
            let at: Value = if of == id { json!(site) } else { Value::Null };
            let body = json!({ "role": role, "study": of, "site": at });
            staff.call(ADMINISTRATOR, "POST", &format!("/accounts/{login}/grants"), &body).await?;
        }
    }
    Ok(())
}
