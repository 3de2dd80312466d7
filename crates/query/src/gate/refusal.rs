//! What does the gate say when it refuses?

use sqlparser::tokenizer::Location;
use std::fmt;

/// One thing in a statement that is refused, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {refusal}")]
pub struct SqlError {
    /// Line in the statement, counted from 1.
    pub line: u64,
    /// Character in the line, counted from 1.
    pub column: u64,
    /// What is refused.
    pub refusal: Refusal,
}

impl SqlError {
    pub(crate) fn new(at: Location, refusal: Refusal) -> Self {
        Self { line: at.line.max(1), column: at.column.max(1), refusal }
    }

    /// What the writer of the statement can do next.
    pub fn hint(&self) -> String {
        self.refusal.hint()
    }
}

/// What can be wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says what it is")]
pub enum Refusal {
    #[error("the text is not SQL: {message}")]
    Syntax { message: String },
    #[error("the statement is too long: {size} {unit}, at most {limit}")]
    TooLong { size: usize, unit: &'static str, limit: usize },
    #[error("expressions or queries are nested more than {limit} deep")]
    TooDeep { limit: usize },
    #[error("a study's SQL is one SELECT; this is {found}")]
    NotSelect { found: String },
    #[error("{what} is not part of croft's SQL")]
    NotAdmitted { what: String, instead: &'static str },
    #[error("there is no table {name}")]
    UnknownTable { name: String, near: Option<String> },
    #[error("two tables in this FROM go by the name {name}")]
    AliasTwice { name: String },
    #[error("there is no column {name} here")]
    UnknownColumn { name: String, near: Option<String> },
    #[error("double quotes enclose names, and there is no column {name:?}")]
    QuotedText { name: String },
    #[error("{name} is a column of both {first} and {second}")]
    Ambiguous { name: String, first: String, second: String },
    #[error("there is no function {name}")]
    UnknownFunction { name: String, instead: Option<&'static str> },
    #[error("{function} takes {wanted}, {found} given")]
    Arguments { function: String, wanted: String, found: usize },
    #[error("{function}: argument {position} must be {wanted}, this is {found}")]
    ArgumentType { function: String, position: usize, wanted: &'static str, found: &'static str },
    #[error("{function}: {problem}")]
    Argument { function: String, problem: String, instead: &'static str },
    #[error("{operator} takes {wanted}, this is {found}")]
    Operand { operator: &'static str, wanted: &'static str, found: &'static str },
    #[error("{left} is compared with {right}")]
    Compared { left: &'static str, right: &'static str },
    #[error("{place} gives both {left} and {right}")]
    Mixed { place: &'static str, left: &'static str, right: &'static str },
    #[error("{place} must be a condition, this is {found}")]
    NotCondition { place: &'static str, found: &'static str },
    #[error("{wanted} is needed here, this is {found}")]
    NotKind { wanted: &'static str, found: &'static str },
    #[error("CAST between text and number is not the same everywhere")]
    Cast,
    #[error("LIKE ignores case in some databases and not in others")]
    Like,
    #[error("{number} is no number that a double can hold")]
    Number { number: String },
    #[error("{name} is neither grouped by nor inside an aggregate")]
    BareColumn { name: String },
    #[error("an aggregate stands in {place}")]
    AggregatePlace { place: &'static str },
    #[error("a window function stands in {place}")]
    WindowPlace { place: &'static str },
    #[error("this aggregate takes columns of the outer query only")]
    OuterAggregate,
    #[error("ORDER BY does not say where nulls go")]
    NullsUnplaced,
    #[error("{what} has no ORDER BY")]
    Unordered { what: String },
    #[error("{what}: this ORDER BY can leave rows tied, so the result would depend on chance")]
    Tied { what: String, add: Option<String> },
    #[error("last_value without a frame gives the current row, not the last one")]
    LastValueFrame,
    #[error("the two sides of {op} have {left} and {right} columns")]
    SetWidth { op: &'static str, left: usize, right: usize },
    #[error("a column of the result has no name")]
    Unnamed,
    #[error("two columns of the result are named {name}")]
    ColumnTwice { name: String },
    #[error("{name} is a condition, and a dataset holds numbers and texts")]
    ConditionOut { name: String },
    #[error("{name} is always null, and has so no type")]
    UntypedNull { name: String },
    #[error("the key {key} is not a column of the result")]
    KeyMissing { key: String },
    #[error("{what} must have one column, this has {found}")]
    OneColumn { what: &'static str, found: usize },
    #[error("this subquery stands for one value, but can give several rows")]
    ManyRows,
    #[error("missing_reason asks for a column of numbers that comes straight from a table")]
    MissingReason,
}

impl Refusal {
    /// What the writer of the statement can do next.
    pub fn hint(&self) -> String {
        let text = match self {
            Self::Syntax { .. } => "look just before this place for a missing comma, quote or parenthesis",
            Self::TooLong { .. } => "split the derivation into several files, one a dataset",
            Self::TooDeep { .. } => "name the inner steps in WITH, or use IN (…) for a long chain of OR",
            Self::NotSelect { .. } => {
                "write one SELECT, with WITH before it if needed; the file's name says where it goes"
            }
            Self::NotAdmitted { instead, .. } | Self::Argument { instead, .. } => instead,
            Self::UnknownTable { near, .. } | Self::UnknownColumn { near, .. } => return near_hint(near.as_deref()),
            Self::AliasTwice { .. } => "give one of them another name with AS",
            Self::QuotedText { .. } => "if a text is meant, enclose it in single quotes",
            Self::Ambiguous { name, first, .. } => return format!("write {first}.{name}, or the other one"),
            Self::UnknownFunction { instead, .. } => instead.unwrap_or("the manual's page of functions lists them"),
            Self::Arguments { .. } | Self::ArgumentType { .. } => {
                "see the function's line in the manual; number(…) and text(…) convert"
            }
            Self::Operand { .. } => {
                "number(…) and text(…) convert; conditions belong into WHERE, ON, HAVING, CASE WHEN"
            }
            Self::NotKind { .. } => "convert it: number(text), text(number), case when … then 'Y' else 'N' end",
            Self::Compared { .. } => "convert one side: number(text) or text(number)",
            Self::Mixed { .. } => "convert one of them: number(text) or text(number)",
            Self::NotCondition { .. } => "write a comparison, such as X = 1",
            Self::Cast => "use number(text), try_number(text) or text(number [, decimals])",
            Self::Like => "use like_cs(text, pattern), or matches(text, regular expression)",
            Self::Number { .. } => "write a decimal number below 1.8e308",
            Self::BareColumn { name } => {
                return format!("add {name} to GROUP BY, or say which value is meant: min({name}), max({name})");
            }
            Self::AggregatePlace { .. } => "aggregate in a subquery or a WITH step, or filter groups in HAVING",
            Self::WindowPlace { .. } => "compute it in a WITH step and filter on its name in the next",
            Self::OuterAggregate => "compute the aggregate in a WITH step and join it",
            Self::NullsUnplaced => "add NULLS FIRST (as SAS sorts) or NULLS LAST (as R sorts) to each item",
            Self::Unordered { .. } => "add ORDER BY with columns that together name a row",
            Self::Tied { add: Some(add), .. } => return format!("add the rest of a key to ORDER BY: {add}"),
            Self::Tied { add: None, .. } => "add columns that together name a row; a table's declared keys do",
            Self::LastValueFrame => "add ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
            Self::SetWidth { .. } => "select the same columns in the same order on both sides",
            Self::Unnamed => "name it: expression AS NAME",
            Self::ColumnTwice { .. } => "name one of them otherwise with AS, or leave it out",
            Self::ConditionOut { .. } => "write case when … then 'Y' else 'N' end",
            Self::UntypedNull { .. } => "write cast(null as text) or cast(null as double)",
            Self::KeyMissing { .. } => "select it, or correct the declared keys",
            Self::OneColumn { .. } => "select one column in it",
            Self::ManyRows => "aggregate in it (min, max, …), or tie all keys of its tables to the outer row with =",
            Self::MissingReason => {
                "apply it in the select that reads the table, and carry the result on under a name of its own"
            }
        };
        text.to_owned()
    }
}

fn near_hint(near: Option<&str>) -> String {
    near.map_or_else(
        || "check the spelling, and what FROM brings in".to_owned(),
        |near| format!("did you mean {near}?"),
    )
}

/// Several refusals as one text, each with its hint.
pub struct Listed<'a>(pub &'a [SqlError]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}\n  hint: {}", error.hint())?;
        }
        Ok(())
    }
}
