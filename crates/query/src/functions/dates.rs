//! Dates and times as ISO 8601 texts (`--DTC`), parts of which may be unknown.
//!
//! Null in, null out; the empty text counts as null here, since transport files know no other missing text. A text that is
//! no date at all stops the statement. Where the answer needs a part that is unknown, it is null.
//! Times are local as written; a difference takes offsets from UTC into account when both ends have one.

use super::{Arg, Body, Function, FunctionError, Gives, Kind, Use, Value, num, text};
use croft_core::date::{
    CivilDate, CivilDateTime, DateFlag, DateRule, Imputed, Imputer, Part, PartialDate, TimeFlag, TimeRule, impute,
    sas_date, sas_datetime, to_sas_date, to_sas_datetime,
};

const DTC: (&str, Kind) = ("dtc", Kind::Char);

const BASE: Function = Function {
    name: "study_day",
    used: Use::Row,
    params: &[DTC, ("reference", Kind::Char)],
    optional: 0,
    repeats: false,
    gives: Gives::Num,
    doc: "Day of the study: 1 on the day of reference, -1 on the day before; there is no day 0. Null unless both days are known.",
    source: "SDTMIG 3.4, 4.4.4",
    body: Body::Strict(|a| {
        Ok(both_days("study_day", a)?.map(|(day, reference)| croft_core::date::study_day(day, reference) as f64).into())
    }),
};

const fn part(name: &'static str, doc: &'static str, body: fn(&[Arg<'_>]) -> Result<Value, FunctionError>) -> Function {
    Function { name, params: &[DTC], doc, source: "ISO 8601-1:2019", body: Body::Strict(body), ..BASE }
}

const fn between(
    name: &'static str,
    doc: &'static str,
    body: fn(&[Arg<'_>]) -> Result<Value, FunctionError>,
) -> Function {
    Function {
        name,
        params: &[("from", Kind::Char), ("to", Kind::Char)],
        doc,
        source: "ISO 8601-1:2019",
        body: Body::Strict(body),
        ..BASE
    }
}

const fn imputing(
    name: &'static str,
    doc: &'static str,
    body: fn(&[Arg<'_>]) -> Result<Value, FunctionError>,
) -> Function {
    Function {
        name,
        params: &[
            DTC,
            ("rule", Kind::Char),
            ("highest", Kind::Char),
            ("not_before", Kind::Char),
            ("not_after", Kind::Char),
        ],
        optional: 3,
        gives: Gives::Char,
        doc,
        source: "ADaMIG 1.3, 3.3.2 and 3.3.3; croft_core::date::impute",
        body: Body::Nulls(body),
        ..BASE
    }
}

const fn adding(
    name: &'static str,
    unit: &'static [(&'static str, Kind)],
    doc: &'static str,
    body: fn(&[Arg<'_>]) -> Result<Value, FunctionError>,
) -> Function {
    Function {
        name,
        params: unit,
        gives: Gives::Char,
        doc,
        source: "ISO 8601-1:2019",
        body: Body::Strict(body),
        ..BASE
    }
}

pub(super) const FUNCTIONS: &[Function] = &[
    BASE,
    part("year", "The year, when it is known.", |a| the_part("year", a, Part::Year)),
    part("month", "The month, when it is known.", |a| the_part("month", a, Part::Month)),
    part("day", "The day of the month, when it is known.", |a| the_part("day", a, Part::Day)),
    part("hour", "The hour, when it is known.", |a| the_part("hour", a, Part::Hour)),
    part("minute", "The minute, when it is known.", |a| the_part("minute", a, Part::Minute)),
    part("second", "The second without its fraction, when it is known.", |a| the_part("second", a, Part::Second)),
    Function {
        name: "is_complete_date",
        params: &[DTC],
        gives: Gives::Bool,
        doc: "Whether year, month and day are known; the time may be there or not.",
        source: "SDTMIG 3.4, 4.4.2",
        body: Body::Strict(|a| {
            Ok(dtc("is_complete_date", a[0])?.map_or(Value::Null, |d| Value::Bool(d.date().is_some())))
        }),
        ..BASE
    },
    Function {
        name: "date_of",
        params: &[DTC],
        gives: Gives::Char,
        doc: "The day without the time, `2024-03-05`; null when the day is not known.",
        source: "ISO 8601-1:2019",
        body: Body::Strict(|a| Ok(known_day("date_of", a[0])?.map(|d| d.to_string()).into())),
        ..BASE
    },
    Function {
        name: "is_before",
        params: &[("a", Kind::Char), ("b", Kind::Char)],
        gives: Gives::Bool,
        doc: "Whether a lies before b; null when their unknown parts leave it open.",
        source: "croft_core::date::PartialDate::compare",
        body: Body::Strict(|args| {
            let (Some(a), Some(b)) = (dtc("is_before", args[0])?, dtc("is_before", args[1])?) else {
                return Ok(Value::Null);
            };
            Ok(a.compare(&b).map_or(Value::Null, |order| Value::Bool(order.is_lt())))
        }),
        ..BASE
    },
    between(
        "days_between",
        "Days from one day to the other, 0 for the same day. Null unless both days are known.",
        |a| {
            let days = both_days("days_between", a)?;
            Ok(days.map(|(from, to)| croft_core::date::days_between(from, to) as f64).into())
        },
    ),
    between("hours_between", "Hours from one moment to the other. Null unless both are known to the minute.", |a| {
        Ok(seconds("hours_between", a)?.map(|s| s / 3600.0).into())
    }),
    between(
        "minutes_between",
        "Minutes from one moment to the other. Null unless both are known to the minute.",
        |a| Ok(seconds("minutes_between", a)?.map(|s| s / 60.0).into()),
    ),
    between(
        "seconds_between",
        "Seconds from one moment to the other. Null unless both are known to the minute; seconds not recorded count as 0.",
        |a| Ok(seconds("seconds_between", a)?.into()),
    ),
    Function {
        name: "age_years",
        params: &[("birth", Kind::Char), ("at", Kind::Char)],
        doc: "Completed years from birth: the birthday counts, that of 29 February on 1 March where there is no such day. Null unless \
              both days are known.",
        source: "SDTMIG 3.4, DM (AGE); SAS `INTCK` with continuous years differs on 28 February",
        body: Body::Strict(|a| {
            Ok(both_days("age_years", a)?.map(|(birth, at)| f64::from(completed_years(birth, at))).into())
        }),
        ..BASE
    },
    imputing(
        "impute_date",
        "The day by the rule `first`, `mid` or `last` where parts are unknown. Null when more is unknown than `highest` allows (`day`, `month` unless \
         said, `year`) or the year is not known. Where made-up parts bring it before `not_before` or after `not_after` (null: no bound), that \
         date is taken if it agrees with what is known; a wholly unknown date has its bound, where `highest` is `year`.",
        |a| Ok(imputed("impute_date", a)?.map(|i| i.moment.date().to_string()).into()),
    ),
    imputing("impute_datetime", "As impute_date with the time: `2024-03-31T23:59:59` by `last`.", |a| {
        Ok(imputed("impute_datetime", a)?.map(|i| i.moment.to_string()).into())
    }),
    imputing(
        "impute_date_flag",
        "What impute_date with the same arguments made up: `Y`, `M` or `D`; null when nothing (`--DTF`).",
        |a| Ok(imputed("impute_date_flag", a)?.and_then(|i| i.date_flag).map(|f| f.to_string()).into()),
    ),
    imputing(
        "impute_time_flag",
        "What impute_datetime made up of the time: `H` or `M`; null when nothing or only seconds (`--TMF`).",
        |a| Ok(imputed("impute_time_flag", a)?.and_then(|i| i.time_flag).map(|f| f.to_string()).into()),
    ),
    adding(
        "add_days",
        &[DTC, ("days", Kind::Num)],
        "That many whole days later, the time kept. Null when the day is not known.",
        |a| {
            let days = whole("add_days", num(a[1]))?;
            shift("add_days", a[0], |day| day.plus_days(days))
        },
    ),
    adding(
        "add_months",
        &[DTC, ("months", Kind::Num)],
        "That many whole months later, the time kept; the last day of the month where the month is shorter. Null when the day is not known.",
        |a| {
            let months = whole("add_months", num(a[1]))?;
            shift("add_months", a[0], |day| plus_months(day, months))
        },
    ),
    adding(
        "add_hours",
        &[DTC, ("hours", Kind::Num)],
        "That many hours later, fractions allowed, to the nearest second. Null unless known to the minute.",
        |a| later("add_hours", a[0], num(a[1]) * 3600.0),
    ),
    adding(
        "add_minutes",
        &[DTC, ("minutes", Kind::Num)],
        "That many minutes later, fractions allowed, to the nearest second. Null unless known to the minute.",
        |a| later("add_minutes", a[0], num(a[1]) * 60.0),
    ),
    part("sas_date", "Days since 1960-01-01, as `ADT` holds them. Null when the day is not known.", |a| {
        Ok(known_day("sas_date", a[0])?.map(to_sas_date).into())
    }),
    part(
        "sas_datetime",
        "Seconds since 1960-01-01T00:00, as `ADTM` holds them. Null unless known to the minute.",
        |a| Ok(dtc("sas_datetime", a[0])?.and_then(|d| d.moment()).map(to_sas_datetime).into()),
    ),
    Function {
        name: "sas_date_text",
        params: &[("days", Kind::Num)],
        gives: Gives::Char,
        doc: "The ISO 8601 text of a SAS date.",
        source: "SAS language reference, dates",
        body: Body::Strict(|a| {
            let day = sas_date(num(a[0])).map_err(|e| refuse("sas_date_text", e.to_string()))?;
            Ok(Value::Text(day.to_string()))
        }),
        ..BASE
    },
    Function {
        name: "sas_datetime_text",
        params: &[("seconds", Kind::Num)],
        gives: Gives::Char,
        doc: "The ISO 8601 text of a SAS date-time.",
        source: "SAS language reference, dates",
        body: Body::Strict(|a| {
            let moment = sas_datetime(num(a[0])).map_err(|e| refuse("sas_datetime_text", e.to_string()))?;
            Ok(Value::Text(moment.to_string()))
        }),
        ..BASE
    },
];

pub(super) fn refuse(function: &'static str, problem: String) -> FunctionError {
    FunctionError { function, problem }
}

/// The date that a text writes; nothing for an empty one.
pub(super) fn dtc(function: &'static str, arg: Arg<'_>) -> Result<Option<PartialDate>, FunctionError> {
    let written = text(arg).trim_matches(' ');
    if written.is_empty() {
        return Ok(None);
    }
    PartialDate::parse(written).map(Some).map_err(|e| refuse(function, e.to_string()))
}

fn known_day(function: &'static str, arg: Arg<'_>) -> Result<Option<CivilDate>, FunctionError> {
    Ok(dtc(function, arg)?.and_then(|d| d.date()))
}

fn both_days(function: &'static str, args: &[Arg<'_>]) -> Result<Option<(CivilDate, CivilDate)>, FunctionError> {
    Ok(known_day(function, args[0])?.zip(known_day(function, args[1])?))
}

fn the_part(function: &'static str, args: &[Arg<'_>], part: Part) -> Result<Value, FunctionError> {
    Ok(dtc(function, args[0])?.and_then(|d| d.part(part)).map(f64::from).into())
}

/// Seconds from the first to the second.
pub(super) fn seconds(function: &'static str, args: &[Arg<'_>]) -> Result<Option<f64>, FunctionError> {
    let (Some(from), Some(to)) = (dtc(function, args[0])?, dtc(function, args[1])?) else { return Ok(None) };
    let (Some(start), Some(end)) = (from.moment(), to.moment()) else { return Ok(None) };
    let offsets = from.offset().zip(to.offset());
    let shift = offsets.map_or(0, |(from, to)| i64::from(from.minutes()) - i64::from(to.minutes()));
    Ok(Some(end.seconds_after(start) + 60.0 * shift as f64))
}

pub(super) fn completed_years(birth: CivilDate, at: CivilDate) -> i32 {
    let years = i32::from(at.year()) - i32::from(birth.year());
    let before_birthday = (at.month(), at.day()) < (birth.month(), birth.day());
    years - i32::from(before_birthday)
}

/// `None` where the rule leaves the date partial.
fn imputed(function: &'static str, args: &[Arg<'_>]) -> Result<Option<Imputed>, FunctionError> {
    let Some(Arg::Text(rule)) = args.get(1) else { return Ok(None) };
    let (date, time) = match *rule {
        "first" => (DateRule::First, TimeRule::First),
        "mid" => (DateRule::Mid, TimeRule::Mid),
        "last" => (DateRule::Last, TimeRule::Last),
        other => {
            return Err(refuse(function, format!("there is no rule {other:?}; there are 'first', 'mid' and 'last'")));
        }
    };
    let highest = match args.get(2) {
        None | Some(Arg::Text("month")) => Part::Month,
        Some(Arg::Text("day")) => Part::Day,
        Some(Arg::Text("year")) => Part::Year,
        Some(Arg::Text("hour")) => Part::Hour,
        Some(Arg::Text(other)) => {
            let problem = format!("{other:?} is no part of a date; there are 'year', 'month', 'day' and 'hour'");
            return Err(refuse(function, problem));
        }
        Some(Arg::Null | Arg::Num(_)) => return Ok(None),
    };
    let not_before = bound(function, args.get(3), |d| CivilDateTime::new(d, 0, 0, 0, 0))?;
    let not_after = bound(function, args.get(4), |d| CivilDateTime::new(d, 23, 59, 59, 0))?;
    let partial = match args[0] {
        Arg::Text(_) => dtc(function, args[0])?,
        _ => None,
    };
    let rule = Imputer { date, time, highest, not_before, not_after, ..Imputer::default() };
    match partial {
        Some(partial) => Ok(impute(&partial, &rule).ok()),
        None => Ok(of_nothing(&rule)),
    }
}

/// The moment of a bound; a day stands for its first or last second, whichever bounds least.
fn bound(
    function: &'static str,
    arg: Option<&Arg<'_>>,
    of_day: impl Fn(CivilDate) -> Option<CivilDateTime>,
) -> Result<Option<CivilDateTime>, FunctionError> {
    let Some(arg @ Arg::Text(_)) = arg else { return Ok(None) };
    let Some(date) = dtc(function, *arg)? else { return Ok(None) };
    let day = date.date().ok_or_else(|| refuse(function, format!("the bound `{date}` must be known to the day")))?;
    Ok(date.moment().or_else(|| of_day(day)))
}

/// Nothing is known of the date: its bound stands in, where the rule may make up the year.
fn of_nothing(rule: &Imputer) -> Option<Imputed> {
    let bound = match rule.date {
        DateRule::First => rule.not_before,
        DateRule::Last => rule.not_after,
        DateRule::Mid => None,
    };
    let moment = bound.filter(|_| rule.highest == Part::Year)?;
    Some(Imputed { moment, date_flag: Some(DateFlag::Year), time_flag: Some(TimeFlag::Hour) })
}

pub(super) fn whole(function: &'static str, x: f64) -> Result<i64, FunctionError> {
    if x.fract().abs() > 0.0 || x.abs() > 1e7 {
        return Err(refuse(function, format!("{x} is no whole number up to ten million")));
    }
    Ok(x as i64)
}

/// Another day under the same time.
fn shift(
    function: &'static str,
    arg: Arg<'_>,
    moved: impl Fn(CivilDate) -> Option<CivilDate>,
) -> Result<Value, FunctionError> {
    let Some(day) = known_day(function, arg)? else { return Ok(Value::Null) };
    let time = text(arg).trim_matches(' ').split_once('T').map_or(String::new(), |(_, time)| format!("T{time}"));
    Ok(moved(day).map(|day| format!("{day}{time}")).into())
}

fn plus_months(day: CivilDate, months: i64) -> Option<CivilDate> {
    let month = i64::from(day.year()) * 12 + i64::from(day.month()) - 1 + months;
    let year = u16::try_from(month.div_euclid(12)).ok()?;
    let month = u8::try_from(month.rem_euclid(12) + 1).ok()?;
    CivilDate::new(year, month, day.day().min(CivilDate::days_in_month(year, month))).ok()
}

/// Another moment, written as finely as the first, or as needed.
fn later(function: &'static str, arg: Arg<'_>, seconds: f64) -> Result<Value, FunctionError> {
    let Some(partial) = dtc(function, arg)? else { return Ok(Value::Null) };
    let Some(moment) = partial.moment() else { return Ok(Value::Null) };
    if seconds.abs() > 1e12 {
        return Ok(Value::Null);
    }
    let Some(moved) = moment.plus_seconds(seconds.round() as i64) else { return Ok(Value::Null) };
    let offset = partial.offset().map_or("", |_| {
        let written = partial.as_str();
        written.rfind(['Z', '+', '-']).map_or("", |at| &written[at..])
    });
    Ok(Value::Text(format!("{}{offset}", written_like(moved, &partial))))
}

fn written_like(moment: CivilDateTime, like: &PartialDate) -> String {
    let full = moment.to_string();
    let to_the_minute = like.part(Part::Second).is_none() && moment.time().2 == 0 && moment.nanosecond() == 0;
    full.strip_suffix(":00").filter(|_| to_the_minute).map_or(full.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, args: &[Arg<'_>]) -> Value {
        match super::super::find(name).unwrap().body {
            Body::Strict(body) | Body::Nulls(body) => body(args).unwrap(),
            _ => panic!("{name}"),
        }
    }

    fn of_texts(name: &str, args: &[&str]) -> Value {
        call(name, &args.iter().map(|t| Arg::Text(t)).collect::<Vec<_>>())
    }

    fn some(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn numbers_of_dates_follow_the_calendar() {
        let cases: &[(&str, &[&str], Option<f64>)] = &[
            ("study_day", &["2024-01-08", "2024-01-08"], Some(1.0)),
            ("study_day", &["2024-01-07T23:59", "2024-01-08"], Some(-1.0)),
            ("study_day", &["2024-03-01", "2024-02-28"], Some(3.0)),
            ("study_day", &["2024-01", "2024-01-08"], None),
            ("study_day", &["", "2024-01-08"], None),
            ("days_between", &["2023-12-31", "2024-01-01"], Some(1.0)),
            ("hours_between", &["2024-01-08T08:00", "2024-01-08T09:30"], Some(1.5)),
            ("hours_between", &["2024-01-08T08:00", "2024-01-08"], None),
            ("hours_between", &["2024-01-08T08:00Z", "2024-01-08T08:00+02:00"], Some(-2.0)),
            ("minutes_between", &["2024-01-08T23:59", "2024-01-09T00:01"], Some(2.0)),
            ("seconds_between", &["2024-01-08T08:00:10", "2024-01-08T08:00:12.5"], Some(2.5)),
            ("age_years", &["1960-02-29", "2023-02-28"], Some(62.0)),
            ("age_years", &["1960-02-29", "2023-03-01"], Some(63.0)),
            ("age_years", &["1960-06-15", "2024-06-15"], Some(64.0)),
            ("age_years", &["1960-06", "2024-06-15"], None),
            ("year", &["2024-03"], Some(2024.0)),
            ("day", &["2024---15"], Some(15.0)),
            ("day", &["2024-03"], None),
            ("sas_date", &["1960-01-02"], Some(1.0)),
            ("sas_datetime", &["1960-01-01T00:01"], Some(60.0)),
        ];
        for (name, args, expected) in cases {
            assert_eq!(of_texts(name, args), Value::from(*expected), "{name}{args:?}");
        }
    }

    #[test]
    fn texts_of_dates_follow_their_rules() {
        let cases: &[(&str, &[&str], Option<&str>)] = &[
            ("impute_date", &["2024-02", "last"], Some("2024-02-29")),
            ("impute_date", &["2024", "first"], Some("2024-01-01")),
            ("impute_date", &["2024", "first", "day"], None),
            ("impute_date", &["", "first"], None),
            ("impute_date_flag", &["2024-02", "last"], Some("D")),
            ("impute_date_flag", &["2024-02-05", "last"], None),
            ("impute_datetime", &["2024-02-05T10", "last"], Some("2024-02-05T10:59:59")),
            ("impute_time_flag", &["2024-02-05T10", "last"], Some("M")),
            ("date_of", &["2024-02-05T10"], Some("2024-02-05")),
        ];
        for (name, args, expected) in cases {
            assert_eq!(of_texts(name, args), Value::from(expected.map(str::to_owned)), "{name}{args:?}");
        }
    }

    #[test]
    fn a_bound_sharpens_what_is_made_up_and_contradicts_nothing() {
        let t = Arg::Text;
        let of = |name, dtc, rule, highest, least, most| call(name, &[dtc, t(rule), t(highest), least, most]);
        let date = |dtc, rule, highest, least, most| of("impute_date", dtc, rule, highest, least, most);
        assert_eq!(date(t("2024-03"), "first", "month", t("2024-03-05"), Arg::Null), some("2024-03-05"));
        assert_eq!(
            date(t("2024-03"), "first", "month", t("2024-04-05"), Arg::Null),
            some("2024-03-01"),
            "another month"
        );
        assert_eq!(date(t("2024-03-02"), "first", "month", t("2024-03-05"), Arg::Null), some("2024-03-02"), "known");
        assert_eq!(date(t("2024"), "last", "month", Arg::Null, t("2024-06-11")), some("2024-06-11"));
        assert_eq!(date(Arg::Null, "first", "year", t("2024-03-05"), Arg::Null), some("2024-03-05"));
        assert_eq!(date(Arg::Null, "first", "month", t("2024-03-05"), Arg::Null), Value::Null);
        assert_eq!(of("impute_date_flag", t(""), "last", "year", Arg::Null, t("2024-03-05")), some("Y"));
        let moment = of("impute_datetime", t("2024-03-05"), "first", "month", t("2024-03-05T08:30"), Arg::Null);
        assert_eq!(moment, some("2024-03-05T08:30:00"));
    }

    #[test]
    fn adding_keeps_what_was_written() {
        let cases = [
            ("add_days", "2024-02-28T08:15", 2.0, "2024-03-01T08:15"),
            ("add_days", "2024-01-01", -1.0, "2023-12-31"),
            ("add_months", "2024-01-31", 1.0, "2024-02-29"),
            ("add_months", "2024-01-31T10:00", -2.0, "2023-11-30T10:00"),
            ("add_hours", "2024-01-31T23:30", 0.5, "2024-02-01T00:00"),
            ("add_hours", "2024-01-31T23:30:00+01:00", 1.0, "2024-02-01T00:30:00+01:00"),
            ("add_minutes", "2024-01-31T23:30", 0.5, "2024-01-31T23:30:30"),
        ];
        for (name, dtc, n, expected) in cases {
            assert_eq!(call(name, &[Arg::Text(dtc), Arg::Num(n)]), some(expected), "{name}({dtc}, {n})");
        }
        assert_eq!(call("add_days", &[Arg::Text("2024-02"), Arg::Num(1.0)]), Value::Null);
    }

    #[test]
    fn what_partial_dates_leave_open_is_unknown() {
        assert_eq!(of_texts("is_before", &["2024-03", "2024-04-01"]), Value::Bool(true));
        assert_eq!(of_texts("is_before", &["2024-03", "2024-03-05"]), Value::Null);
        assert_eq!(of_texts("is_complete_date", &["2024-03"]), Value::Bool(false));
    }

    #[test]
    fn a_text_that_is_no_date_is_named() {
        let Body::Strict(body) = super::super::find("study_day").unwrap().body else { panic!() };
        let error = body(&[Arg::Text("08JAN2024"), Arg::Text("2024-01-08")]).unwrap_err();
        assert!(error.to_string().starts_with("study_day: `08JAN2024`"), "{error}");
    }
}
