//! What does croft say in an ODM document for which the standard has no word?
//!
//! Attributes and elements of the namespace [`NAMESPACE`], prefix `croft`. A program that does not know them leaves them alone, and finds all that the
//! standard has a word for where it looks for it. The import reads what is marked *.
//!
//! | on | name | says |
//! |---|---|---|
//! | StudyEventDef, FormDef, ItemGroupRef, ItemRef | `Name` * | the name in the study's text, where the OID is another |
//! | StudyEventDef | `Day`, `DaysBefore`, `DaysAfter`, `Epoch`, `Start`, `Period` * | when the visit is planned |
//! | ItemGroupDef | `Source` * | who fills it when not the site |
//! | ItemDef | `Identifying`, `Critical` * | it identifies a person; it is verified under a plan of critical items |
//! | ItemDef | `Missing` * | reasons why a value may be missing, with blanks between them |
//! | ItemDef | `Hint` (1.x), `Decimals` (2.0) * | how to fill it; most digits after the point |
//! | RangeCheck | `Name` * | the name of the check |
//! | SubjectData | `Status` * | `withdrawn` |
//! | StudyEventData | `Date` | the visit's date |
//! | FormData | `Complete`, `Frozen` | what was said of the form |
//! | ItemData | `Text` * | as entered, where that is not the value: the value is empty when the text is none of its type |
//! | ItemData | `Missing` * | why there is no value; `SEALED`: it identifies a person and does not leave |
//! | ItemData | `Unit` * | the unit, where no definition names it, and in 2.0 |
//! | ItemData | `UnitOf` * | (2.0) the item whose unit this is |
//! | ItemData | `Action` | `derive`, `import`: the change was not typed |
//! | AuditRecord | `Role` | the role in which it was done |
//! | Signature | `SHA256`, `Void`, `VoidTime` | the digest of what was signed; the event that made it void |
//! | ItemData … FormData | `<Query>` (1.x), `<Verification>` | below |
//!
//! **Queries** are elements of the standard in 2.0, with an audit record for each message. In 1.x only annotations come near, and they have neither a state nor authors
//! of single messages; so a query is `<croft:Query OID State Source>` with a `<croft:Message State UserOID Role DateTimeStamp SourceID>` for each message. **Marks of verification** are
//! `<croft:Verification Verified>` on the item: a flag of an annotation would need code lists in every definition. Who and when is in the audit record around it, whose
//! `EditPoint` is `Monitoring`.
//!
//! Conditions, computations and checks stand in formal expressions whose context is [`CONTEXT`]: SQL over the tables of the study's groups, as in its text.

use croft_cdisc::odm::{Content, Extra, ExtraAttribute, FormalExpression, Node};

/// The namespace of croft's own words.
pub const NAMESPACE: &str = "urn:croft:odm:1";
/// Its prefix.
pub const PREFIX: &str = "croft";
/// The language of expressions.
pub const CONTEXT: &str = "croft";

/// Says something, unless it is empty.
pub(crate) fn say(extra: &mut Extra, local: &str, value: &str) {
    if !value.is_empty() {
        extra.attributes.push(attribute(local, value));
    }
}

/// What is said.
pub(crate) fn said<'e>(extra: &'e Extra, local: &str) -> Option<&'e str> {
    extra.attribute(NAMESPACE, local)
}

/// An attribute; those of elements that are croft's own have no prefix.
fn attribute(local: &str, value: &str) -> ExtraAttribute {
    let (namespace, prefix) = (NAMESPACE.to_owned(), PREFIX.to_owned());
    ExtraAttribute { namespace, prefix, local: local.to_owned(), value: value.to_owned() }
}

/// An element of croft's own; empty attributes are left out.
pub(crate) fn element(local: &str, attributes: &[(&str, &str)], content: Vec<Content>) -> Content {
    let plain = |(local, value): &(&str, &str)| ExtraAttribute {
        local: (*local).to_owned(),
        value: (*value).to_owned(),
        ..ExtraAttribute::default()
    };
    Content::Element(Node {
        namespace: NAMESPACE.to_owned(),
        prefix: PREFIX.to_owned(),
        local: local.to_owned(),
        attributes: attributes.iter().filter(|(_, value)| !value.is_empty()).map(plain).collect(),
        content,
        ..Node::default()
    })
}

/// The expression in the study's own language, when there is one.
pub(crate) fn own(expressions: &[FormalExpression]) -> Option<&str> {
    expressions.iter().find(|e| e.context.as_deref() == Some(CONTEXT)).map(FormalExpression::source)
}
