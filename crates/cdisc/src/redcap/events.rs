//! Arms, events, which forms they have, which repeat, and the project's data quality rules.

use super::table::{RedcapError, Table, write};

/// An arm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
}

/// An event of an arm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// The arm's number.
    pub arm: String,
    /// The name that logic uses, `visit_1_arm_1`.
    pub unique_name: String,
    /// A label that data can fill.
    pub custom_label: String,
    /// Days after the beginning, where the project has a schedule.
    pub day_offset: String,
    /// Days before that day that are allowed.
    pub offset_min: String,
    /// Days after it that are allowed.
    pub offset_max: String,
    /// REDCap's own number.
    pub id: String,
}

/// A form of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventForm {
    /// The arm's number.
    pub arm: String,
    /// The event's unique name.
    pub event: String,
    /// The form.
    pub form: String,
}

/// A form, or a whole event, that repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeating {
    /// The event's unique name; empty in a project without events.
    pub event: String,
    /// The form; empty when the whole event repeats.
    pub form: String,
    /// A label that data can fill.
    pub custom_label: String,
}

/// A data quality rule: a record for which the logic is true is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its logic.
    pub logic: String,
    /// Whether it runs while data are entered, as written.
    pub real_time: String,
}

macro_rules! files {
    ($($(#[$meta:meta])* $read:ident $write:ident $row:ident { $($cell:ident $name:literal),* } needs $needed:literal;)*) => {$(
        $(#[$meta])*
        pub fn $read(bytes: &[u8]) -> Result<Vec<$row>, RedcapError> {
            let table = Table::read(bytes)?;
            let columns = table.columns([$($name),*], $needed)?;
            let row = |(_, cells): &(u64, Vec<String>)| {
                let mut found = columns.iter().map(|c| c.map_or_else(String::new, |c| cells[c].clone()));
                $row { $($cell: found.next().unwrap_or_default()),* }
            };
            Ok(table.rows.iter().map(row).collect())
        }

        #[doc = concat!("Writes what [`", stringify!($read), "`] reads, with all columns.")]
        pub fn $write(rows: &[$row]) -> Vec<u8> {
            write(&[$($name),*], rows.iter().map(|r| vec![$(r.$cell.as_str()),*]))
        }
    )*};
}

files! {
    /// Reads the arms: `arm_num, name`.
    read_arms write_arms Arm { number "arm_num", name "name" } needs 2;
    /// Reads the events: `event_name, arm_num, unique_event_name, …`; the days of a schedule may be absent.
    read_events write_events Event {
        name "event_name", arm "arm_num", unique_name "unique_event_name", custom_label "custom_event_label", day_offset "day_offset",
        offset_min "offset_min", offset_max "offset_max", id "event_id"
    } needs 3;
    /// Reads which form belongs to which event: `arm_num, unique_event_name, form`.
    read_event_forms write_event_forms EventForm { arm "arm_num", event "unique_event_name", form "form" } needs 3;
    /// Reads what repeats: `event_name, form_name, custom_form_label`; a project without events has no `event_name`.
    read_repeating write_repeating Repeating { form "form_name", event "event_name", custom_label "custom_form_label" } needs 1;
    /// Reads the data quality rules: `rule_name, rule_logic, real_time_execution`.
    read_rules write_rules Rule { name "rule_name", logic "rule_logic", real_time "real_time_execution" } needs 2;
}
