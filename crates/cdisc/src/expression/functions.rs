//! The functions of these languages: their names, what they take, and how each is said in SQL.
//!
//! ```text
//! round(x, n)            round_half_away: on the decimal value, 0 places unless said
//! roundup, rounddown     to the next n decimals above or below, after the noise of binary fractions is cut at the 9th
//! min max mean median sum stdev      of the values that are not missing; missing when all are
//! datediff(a, b, unit, [format,] signed)   y = 365.2425 d, M = 30.44 d, fractions kept; without a sign unless `true`
//! contains, starts_with, find        do not tell capital from small letters
//! ```
//! Where systems differ: REDCap's own help once gave 1 as the number of decimals of `round` when none is said; its program takes 0.
//! A function that needs the moment of evaluation ("today", "now") has no counterpart: the study's SQL gives the same result whenever it runs.

use super::{Expr, ExpressionError, Kind, Sql};

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the functions")]
pub enum Function {
    Round,
    RoundUp,
    RoundDown,
    Sqrt,
    Abs,
    Exp,
    Log,
    Power,
    Min,
    Max,
    Mean,
    Median,
    Sum,
    Stdev,
    DateDiff,
    If,
    IsNumber,
    IsInteger,
    IsBlank,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Concat,
    Left,
    Right,
    Mid,
    Length,
    Upper,
    Lower,
    Trim,
    Find,
    ReplaceText,
    Year,
    Month,
    Day,
    Modulo,
    Floor,
    Ceil,
}

use Function as F;

/// Name, fewest and most arguments, the same in words.
type Row = (Function, &'static str, usize, usize, &'static str);

/// More arguments make the SQL of `median` longer than anyone wants to read: it grows with their square.
const MOST: usize = 64;

const TABLE: [Row; 39] = [
    (F::Round, "round", 1, 2, "a number and, if you like, decimals"),
    (F::RoundUp, "roundup", 1, 2, "a number and, if you like, decimals"),
    (F::RoundDown, "rounddown", 1, 2, "a number and, if you like, decimals"),
    (F::Sqrt, "sqrt", 1, 1, "a number"),
    (F::Abs, "abs", 1, 1, "a number"),
    (F::Exp, "exponential", 1, 1, "a number"),
    (F::Log, "log", 1, 2, "a number and, if you like, a base"),
    (F::Power, "pow", 2, 2, "two numbers"),
    (F::Min, "min", 1, MOST, "1 to 64 numbers"),
    (F::Max, "max", 1, MOST, "1 to 64 numbers"),
    (F::Mean, "mean", 1, MOST, "1 to 64 numbers"),
    (F::Median, "median", 1, MOST, "1 to 64 numbers"),
    (F::Sum, "sum", 1, MOST, "1 to 64 numbers"),
    (F::Stdev, "stdev", 1, MOST, "1 to 64 numbers"),
    (F::DateDiff, "datediff", 3, 5, "two dates, a unit and, if you like, a format and a sign"),
    (F::If, "if", 3, 3, "a condition and two values"),
    (F::IsNumber, "isnumber", 1, 1, "a value"),
    (F::IsInteger, "isinteger", 1, 1, "a value"),
    (F::IsBlank, "isblank", 1, 1, "a value"),
    (F::Contains, "contains", 2, 2, "two texts"),
    (F::NotContains, "not_contain", 2, 2, "two texts"),
    (F::StartsWith, "starts_with", 2, 2, "two texts"),
    (F::EndsWith, "ends_with", 2, 2, "two texts"),
    (F::Concat, "concat", 1, MOST, "1 to 64 texts"),
    (F::Left, "left", 2, 2, "a text and a number"),
    (F::Right, "right", 2, 2, "a text and a number"),
    (F::Mid, "mid", 3, 3, "a text and two numbers"),
    (F::Length, "length", 1, 1, "a text"),
    (F::Upper, "upper", 1, 1, "a text"),
    (F::Lower, "lower", 1, 1, "a text"),
    (F::Trim, "trim", 1, 1, "a text"),
    (F::Find, "find", 2, 2, "two texts"),
    (F::ReplaceText, "replace_text", 3, 3, "three texts"),
    (F::Year, "year", 1, 1, "a date"),
    (F::Month, "month", 1, 1, "a date"),
    (F::Day, "day", 1, 1, "a date"),
    (F::Modulo, "mod", 2, 2, "two numbers"),
    (F::Floor, "floor", 1, 1, "a number"),
    (F::Ceil, "ceil", 1, 1, "a number"),
];

impl Function {
    /// The function of this name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1.eq_ignore_ascii_case(name)).map(|row| row.0)
    }

    fn row(self) -> Row {
        TABLE.into_iter().find(|row| row.0 == self).unwrap_or(TABLE[0])
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    pub(super) fn check_arguments(self, given: usize, at: usize) -> Result<(), ExpressionError> {
        let (_, name, fewest, most, takes) = self.row();
        if (fewest..=most).contains(&given) {
            return Ok(());
        }
        Err(ExpressionError::Arguments { at, name: name.to_owned(), takes, given })
    }
}

/// A call in SQL. What the arguments are as numbers, texts or conditions, `printer` knows.
pub(super) fn call<R>(
    printer: &super::sql::Printer<'_, R>,
    function: Function,
    arguments: &[Expr<R>],
    at: usize,
) -> Result<Sql, ExpressionError> {
    let number = |i: usize| printer.number(&arguments[i]);
    let text = |i: usize| printer.text(&arguments[i]);
    let plain = |name: &str| Ok(Sql::number(format!("{name}({})", number(0)?)));
    match function {
        F::Round => Ok(Sql::number(format!("round_half_away({}, {})", number(0)?, places(printer, arguments, at)?))),
        F::RoundUp => next(&number(0)?, places(printer, arguments, at)?, "ceil"),
        F::RoundDown => next(&number(0)?, places(printer, arguments, at)?, "floor"),
        F::Sqrt => plain("sqrt"),
        F::Abs => plain("abs"),
        F::Exp => plain("exp"),
        F::Floor => plain("floor"),
        F::Ceil => plain("ceil"),
        F::Log if arguments.len() == 1 => plain("ln"),
        F::Log => Ok(Sql::number(format!("(ln({}) / ln({}))", number(0)?, number(1)?))),
        F::Power => Ok(Sql::number(format!("pow({}, {})", number(0)?, number(1)?))),
        F::Modulo => Ok(Sql::number(format!("mod({}, {})", number(0)?, number(1)?))),
        F::Min | F::Max | F::Mean | F::Median | F::Sum | F::Stdev => {
            let values = arguments.iter().map(|a| printer.number(a)).collect::<Result<Vec<_>, _>>()?;
            Ok(Sql::number(statistic(function, &values)))
        }
        F::DateDiff => date_difference(printer, arguments, at),
        F::If => choice(printer, arguments),
        F::IsNumber => Ok(Sql::truth(format!("({} is not null)", number(0)?))),
        F::IsInteger => {
            let x = number(0)?;
            Ok(Sql::truth(format!("((floor({x}) = {x}) is true)")))
        }
        F::IsBlank => Ok(Sql::truth(printer.blank(&arguments[0], false)?)),
        F::Year | F::Month | F::Day => Ok(Sql::number(format!("{}({})", function.name(), text(0)?))),
        F::Contains | F::NotContains | F::StartsWith | F::EndsWith => {
            let (all, part) = (format!("lower({})", text(0)?), format!("lower({})", text(1)?));
            Ok(Sql::truth(match function {
                F::Contains => format!("((strpos({all}, {part}) > 0) is true)"),
                F::NotContains => format!("((strpos({all}, {part}) > 0) is not true)"),
                F::StartsWith => format!("((strpos({all}, {part}) = 1) is true)"),
                _ => format!("((substr({all}, length({all}) - length({part}) + 1) = {part}) is true)"),
            }))
        }
        F::Concat => {
            let texts = arguments.iter().map(|a| Ok(format!("coalesce({}, '')", printer.text(a)?)));
            Ok(Sql::text(format!("({})", texts.collect::<Result<Vec<_>, ExpressionError>>()?.join(" || "))))
        }
        F::Left => Ok(Sql::text(format!("substr({}, 1, {})", text(0)?, number(1)?))),
        F::Right => {
            let x = text(0)?;
            Ok(Sql::text(format!("substr({x}, greatest(length({x}) - {} + 1, 1))", number(1)?)))
        }
        F::Mid => Ok(Sql::text(format!("substr({}, {}, {})", text(0)?, number(1)?, number(2)?))),
        F::Length => Ok(Sql::number(format!("coalesce(length({}), 0)", text(0)?))),
        F::Upper | F::Lower | F::Trim => Ok(Sql::text(format!("{}({})", function.name(), text(0)?))),
        F::Find => Ok(Sql::number(format!("coalesce(strpos(lower({}), lower({})), 0)", text(1)?, text(0)?))),
        F::ReplaceText => Ok(Sql::text(format!("replace({}, {}, {})", text(0)?, text(1)?, text(2)?))),
    }
}

/// The number of decimals, which must be written as a number.
fn places<R>(
    printer: &super::sql::Printer<'_, R>,
    arguments: &[Expr<R>],
    at: usize,
) -> Result<String, ExpressionError> {
    match arguments.get(1) {
        None => Ok("0".to_owned()),
        Some(Expr::Number(n)) if n.bytes().all(|b| b.is_ascii_digit()) => Ok(n.clone()),
        Some(Expr::Text(n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => Ok(n.clone()),
        Some(other) => {
            printer.number(other)?;
            let what = "the number of decimals".to_owned();
            Err(ExpressionError::Unsupported { at, what, why: "it must be written as a whole number" })
        }
    }
}

fn next(x: &str, places: String, to: &str) -> Result<Sql, ExpressionError> {
    // 1.1 · 10 is a little more than 11 in binary; nine decimals further no measurement reaches.
    let scaled = format!("{to}(round_half_away({x} * pow(10, {places}), 9))");
    Ok(Sql::number(format!("round_half_away({scaled} / pow(10, {places}), {places})")))
}

fn statistic(function: Function, values: &[String]) -> String {
    if let [only] = values {
        return if function == F::Stdev {
            format!("case when {only} is null then null else null + 0 end")
        } else {
            only.clone()
        };
    }
    let all = values.join(", ");
    let count = format!(
        "({})",
        values.iter().map(|v| format!("case when {v} is null then 0 else 1 end")).collect::<Vec<_>>().join(" + ")
    );
    let sum = values.iter().map(|v| format!("coalesce({v}, 0)")).collect::<Vec<_>>().join(" + ");
    let sum = format!("case when coalesce({all}) is null then null else {sum} end");
    match function {
        F::Min => format!("least({all})"),
        F::Max => format!("greatest({all})"),
        F::Sum => format!("({sum})"),
        F::Mean => format!("(({sum}) / {count})"),
        F::Stdev => {
            let mean = format!("(({sum}) / {count})");
            let squares =
                values.iter().map(|v| format!("coalesce(({v} - {mean}) * ({v} - {mean}), 0)")).collect::<Vec<_>>();
            format!("case when {count} < 2 then null else sqrt(({}) / ({count} - 1)) end", squares.join(" + "))
        }
        _ => median(values, &count),
    }
}

/// The mean of the largest value that at most ⌊(n-1)/2⌋ others are below, and of the smallest that at most so many are above.
fn median(values: &[String], count: &str) -> String {
    let middle = |sign: &str| {
        let candidates = values.iter().map(|v| {
            let others =
                values.iter().map(|w| format!("case when {w} {sign} {v} then 1 else 0 end")).collect::<Vec<_>>();
            format!("case when ({}) <= floor(({count} - 1) / 2) then {v} end", others.join(" + "))
        });
        candidates.collect::<Vec<_>>().join(", ")
    };
    format!("((greatest({}) + least({})) / 2)", middle("<"), middle(">"))
}

fn choice<R>(printer: &super::sql::Printer<'_, R>, arguments: &[Expr<R>]) -> Result<Sql, ExpressionError> {
    let condition = printer.condition(&arguments[0])?;
    let (a, b) = (printer.value(&arguments[1])?, printer.value(&arguments[2])?);
    let either = |kind: Kind| a.is(kind) || b.is(kind);
    let whole = |a: String, b: String| format!("case when {condition} then {a} else {b} end");
    if a.is_null() && b.is_null() {
        return Ok(Sql::number("(null + 0)".to_owned()));
    }
    if either(Kind::Number) || a.is_truth() || b.is_truth() {
        let numbers = [&a, &b].iter().all(|x| x.is(Kind::Number) || x.is_null() || x.is_truth());
        if numbers {
            return Ok(Sql::number(whole(a.as_number(), b.as_number())));
        }
    }
    let kind = if a.is_null() { b.kind() } else { a.kind() };
    let same = (a.is_null() || a.is(kind)) && (b.is_null() || b.is(kind));
    let kind = if same && kind != Kind::Number { kind } else { Kind::Text };
    Ok(Sql::of(whole(a.as_text(), b.as_text()), kind))
}

fn date_difference<R>(
    printer: &super::sql::Printer<'_, R>,
    arguments: &[Expr<R>],
    at: usize,
) -> Result<Sql, ExpressionError> {
    let unsupported = |what: &str, why| ExpressionError::Unsupported { at, what: what.to_owned(), why };
    for side in &arguments[..2] {
        if let Expr::Text(text) = side
            && (text.eq_ignore_ascii_case("today") || text.eq_ignore_ascii_case("now"))
        {
            return Err(unsupported(text, "the result would change from day to day; record the day as an item"));
        }
    }
    let Expr::Text(unit) = &arguments[2] else {
        return Err(unsupported("the unit of datediff", "it must be written as a text: y, M, d, h, m or s"));
    };
    let seconds = match unit.as_str() {
        "y" => "31556952",
        "M" => "2630016",
        "d" => "86400",
        "h" => "3600",
        "m" => "60",
        "s" => "1",
        _ => return Err(unsupported("the unit of datediff", "it must be one of y, M, d, h, m, s")),
    };
    let (from, to) = (printer.value(&arguments[0])?, printer.value(&arguments[1])?);
    let signed = arguments[3..].iter().any(|a| {
        matches!(a, Expr::Text(t) if t.eq_ignore_ascii_case("true")) || matches!(a, Expr::Number(n) if n == "1")
    });
    if from.is(Kind::Time) || to.is(Kind::Time) {
        return Err(unsupported("datediff of times", "a time has no day; subtract hours and minutes instead"));
    }
    let days = !from.is(Kind::DateTime) && !to.is(Kind::DateTime);
    let moment = |side: &Sql| {
        if side.is(Kind::DateTime) { side.as_text() } else { format!("({} || 'T00:00:00')", side.as_text()) }
    };
    let difference = if days {
        let days = format!("days_between({}, {})", from.as_text(), to.as_text());
        match unit.as_str() {
            "d" => days,
            "y" => format!("({days} / 365.2425)"),
            "M" => format!("({days} / 30.44)"),
            _ => format!("({days} * 86400 / {seconds})"),
        }
    } else {
        format!("(seconds_between({}, {}) / {seconds})", moment(&from), moment(&to))
    };
    Ok(Sql::number(if signed { difference } else { format!("abs({difference})") }))
}
