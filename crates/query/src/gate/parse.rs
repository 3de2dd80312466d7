//! Is the text one SELECT?
//!
//! The parser is told a dialect of our own, the narrow common core of SQL: names in letters, digits and underscores
//! or in double quotes, texts in single quotes, comments in both forms. What it parses beyond the admitted subset
//! is refused by the steps after it, by name.

use super::refusal::{Refusal, SqlError};
use sqlparser::ast;
use sqlparser::dialect::Dialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

/// Longest statement, in bytes.
pub const MAX_BYTES: usize = 512 * 1024;
/// Longest statement, in words and signs.
pub const MAX_TOKENS: usize = 20_000;
/// How deep expressions and queries may be nested.
pub const MAX_DEPTH: usize = 200;

#[derive(Debug)]
struct Portable;

impl Dialect for Portable {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }
    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }
    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }
    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }
    fn supports_boolean_literals(&self) -> bool {
        true
    }
    fn supports_group_by_expr(&self) -> bool {
        true
    }
    fn supports_cte_materialization(&self) -> bool {
        true
    }
}

/// Parses a whole statement.
pub(super) fn query(sql: &str) -> Result<ast::Query, SqlError> {
    let tokens = tokens(sql)?;
    let start = first_place(&tokens);
    let dialect = Portable;
    let mut parser = Parser::new(&dialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
    let statement = parser.parse_statement().map_err(|e| syntax(start, e))?;
    while parser.consume_token(&Token::SemiColon) {}
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        return Err(SqlError::new(
            rest.span.start,
            Refusal::Syntax { message: format!("there is more after the end of the statement: {}", rest.token) },
        ));
    }
    match statement {
        ast::Statement::Query(query) => Ok(*query),
        other => {
            let found = other.to_string().split_whitespace().next().unwrap_or("something else").to_uppercase();
            Err(SqlError::new(start, Refusal::NotSelect { found }))
        }
    }
}

/// Parses a condition alone, as a where-clause has it.
pub(super) fn condition(sql: &str) -> Result<ast::Expr, SqlError> {
    let tokens = tokens(sql)?;
    let start = first_place(&tokens);
    let dialect = Portable;
    let mut parser = Parser::new(&dialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
    let expr = parser.parse_expr().map_err(|e| syntax(start, e))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let message = format!("there is more after the end of the condition: {}", rest.token);
        return Err(SqlError::new(rest.span.start, Refusal::Syntax { message }));
    }
    Ok(expr)
}

fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, SqlError> {
    let origin = Location::new(1, 1);
    if sql.len() > MAX_BYTES {
        let refusal = Refusal::TooLong { size: sql.len(), unit: "bytes", limit: MAX_BYTES };
        return Err(SqlError::new(origin, refusal));
    }
    if sql.contains('\0') {
        return Err(SqlError::new(origin, Refusal::Syntax { message: "it holds a zero byte".to_owned() }));
    }
    let dialect = Portable;
    let tokens = Tokenizer::new(&dialect, sql)
        .tokenize_with_location()
        .map_err(|e| SqlError::new(e.location, Refusal::Syntax { message: e.message }))?;
    let words = tokens.iter().filter(|t| !matches!(t.token, Token::Whitespace(_))).count();
    if words == 0 {
        return Err(SqlError::new(origin, Refusal::Syntax { message: "there is no statement".to_owned() }));
    }
    if words > MAX_TOKENS {
        let refusal = Refusal::TooLong { size: words, unit: "words", limit: MAX_TOKENS };
        return Err(SqlError::new(origin, refusal));
    }
    Ok(tokens)
}

fn first_place(tokens: &[TokenWithSpan]) -> Location {
    let is_blank = |t: &&TokenWithSpan| {
        matches!(
            t.token,
            Token::Whitespace(
                Whitespace::Space
                    | Whitespace::Newline
                    | Whitespace::Tab
                    | Whitespace::SingleLineComment { .. }
                    | Whitespace::MultiLineComment(_)
            )
        )
    };
    tokens.iter().find(|t| !is_blank(t)).map_or(Location::new(1, 1), |t| t.span.start)
}

/// The parser writes the place at the end of its message; it is taken from there.
fn syntax(start: Location, error: ParserError) -> SqlError {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return SqlError::new(start, Refusal::TooDeep { limit: MAX_DEPTH });
        }
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
    };
    if let Some((text, place)) = message.rsplit_once(" at Line: ")
        && let Some((line, column)) = place.split_once(", Column: ")
        && let (Ok(line), Ok(column)) = (line.parse(), column.parse())
    {
        return SqlError::new(Location::new(line, column), Refusal::Syntax { message: text.to_owned() });
    }
    SqlError::new(start, Refusal::Syntax { message })
}
