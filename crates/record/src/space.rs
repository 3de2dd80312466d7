//! Which maps does the state consist of?
//!
//! Those of [`PROJECTED`] are projections: a rebuild from the events gives the same rows. Keys are told beside each; `study` is the
//! study's identifier.

use croft_ledger::Space;

/// (login): [`crate::access::Account`].
pub const ACCOUNT: Space = Space("account");
/// (study): [`crate::study::Study`].
pub const STUDY: Space = Space("study");
/// (study, number): the files of a version.
pub const VERSION_FILES: Space = Space("version_files");
/// (study, site): [`crate::study::Site`].
pub const SITE: Space = Space("site");
/// (study, subject): [`crate::capture::Subject`].
pub const SUBJECT: Space = Space("subject");
/// (study, subject, visit, repeat, form, repeat): [`crate::capture::FormState`].
pub const FORM: Space = Space("form");
/// (study, number): [`crate::query::Query`].
pub const QUERY: Space = Space("query");
/// (study, status, site, number): queries by where they stand.
pub const QUERY_STATUS: Space = Space("query_status");
/// (study, number): [`crate::sign::Signature`].
pub const SIGNATURE: Space = Space("signature");
/// (study, subject, number): the signatures of a subject.
pub const SIGNATURE_SUBJECT: Space = Space("signature_subject");
/// (study, account, form…): a draft, not yet recorded.
pub const DRAFT: Space = Space("draft");
/// (login): what is kept of an account's secrets.
pub const CREDENTIAL: Space = Space("credential");
/// (hash of a secret): [`crate::access::Session`].
pub const SESSION: Space = Space("session");
/// (hash of a secret): for whom a link sets a password.
pub const LINK: Space = Space("link");
/// (hash of a secret): [`crate::access::apikey::ApiKey`].
pub const API_KEY: Space = Space("api_key");

/// (study): [`crate::vault::state::VaultState`].
pub const VAULT: Space = Space("vault");
/// (study, version): [`crate::vault::state::SealedScheme`].
pub const SCHEME: Space = Space("scheme");
/// (study, subject): [`crate::vault::state::Randomised`].
pub const RANDOMISED: Space = Space("randomised");
/// (study, what…): how many are randomised.
pub const RANDOMISED_COUNT: Space = Space("randomised_count");
/// (study, event): [`crate::vault::state::CodeBreak`].
pub const CODE_BREAK: Space = Space("code_break");

/// (study, depot): [`crate::supply::Depot`].
pub const DEPOT: Space = Space("depot");
/// (study): [`crate::supply::SupplyPlan`].
pub const SUPPLY_PLAN: Space = Space("supply_plan");
/// (study, kit): [`crate::supply::Kit`].
pub const KIT: Space = Space("kit");
/// (study, kit): what is in it, sealed.
pub const KIT_CODE: Space = Space("kit_code");
/// (study, keeper, kit): the kits of a keeper.
pub const KIT_AT: Space = Space("kit_at");
/// (study, number): [`crate::supply::Shipment`].
pub const SHIPMENT: Space = Space("shipment");

/// The projections of this module's rooms.
pub const PROJECTED: [Space; 20] = [
    STUDY,
    VERSION_FILES,
    SITE,
    SUBJECT,
    FORM,
    QUERY,
    QUERY_STATUS,
    SIGNATURE,
    SIGNATURE_SUBJECT,
    VAULT,
    SCHEME,
    RANDOMISED,
    RANDOMISED_COUNT,
    CODE_BREAK,
    DEPOT,
    SUPPLY_PLAN,
    KIT,
    KIT_CODE,
    KIT_AT,
    SHIPMENT,
];
