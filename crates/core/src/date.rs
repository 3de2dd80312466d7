//! When did it happen, as far as anybody knows?
//!
//! Dates of trials are often known in part: the month but not the day, the day but not the hour. CDISC keeps what
//! is known as ISO 8601 text (`--DTC`), parts left away from the right or replaced by a hyphen:
//!
//! ```text
//! 2024-03-05T10:30   2024-03-05   2024-03   2024   2024---15 (month unknown)   --03-05 (year unknown)   -----T07:15
//! ```
//!
//! [`PartialDate`] holds such a value and the text as written. [`impute()`] makes it complete by a named rule and says
//! what it made up (`--DTF`, `--TMF`). [`CivilDate`] and [`CivilDateTime`] are complete, in the proleptic Gregorian
//! calendar without a time zone, with SAS's day and second numbers. [`Interval`] and [`Duration`] are ISO 8601's.
//! No clock is read here.
//!
//! Sources: ISO 8601-1:2019; SDTMIG 3.4 section 4.4 (dates and times in `--DTC`, study day, durations); ADaMIG 1.3
//! sections 3.3.2 and 3.3.3 (date and time imputation flags).

mod civil;
mod duration;
mod impute;
mod interval;
mod partial;
mod sas;

pub use civil::{CivilDate, CivilDateTime, NotADate, days_between, study_day};
pub use duration::{Duration, DurationError};
pub use impute::{DateFlag, DateRule, ImputeError, Imputed, Imputer, TimeFlag, TimeRule, impute};
pub use interval::Interval;
pub use partial::{DateError, Part, PartialDate, UtcOffset};
pub use sas::{SasNumberError, sas_date, sas_datetime, to_sas_date, to_sas_datetime};
