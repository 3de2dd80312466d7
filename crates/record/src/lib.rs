//! What people record: the rules of capture, cleaning, signing and access.
//!
//! Everything is an event of a [`croft_ledger`] chain, appended by a command through one door ([`Record::execute`]), and looked at through
//! another ([`Record::view`]); both ask the caller's grants. Pages, the HTTP interface and commands of the program call these functions and
//! hold no rules of their own.
//!
//! | room | question |
//! |---|---|
//! | [`door`] | who may do what, and how does it become an event? |
//! | [`access`] | people, roles, grants, sessions |
//! | [`study`], [`definition`] | which studies are there, and what is recorded in them? |
//! | [`check`] | what must hold? |
//! | [`capture`] | what is recorded of a subject, and how does it come in? |
//! | [`import`] | how does a study of another system come in? |
//! | [`query`], [`verify`], [`sign`], [`lock`] | how does it become clean, and closed? |
//! | [`vault`] | who gets which treatment, and how does nobody know it who must not? |
//! | [`supply`] | how do kits come to subjects, and is every one accounted for? |
//! | [`audit`] | what happened, and who did it? |
//! | [`export`] | how does it leave the record, for others to read and keep? |
//! | [`project`], [`space`], [`key`] | which state do the events make? |

pub mod access;
pub mod audit;
pub mod capture;
pub mod check;
pub mod definition;
pub mod door;
pub mod export;
pub mod fuzz;
pub mod import;
pub mod key;
pub mod lock;
pub mod project;
pub mod query;
pub mod refusal;
pub mod sign;
pub mod space;
pub mod study;
pub mod supply;
pub mod vault;
pub mod vendor;
pub mod verify;

pub use door::{Caller, Command, Reading, Record, Work};
pub use project::Projection;
pub use refusal::{Fault, Refusal};
