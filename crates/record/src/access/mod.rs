//! Who is who, and who may do what, where and when?
//!
//! | room | question |
//! |---|---|
//! | [`account`] | which people have an account, and how do they come in? |
//! | [`credential`] | how does a person prove who they are? |
//! | [`session`], [`apikey`] | who has signed in, person or program? |
//! | [`operation`], [`role`] | what can be done, and which roles may do it? |
//! | [`grant`] | who has which role, where and when? |
//!
//! Everything about people is on the chain `org`; refusals are on `org:access`.

pub mod account;
pub mod apikey;
pub mod credential;
pub mod grant;
pub mod operation;
mod project;
pub mod role;
mod secret;
pub mod session;

pub use account::{Account, CreateAccount, Link, ResetPassword, SwitchAccount, printed_name};
pub use credential::{NotProved, Proof, prove, prove_again, reauthenticate, set_password_by_link};
pub use grant::{Allowed, Denied, GiveGrant, Grant, RecordTraining, RevokeGrant, Training, allowed};
pub use operation::{Operation, Scope};
pub(crate) use project::project;
pub use role::{Role, roles};
pub use session::{Session, resume, sign_in, sign_out};
