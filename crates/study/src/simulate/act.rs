//! The same study as its staff would record it: saves of forms, one after the other.

use super::recorder::Recorder;
use crate::definition::Definition;
use crate::error::StudyError;
use crate::snapshot::Address;

/// One save of one form by one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Who, as printed.
    pub actor: String,
    /// The form; its item is empty.
    pub place: Address,
    /// What is typed.
    pub fields: Vec<Field>,
    /// Why recorded values are changed; empty for a first entry.
    pub reason: String,
    /// Whether the values come from a laboratory's file.
    pub import: bool,
}

/// What is typed into one field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the form's")]
pub struct Field {
    pub item: String,
    pub text: String,
    pub unit: String,
    pub missing: String,
}

/// Everything that is recorded in the study that `definition` describes, in the order of time.
pub fn acts(definition: &Definition) -> Result<Vec<Act>, StudyError> {
    let (plan, recorder) = super::played(definition)?;
    drop(plan);
    Ok(recorder.acts())
}

impl Recorder {
    /// Saves in the order of time.
    pub(super) fn acts(mut self) -> Vec<Act> {
        self.sort();
        let mut acts: Vec<Act> = Vec::new();
        let mut last = 0;
        for (at, save, entry, typed) in self.into_pending() {
            if save != last {
                last = save;
                acts.push(Act {
                    at_ms: jiff::tz::Offset::UTC.to_timestamp(at).map_or(0, jiff::Timestamp::as_millisecond),
                    actor: entry.actor.clone(),
                    place: Address { item: String::new(), ..entry.address() },
                    fields: Vec::new(),
                    reason: entry.reason.clone(),
                    import: entry.action == "import" || entry.role == "Bioanalyst",
                });
            }
            let field = Field { item: entry.item, text: typed.text, unit: typed.unit, missing: typed.missing };
            if let Some(act) = acts.last_mut() {
                act.fields.push(field);
            }
        }
        acts
    }
}
