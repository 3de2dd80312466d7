//! Which roles are there? The table `data/roles.toml`: sets of operations with the names of the trade.

use super::operation::Operation;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What people read.
    pub label: String,
    /// What its bearer does.
    pub about: String,
    /// Whether it acts only after training for the study was recorded.
    #[serde(default)]
    pub training: bool,
    /// What its bearer may do.
    pub may: BTreeSet<Operation>,
}

static ROLES: LazyLock<BTreeMap<String, Role>> =
    LazyLock::new(|| toml::from_str(include_str!("../../data/roles.toml")).expect("the table of roles is tested"));

/// All roles by name.
pub fn roles() -> &'static BTreeMap<String, Role> {
    &ROLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_somebody_and_the_administrator_sees_no_data() {
        for operation in Operation::ALL {
            assert!(roles().values().any(|r| r.may.contains(operation)), "nobody may {}", operation.words());
        }
        let administrator = &roles()["administrator"].may;
        for operation in [Operation::Read, Operation::Enter, Operation::Export, Operation::AuditRead] {
            assert!(!administrator.contains(&operation));
        }
        let signers: Vec<_> =
            roles().iter().filter(|(_, r)| r.may.contains(&Operation::Sign)).map(|(n, _)| n.as_str()).collect();
        assert_eq!(signers, ["investigator"]);
        for reader in ["auditor", "inspector", "sponsor"] {
            for operation in
                [Operation::Enter, Operation::Amend, Operation::QueryOpen, Operation::Verify, Operation::Lock]
            {
                assert!(!roles()[reader].may.contains(&operation), "{reader}");
            }
        }
    }
}
