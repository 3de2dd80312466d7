//! What can be done in the record at all, and where is a right to it asked?

use serde::{Deserialize, Serialize};

/// Where something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The study; none: the organisation.
    pub study: Option<String>,
    /// The site; none: the study as a whole.
    pub site: Option<String>,
}

impl Scope {
    /// The organisation.
    pub fn organisation() -> Self {
        Self::default()
    }

    /// A study as a whole.
    pub fn study(study: &str) -> Self {
        Self { study: Some(study.to_owned()), site: None }
    }

    /// A site of a study.
    pub fn site(study: &str, site: &str) -> Self {
        Self { study: Some(study.to_owned()), site: Some(site.to_owned()) }
    }
}

/// One row an operation: its name in roles and events, and the words that complete "may not …".
macro_rules! operations {
    ($($variant:ident = $name:literal, $words:literal;)+) => {
        /// Something that can be done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Operation {
            $(#[doc = $words] $variant,)+
        }

        impl Operation {
            /// Every operation, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in roles, keys and events.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Words that complete "may" and "may not".
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }
        }
    };
}

operations! {
    AccountCreate = "account_create", "create accounts and invite people";
    AccountDisable = "account_disable", "disable and enable accounts";
    AccountList = "account_list", "list accounts and who may do what";
    GrantGive = "grant_give", "give roles";
    GrantRevoke = "grant_revoke", "take roles back";
    TrainingRecord = "training_record", "record training";
    StudyCreate = "study_create", "create studies";
    StudyRead = "study_read", "see the study, its definition and its sites";
    StudyPublish = "study_publish", "publish a version of the definition";
    SiteOpen = "site_open", "open sites";
    SiteClose = "site_close", "close sites";
    Enrol = "enrol", "enrol subjects";
    Withdraw = "withdraw", "record that a subject leaves";
    Read = "read", "read subjects' data";
    ReadIdentifying = "read_identifying", "read what identifies a person";
    Enter = "enter", "enter data";
    Amend = "amend", "amend recorded data";
    Void = "void", "void rows entered by mistake";
    Import = "import", "import data from files";
    QueryOpen = "query_open", "open queries";
    QueryAnswer = "query_answer", "answer queries";
    QueryClose = "query_close", "close queries";
    QueryReopen = "query_reopen", "reopen queries";
    QueryCancel = "query_cancel", "cancel queries";
    Verify = "verify", "verify data against source";
    Sign = "sign", "sign data";
    Freeze = "freeze", "freeze data";
    Unfreeze = "unfreeze", "unfreeze data";
    Lock = "lock", "lock a study";
    UnlockRequest = "unlock_request", "ask for a study to be unlocked";
    UnlockApprove = "unlock_approve", "agree to unlock a study";
    SchemeSeal = "scheme_seal", "seal a randomisation scheme";
    StratumClose = "stratum_close", "close strata of the randomisation";
    Randomise = "randomise", "randomise subjects";
    CodeBreak = "code_break", "break the code of a subject";
    CodeBreakNotice = "code_break_notice", "be told that a code was broken";
    CodesRead = "codes_read", "read treatment codes";
    UnblindAsk = "unblind_ask", "ask for a study to be unblinded";
    UnblindAgree = "unblind_agree", "agree to unblind a study";
    SupplyManage = "supply_manage", "plan the supply and register kits";
    SupplyShip = "supply_ship", "send kits";
    SupplyReceive = "supply_receive", "receive kits, hold, destroy and tell them lost";
    SupplyRelease = "supply_release", "release kits from quarantine";
    Dispense = "dispense", "dispense kits to subjects";
    SupplyRead = "supply_read", "see kits and shipments";
    VaultKeep = "vault_keep", "change the keys of the vault";
    Export = "export", "export data";
    AuditRead = "audit_read", "read the audit trail";
    AuditVerify = "audit_verify", "verify the audit trail";
    Backup = "backup", "copy the record";
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn the_name_is_what_files_have() {
        for operation in Operation::ALL {
            assert_eq!(serde_json::to_string(operation).unwrap(), format!("\"{}\"", operation.name()));
        }
    }
}
