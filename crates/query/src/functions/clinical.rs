//! What the derivation of analysis datasets needs beyond calendar and arithmetic: days without a day 0, windows, durations in units, the
//! question whether an event is treatment-emergent, grades by limits.
//!
//! Each is here because plain SQL gets it long or wrong: the missing day 0, bounds that may be open, dates of which parts
//! are unknown, products that miss a limit by the last bit. What SQL says well (the first or last record of a window, the worst
//! grade, a change) stays SQL; `docs/derive.md` shows how.
//!
//! Sources name the set of variables of the guide: ADaMIG 1.3 (BDS), OCCDS 1.1.

use super::dates::{completed_years, dtc, refuse, whole};
use super::{Arg, Body, Function, FunctionError, Gives, Kind, Use, Value, num, text};
use croft_core::date::{CivilDate, PartialDate, days_between};
use std::cmp::Ordering;

const BASE: Function = Function {
    name: "relative_day",
    used: Use::Row,
    params: &[("date", Kind::Num), ("reference", Kind::Num)],
    optional: 0,
    repeats: false,
    gives: Gives::Num,
    doc: "As study_day for numeric dates (SAS days): 1 on the day of reference, -1 on the day before; there is no day 0. A number that is no \
          whole number of days, such as a date-time in seconds with its fraction, stops the statement.",
    source: "ADaMIG 1.3, BDS, Timing (ADY, ASTDY, AENDY)",
    body: Body::Strict(|a| {
        let [date, reference] = [whole("relative_day", num(a[0]))?, whole("relative_day", num(a[1]))?];
        let days = date - reference;
        Ok(Value::Num((days + i64::from(days >= 0)) as f64))
    }),
};

pub(super) const FUNCTIONS: &[Function] = &[
    BASE,
    Function {
        name: "window_distance",
        params: &[("day", Kind::Num), ("target", Kind::Num)],
        doc: "Days between a study day and the target of its window, never negative: 1 from day -1 to day 1, since there is no day 0. A day 0 \
              stops the statement.",
        source: "ADaMIG 1.3, BDS, Analysis Visit Windowing (AWTDIFF)",
        body: Body::Strict(|a| {
            let [day, target] = [without_zero(num(a[0]))?, without_zero(num(a[1]))?];
            Ok(Value::Num((day - target).abs() as f64))
        }),
        ..BASE
    },
    Function {
        name: "in_element",
        params: &[("dtc", Kind::Char), ("start", Kind::Char), ("end", Kind::Char), ("last", Kind::Char)],
        gives: Gives::Bool,
        doc: "Whether a date lies in an element of the study, from its start up to its end, which is the start of the next. On a day without a time \
              the element that begins on it has it; on the day of participation's end, `last`, the element that ends on it. An end that is null is \
              open. False where the date or the start is not known to the day.",
        source: "SDTMIG 3.4, SE (SESTDTC, SEENDTC), DM (RFPENDTC)",
        body: Body::Nulls(in_element),
        ..BASE
    },
    Function {
        name: "in_window",
        params: &[("day", Kind::Num), ("low", Kind::Num), ("high", Kind::Num)],
        gives: Gives::Bool,
        doc: "Whether low ≤ day ≤ high; a bound that is null is open. Null where the day is null. A low above its high stops the statement.",
        source: "ADaMIG 1.3, BDS, Analysis Visit Windowing (AWLO, AWHI)",
        body: Body::Nulls(|a| {
            let Arg::Num(day) = a[0] else { return Ok(Value::Null) };
            if let (Arg::Num(low), Arg::Num(high)) = (a[1], a[2])
                && low > high
            {
                return Err(refuse("in_window", format!("a window from {low} to {high} ends before it begins")));
            }
            let above = !matches!(a[1], Arg::Num(low) if day < low);
            let below = !matches!(a[2], Arg::Num(high) if day > high);
            Ok(Value::Bool(above && below))
        }),
        ..BASE
    },
    Function {
        name: "duration",
        params: &[("from", Kind::Char), ("to", Kind::Char), ("unit", Kind::Char)],
        doc: "How long from one date to the other. In `DAYS`, both ends count (1 for the same day); `WEEKS` are 7, `MONTHS` 365.25/12 and `YEARS` 365.25 such \
              days, with their fraction. `HOURS`, `MINUTES` and `SECONDS` are the time passed. An end before its beginning gives a negative \
              number: days without counting both ends. Null unless both are known to the day, or to the minute.",
        source: "OCCDS 1.1, Timing (ADURN, ADURU); the R package admiral's compute_duration",
        body: Body::Strict(|a| lasting(text(a[2]), a)),
        ..BASE
    },
    Function {
        name: "age_in",
        params: &[("birth", Kind::Char), ("at", Kind::Char), ("unit", Kind::Char)],
        doc: "Completed `YEARS`, `MONTHS`, `WEEKS`, `DAYS` or `HOURS` from birth, as AGE and AGEU say it. A month is completed on the day of the month of birth, or on the \
              1st of the next where the month is too short. Null unless both days are known (for hours: to the minute).",
        source: "SDTMIG 3.4, DM (AGE, AGEU)",
        body: Body::Strict(|a| age(text(a[2]), a)),
        ..BASE
    },
    Function {
        name: "percent_change",
        params: &[("value", Kind::Num), ("base", Kind::Num)],
        doc: "100 · (value - base) / base; null for a base of zero. The sign is that of the formula: a rise from a negative base is negative.",
        source: "ADaMIG 1.3, BDS, Analysis Parameter (PCHG); admiral divides by the base's absolute value",
        body: Body::Strict(|a| {
            let (value, base) = (num(a[0]), num(a[1]));
            Ok(if base == 0.0 { Value::Null } else { Value::Num(100.0 * (value - base) / base) })
        }),
        ..BASE
    },
    Function {
        name: "grade_if",
        params: &[("value", Kind::Num), ("comparator", Kind::Char), ("limit", Kind::Num), ("grade", Kind::Num)],
        doc: "The grade where the value meets the limit (`>`, `>=`, `<`, `<=`), 0 where it does not; null where value or limit is null. max(grade_if(…)) over the limits of a \
              table gives the worst grade met. Compared at 15 significant digits, so that 3 times a limit of normal is met by \
              the value that is printed so.",
        source: "ADaMIG 1.3, BDS, Toxicity and Range (ATOXGRL, ATOXGRH); the limits are the user's table, `docs/derive.md`",
        body: Body::Strict(|a| {
            let order = at_15_digits(num(a[0])).total_cmp(&at_15_digits(num(a[2])));
            let met = match text(a[1]) {
                ">" => order == Ordering::Greater,
                ">=" => order != Ordering::Less,
                "<" => order == Ordering::Less,
                "<=" => order != Ordering::Greater,
                other => {
                    let problem = format!("{other:?} is no comparator; there are '>', '>=', '<' and '<='");
                    return Err(refuse("grade_if", problem));
                }
            };
            Ok(Value::Num(if met { num(a[3]) } else { 0.0 }))
        }),
        ..BASE
    },
    Function {
        name: "is_treatment_emergent",
        params: &[
            ("start", Kind::Char),
            ("end", Kind::Char),
            ("first_dose", Kind::Char),
            ("last_dose", Kind::Char),
            ("days_after", Kind::Num),
        ],
        gives: Gives::Bool,
        doc: "Whether an event may have begun under treatment: false where its start is known to lie before the first dose or more than `days_after` days after the \
              last one, or its end before the first dose; true otherwise, also where unknown parts leave it open. Without a last dose or a number of days there is no \
              upper end. Null without a first dose. Worsening of an earlier event is not judged.",
        source: "OCCDS 1.1, Adverse Events Indicator (TRTEMFL); ICH E9, glossary (treatment emergent)",
        body: Body::Nulls(emergent),
        ..BASE
    },
];

/// A study day on an axis without a gap: day 1 is 0, day -1 is -1.
fn without_zero(day: f64) -> Result<i64, FunctionError> {
    match whole("window_distance", day)? {
        0 => Err(refuse("window_distance", "there is no study day 0".to_owned())),
        day => Ok(day - i64::from(day > 0)),
    }
}

/// The decimal of 15 significant digits: what a transport file's number survives with.
fn at_15_digits(x: f64) -> f64 {
    let x: f64 = format!("{x:.14e}").parse().unwrap_or(x);
    if x == 0.0 { 0.0 } else { x }
}

/// The function's name is in the error, so that a null unit or a misspelt one is found.
fn no_unit(function: &'static str, unit: &str, known: &str) -> FunctionError {
    refuse(function, format!("{unit:?} is no unit of time; there are {known}"))
}

fn days(function: &'static str, a: &[Arg<'_>]) -> Result<Option<(CivilDate, CivilDate)>, FunctionError> {
    let day = |arg| Ok::<_, FunctionError>(dtc(function, arg)?.and_then(|d| d.date()));
    Ok(day(a[0])?.zip(day(a[1])?))
}

fn lasting(unit: &str, a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    const MONTH: f64 = 365.25 / 12.0;
    let in_days = |length: f64| -> Result<Value, FunctionError> {
        let passed = days("duration", a)?.map(|(from, to)| days_between(from, to));
        Ok(passed.map(|n| (n + i64::from(n >= 0)) as f64 / length).into())
    };
    let in_seconds = |length: f64| -> Result<Value, FunctionError> {
        Ok(super::dates::seconds("duration", a)?.map(|s| s / length).into())
    };
    match unit {
        "DAYS" | "DAY" => in_days(1.0),
        "WEEKS" | "WEEK" => in_days(7.0),
        "MONTHS" | "MONTH" => in_days(MONTH),
        "YEARS" | "YEAR" => in_days(365.25),
        "HOURS" | "HOUR" => in_seconds(3600.0),
        "MINUTES" | "MINUTE" => in_seconds(60.0),
        "SECONDS" | "SECOND" => in_seconds(1.0),
        other => Err(no_unit("duration", other, "YEARS, MONTHS, WEEKS, DAYS, HOURS, MINUTES and SECONDS")),
    }
}

fn age(unit: &str, a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let of_days = |count: fn(CivilDate, CivilDate) -> i64| -> Result<Value, FunctionError> {
        Ok(days("age_in", a)?.map(|(birth, at)| count(birth, at) as f64).into())
    };
    match unit {
        "YEARS" => of_days(|birth, at| completed_years(birth, at).into()),
        "MONTHS" => of_days(completed_months),
        "WEEKS" => of_days(|birth, at| days_between(birth, at).div_euclid(7)),
        "DAYS" => of_days(days_between),
        "HOURS" => Ok(super::dates::seconds("age_in", a)?.map(|s| (s / 3600.0).floor()).into()),
        other => Err(no_unit("age_in", other, "YEARS, MONTHS, WEEKS, DAYS and HOURS")),
    }
}

fn in_element(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let date = |arg: Arg<'_>| match arg {
        Arg::Text(_) => dtc("in_element", arg),
        _ => Ok(None),
    };
    let [at, start, end, last] = [date(a[0])?, date(a[1])?, date(a[2])?, date(a[3])?];
    let whole = |d: Option<PartialDate>| d.filter(|d| d.date().is_some());
    let (Some(at), Some(start)) = (whole(at), whole(start)) else { return Ok(Value::Bool(false)) };
    if is_before(&at, &start) {
        return Ok(Value::Bool(false));
    }
    let Some(end) = end else { return Ok(Value::Bool(true)) };
    let on_last = last.is_some_and(|last| last == end) && at.date() == end.date() && !is_before(&end, &at);
    Ok(Value::Bool(is_before(&at, &end) || on_last))
}

fn completed_months(birth: CivilDate, at: CivilDate) -> i64 {
    let months = |d: CivilDate| i64::from(d.year()) * 12 + i64::from(d.month());
    months(at) - months(birth) - i64::from(at.day() < birth.day())
}

fn emergent(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    const NAME: &str = "is_treatment_emergent";
    let date = |arg: Arg<'_>| match arg {
        Arg::Text(_) => dtc(NAME, arg),
        _ => Ok(None),
    };
    let [start, end, first, last] = [date(a[0])?, date(a[1])?, date(a[2])?, date(a[3])?];
    let Some(first) = first else { return Ok(Value::Null) };
    let before_treatment = |d: &Option<PartialDate>| d.as_ref().is_some_and(|d| is_before(d, &first));
    if before_treatment(&start) || before_treatment(&end) {
        return Ok(Value::Bool(false));
    }
    if let (Arg::Num(days), Some(last)) = (a[4], &last) {
        let days = whole(NAME, days)?;
        let close = last.date().and_then(|d| d.plus_days(days));
        let begins = start.as_ref().and_then(PartialDate::earliest);
        if let (Some(close), Some(begins)) = (close, begins) {
            return Ok(Value::Bool(begins <= close));
        }
    }
    Ok(Value::Bool(true))
}

/// Known to lie before, by the parts that both have.
fn is_before(a: &PartialDate, b: &PartialDate) -> bool {
    a.compare(b) == Some(Ordering::Less)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, args: &[Arg<'_>]) -> Result<Value, FunctionError> {
        match super::super::find(name).unwrap().body {
            Body::Strict(body) | Body::Nulls(body) => body(args),
            _ => panic!("{name}"),
        }
    }

    fn of_numbers(name: &str, args: &[f64]) -> Value {
        call(name, &args.iter().map(|x| Arg::Num(*x)).collect::<Vec<_>>()).unwrap()
    }

    fn of_texts(name: &str, args: &[&str]) -> Value {
        call(name, &args.iter().map(|t| Arg::Text(t)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn days_have_no_zero() {
        for (date, reference, expected) in [(100.0, 100.0, 1.0), (99.0, 100.0, -1.0), (113.0, 100.0, 14.0)] {
            assert_eq!(of_numbers("relative_day", &[date, reference]), Value::Num(expected));
        }
        assert!(call("relative_day", &[Arg::Num(1.5), Arg::Num(0.0)]).is_err());
        for (day, target, expected) in [(-1.0, 1.0, 1.0), (63.0, 56.0, 7.0), (1.0, 1.0, 0.0), (1.0, -7.0, 7.0)] {
            assert_eq!(of_numbers("window_distance", &[day, target]), Value::Num(expected), "{day} {target}");
        }
        assert!(call("window_distance", &[Arg::Num(0.0), Arg::Num(1.0)]).is_err());
    }

    #[test]
    fn an_element_has_its_start_and_the_last_one_its_end() {
        let of = |texts: [&str; 4]| {
            let args = texts.map(|t| if t.is_empty() { Arg::Null } else { Arg::Text(t) });
            call("in_element", &args).unwrap() == Value::Bool(true)
        };
        let dose = "2026-03-02T08:30";
        assert!(of(["2026-03-01", "2026-02-20", dose, "2026-03-20"]));
        // The day of the dose without a time belongs to treatment; with a time it is known.
        assert!(!of(["2026-03-02", "2026-02-20", dose, "2026-03-20"]));
        assert!(of(["2026-03-02", dose, "2026-03-10", "2026-03-20"]));
        assert!(of(["2026-03-02T08:00", "2026-02-20", dose, "2026-03-20"]));
        assert!(!of(["2026-03-02T08:00", dose, "2026-03-10", "2026-03-20"]));
        // The last element has the last day, and nothing after it.
        assert!(of(["2026-03-20", "2026-03-10", "2026-03-20", "2026-03-20"]));
        assert!(!of(["2026-03-21", "2026-03-10", "2026-03-20", "2026-03-20"]));
        assert!(of(["2026-04-01", "2026-03-10", "", ""]));
        for unknown in [["2026-03", "2026-02-20", dose, ""], ["", "2026-02-20", dose, ""], ["2026-03-01", "", dose, ""]]
        {
            assert!(!of(unknown));
        }
    }

    #[test]
    fn a_window_may_be_open() {
        let of = |day, low, high| call("in_window", &[day, low, high]);
        let n = Arg::Num;
        assert_eq!(of(n(84.0), n(2.0), n(84.0)), Ok(Value::Bool(true)));
        assert_eq!(of(n(85.0), n(2.0), n(84.0)), Ok(Value::Bool(false)));
        assert_eq!(of(n(500.0), n(141.0), Arg::Null), Ok(Value::Bool(true)));
        assert_eq!(of(n(-30.0), Arg::Null, n(1.0)), Ok(Value::Bool(true)));
        assert_eq!(of(Arg::Null, n(2.0), n(84.0)), Ok(Value::Null));
        assert!(of(n(1.0), n(3.0), n(2.0)).is_err());
    }

    /// Counted by hand; months and years as admiral's documentation of compute_duration divides.
    #[test]
    fn durations_count_both_days() {
        let cases = [
            ("2020-12-06", "2020-12-24", "DAYS", Some(19.0)),
            ("2020-12-06", "2020-12-06", "DAYS", Some(1.0)),
            ("2020-12-06", "2020-12-04", "DAYS", Some(-2.0)),
            ("2020-12-01", "2020-12-14", "WEEKS", Some(2.0)),
            ("2020-12-06", "2020-12", "DAYS", None),
            ("2020-12-06T10:00", "2020-12-07T11:30", "HOURS", Some(25.5)),
            ("2020-12-06", "2020-12-07", "HOURS", None),
        ];
        for (from, to, unit, expected) in cases {
            assert_eq!(of_texts("duration", &[from, to, unit]), expected.into(), "{from} {to} {unit}");
        }
        // 365.25 days are a year and twelve months.
        assert_eq!(of_texts("duration", &["2001-01-01", "2004-12-31", "YEARS"]), Value::Num(4.0));
        assert_eq!(of_texts("duration", &["2001-01-01", "2004-12-31", "MONTHS"]), Value::Num(48.0));
        let error = call("duration", &[Arg::Text("2020"), Arg::Text("2020"), Arg::Text("days")]).unwrap_err();
        assert!(error.to_string().contains("no unit of time"), "{error}");
    }

    #[test]
    fn an_age_is_in_completed_units() {
        let cases = [
            ("2020-01-31", "2020-02-29", "MONTHS", Some(0.0)),
            ("2020-01-31", "2020-03-01", "MONTHS", Some(1.0)),
            ("2020-01-15", "2021-01-14", "MONTHS", Some(11.0)),
            ("2020-01-15", "2021-01-14", "YEARS", Some(0.0)),
            ("2020-01-01", "2020-01-14", "WEEKS", Some(1.0)),
            ("2020-01-01", "2020-01-14", "DAYS", Some(13.0)),
            ("2020-01-01T08:00", "2020-01-01T20:59", "HOURS", Some(12.0)),
            ("2020-01", "2020-02-01", "DAYS", None),
        ];
        for (birth, at, unit, expected) in cases {
            assert_eq!(of_texts("age_in", &[birth, at, unit]), expected.into(), "{birth} {at} {unit}");
        }
    }

    #[test]
    fn a_change_is_relative_to_its_base() {
        assert_eq!(of_numbers("percent_change", &[8.0, 10.0]), Value::Num(-20.0));
        assert_eq!(of_numbers("percent_change", &[8.0, 0.0]), Value::Null);
        assert_eq!(of_numbers("percent_change", &[-5.0, -10.0]), Value::Num(-50.0));
    }

    #[test]
    fn a_limit_is_met_as_it_is_printed() {
        let of = |value, comparator, limit| {
            call("grade_if", &[Arg::Num(value), Arg::Text(comparator), Arg::Num(limit), Arg::Num(2.0)])
        };
        // 1.1 times 3 is 3.3000000000000003 in doubles.
        assert_eq!(of(3.3, ">=", 1.1 * 3.0), Ok(Value::Num(2.0)));
        assert_eq!(of(3.3, ">", 1.1 * 3.0), Ok(Value::Num(0.0)));
        assert_eq!(of(3.31, ">", 1.1 * 3.0), Ok(Value::Num(2.0)));
        assert_eq!(of(2.0, "<", 3.0), Ok(Value::Num(2.0)));
        assert_eq!(of(-0.0, "<=", 0.0), Ok(Value::Num(2.0)));
        assert!(of(1.0, "=>", 1.0).is_err());
    }

    #[test]
    fn an_event_is_emergent_unless_it_is_known_not_to_be() {
        let t = Arg::Text;
        let of =
            |start, end, days| call("is_treatment_emergent", &[start, end, t("2014-01-13"), t("2014-03-01"), days]);
        let cases = [
            (t("2014-01-13"), Arg::Null, Arg::Null, true),
            (t("2014-01-12"), Arg::Null, Arg::Null, false),
            (t("2014-01"), Arg::Null, Arg::Null, true),
            (t("2013"), Arg::Null, Arg::Null, false),
            (Arg::Null, Arg::Null, Arg::Null, true),
            (t(""), t("2014-01-02"), Arg::Null, false),
            (t("2014-03-31"), Arg::Null, Arg::Num(30.0), true),
            (t("2014-04-01"), Arg::Null, Arg::Num(30.0), false),
            (t("2014-04"), Arg::Null, Arg::Num(30.0), false),
            (t("2014-03"), Arg::Null, Arg::Num(0.0), true),
            (t("2015"), Arg::Null, Arg::Null, true),
        ];
        for (start, end, days, expected) in cases {
            assert_eq!(of(start, end, days), Ok(Value::Bool(expected)), "{start:?} {end:?} {days:?}");
        }
        assert_eq!(
            call("is_treatment_emergent", &[t("2014"), Arg::Null, Arg::Null, Arg::Null, Arg::Null]),
            Ok(Value::Null)
        );
    }
}
