//! Who could do what in the study, on any date?
//!
//! `access-list.csv` has a line for each stretch of time in which a role acted: whoever had access on a date stands in the lines with
//! FROM at or before it and UNTIL empty or after it. A stretch ends when the role was taken back or ran out, or the account was disabled.

use super::Csv;
use crate::CasebookError;
use croft_record::Reading;
use croft_record::access::{Account, Grant, roles};
use croft_record::export::{Files, rfc3339};

/// Writes `people.csv`, `access-list.csv` and `trainings.csv`.
pub(super) fn write(reading: &Reading<'_>, study: &str, files: &mut dyn Files) -> Result<(), CasebookError> {
    let mut people = Csv::begin(files, "people.csv", &["ACCOUNT", "NAME", "CREATED", "STATE", "DISABLED_AND_ENABLED"])?;
    let columns =
        ["ACCOUNT", "NAME", "ROLE", "SITE", "COUNTRY", "ALL_STUDIES", "FROM", "UNTIL", "GIVEN_BY", "TRAINING_NEEDED"];
    let mut access = Csv::begin(files, "access-list.csv", &columns)?;
    let mut trainings =
        Csv::begin(files, "trainings.csv", &["ACCOUNT", "NAME", "TRAINING", "ALL_STUDIES", "RECORDED"])?;
    for account in reading.accounts_of(study)? {
        let switched: Vec<String> = account.switched_ms.iter().map(|ms| rfc3339(*ms)).collect();
        let state = if account.disabled { "disabled" } else { "enabled" };
        let created = rfc3339(account.created_ms);
        people.row(&[&account.login, &account.name, &created, state, &switched.join(" ")])?;
        for grant in &account.grants {
            for (from, until) in stretches(&account, grant) {
                access.row(&line(&account, grant, from, until))?;
            }
        }
        for training in &account.trainings {
            let all = yes(training.study.is_none());
            trainings.row(&[&account.login, &account.name, &training.title, all, &rfc3339(training.at_ms)])?;
        }
    }
    people.end()?;
    access.end()?;
    trainings.end()?;
    Ok(())
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn line(account: &Account, grant: &Grant, from: i64, until: Option<i64>) -> [String; 10] {
    let role = roles().get(&grant.role);
    [
        account.login.clone(),
        account.name.clone(),
        role.map_or_else(|| grant.role.clone(), |r| r.label.clone()),
        grant.site.clone().unwrap_or_else(|| "all".to_owned()),
        grant.country.clone().unwrap_or_else(|| "all".to_owned()),
        yes(grant.study.is_none()).to_owned(),
        rfc3339(from),
        until.map_or_else(String::new, rfc3339),
        grant.given_by.clone(),
        yes(role.is_some_and(|r| r.training)).to_owned(),
    ]
}

/// When a grant acted: its own time, without those in which the account was disabled.
fn stretches(account: &Account, grant: &Grant) -> Vec<(i64, Option<i64>)> {
    let mut found = Vec::new();
    let mut enabled_from = Some(account.created_ms);
    let mut add = |from: i64, until: Option<i64>| {
        let from = from.max(grant.from_ms);
        let until = [until, grant.to_ms].into_iter().flatten().min();
        if until.is_none_or(|until| from < until) {
            found.push((from, until));
        }
    };
    for at in &account.switched_ms {
        enabled_from = match enabled_from {
            Some(from) => {
                add(from, Some(*at));
                None
            }
            None => Some(*at),
        };
    }
    if let Some(from) = enabled_from {
        add(from, None);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_ends_when_it_is_taken_back_or_the_account_is_disabled() {
        let grant = |from_ms, to_ms| Grant {
            number: 1,
            role: "monitor".into(),
            study: None,
            site: None,
            country: None,
            from_ms,
            to_ms,
            given_by: "a".into(),
        };
        let account = |switched_ms: &[i64]| Account {
            login: "m".into(),
            name: "M".into(),
            created_ms: 10,
            disabled: switched_ms.len() % 2 == 1,
            switched_ms: switched_ms.to_vec(),
            grants: vec![],
            trainings: vec![],
        };
        assert_eq!(stretches(&account(&[]), &grant(20, None)), [(20, None)]);
        assert_eq!(stretches(&account(&[]), &grant(20, Some(30))), [(20, Some(30))]);
        assert_eq!(stretches(&account(&[25, 40]), &grant(20, Some(50))), [(20, Some(25)), (40, Some(50))]);
        assert_eq!(stretches(&account(&[25]), &grant(30, None)), []);
    }
}
