//! Text to tree. The languages differ in how items are named and which functions there are; the rest is one grammar.

use super::{Expr, ExpressionError, Function, Operator};

/// Longest way from the root to a leaf.
const DEEPEST: usize = 300;

/// What differs between the languages.
pub(crate) trait Dialect {
    type Ref;

    /// A reference at the beginning of the text, and how many bytes it takes; `None` when there is none.
    fn reference(&self, text: &str, at: usize) -> Result<Option<(Self::Ref, usize)>, ExpressionError>;

    /// The function of this name.
    fn function(&self, name: &str) -> Option<Function>;

    /// What a name without marks is, where the language has such.
    fn bare(&self, name: &str) -> Option<Expr<Self::Ref>>;
}

#[derive(Clone, Debug, PartialEq)]
enum Token<R> {
    Number(String),
    Text(String),
    Ref(R),
    Name(String),
    Sign(&'static str),
    End,
}

/// Signs, the longer ones first.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "<>", "!=", "<=", ">=", "≠", "≤", "≥", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")",
    ",", "!", "?",
];

struct Lexed<R> {
    token: Token<R>,
    at: usize,
}

/// The tree of a whole text.
pub(crate) fn parse<D: Dialect>(dialect: &D, text: &str) -> Result<Expr<D::Ref>, ExpressionError> {
    let mut tokens = lex(dialect, text)?;
    tokens.reverse();
    let mut parser = Parser { dialect, tokens, depth: 0 };
    let (tree, _) = parser.expression(0)?;
    parser.expect_end()?;
    Ok(tree)
}

fn lex<D: Dialect>(dialect: &D, text: &str) -> Result<Vec<Lexed<D::Ref>>, ExpressionError> {
    let mut all = Vec::new();
    let mut rest = text;
    let mut at = 1;
    loop {
        let skipped = rest.len() - skip(rest).len();
        at += rest[..skipped].chars().count();
        rest = &rest[skipped..];
        if rest.is_empty() {
            all.push(Lexed { token: Token::End, at });
            return Ok(all);
        }
        let (token, length) = token(dialect, rest, at)?;
        all.push(Lexed { token, at });
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
}

/// Past blanks and comments.
fn skip(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let after = if text.starts_with("//") || text.starts_with('#') {
            text.find('\n').map_or("", |end| &text[end..])
        } else if let Some(comment) = text.strip_prefix("/*") {
            comment.find("*/").map_or("", |end| &comment[end + 2..])
        } else {
            return text;
        };
        text = after;
    }
}

fn token<D: Dialect>(dialect: &D, text: &str, at: usize) -> Result<(Token<D::Ref>, usize), ExpressionError> {
    if let Some((reference, length)) = dialect.reference(text, at)? {
        return Ok((Token::Ref(reference), length));
    }
    let first = text.chars().next().unwrap_or_default();
    if first == '"' || first == '\'' {
        let inner = &text[1..];
        let end = inner.find(first).ok_or(ExpressionError::Syntax {
            at,
            expected: "a closing quote",
            found: "none".to_owned(),
        })?;
        return Ok((Token::Text(inner[..end].to_owned()), end + 2));
    }
    if first.is_ascii_digit() || (first == '.' && text[1..].starts_with(|c: char| c.is_ascii_digit())) {
        let length = number(text);
        return Ok((Token::Number(text[..length].to_owned()), length));
    }
    if let Some(sign) = SIGNS.iter().find(|s| text.starts_with(**s)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    if first.is_alphabetic() || first == '_' {
        let length = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len());
        return Ok((Token::Name(text[..length].to_owned()), length));
    }
    Err(ExpressionError::Syntax { at, expected: "a value, item, function or operator", found: format!("`{first}`") })
}

/// Digits, a point, digits, an exponent.
fn number(text: &str) -> usize {
    let digits = |from: usize| text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| from + n);
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if signed.starts_with(|c: char| c.is_ascii_digit()) {
            end = digits(text.len() - signed.len());
        }
    }
    end
}

struct Parser<'d, D: Dialect> {
    dialect: &'d D,
    /// The next one last.
    tokens: Vec<Lexed<D::Ref>>,
    depth: usize,
}

/// A tree and its depth.
type Tree<R> = (Expr<R>, usize);

enum Infix {
    Junction(bool),
    Binary(Operator),
}

/// What binds how strongly: left and right strength.
fn infix(sign: &str) -> Option<(Infix, u8, u8)> {
    let binary = |operator, left, right| Some((Infix::Binary(operator), left, right));
    match sign.to_ascii_lowercase().as_str() {
        "or" | "||" => Some((Infix::Junction(false), 1, 2)),
        "and" | "&&" => Some((Infix::Junction(true), 3, 4)),
        "=" | "==" => binary(Operator::Eq, 7, 8),
        "<>" | "!=" | "≠" => binary(Operator::Ne, 7, 8),
        "<" => binary(Operator::Lt, 7, 8),
        "<=" | "≤" => binary(Operator::Le, 7, 8),
        ">" => binary(Operator::Gt, 7, 8),
        ">=" | "≥" => binary(Operator::Ge, 7, 8),
        "+" => binary(Operator::Add, 9, 10),
        "-" => binary(Operator::Subtract, 9, 10),
        "*" => binary(Operator::Multiply, 11, 12),
        "/" => binary(Operator::Divide, 11, 12),
        "%" => binary(Operator::Remainder, 11, 12),
        "^" => binary(Operator::Power, 16, 15),
        _ => None,
    }
}

/// How strongly `not` and unary minus bind what follows.
const NOT: u8 = 6;
const MINUS: u8 = 14;

impl<D: Dialect> Parser<'_, D> {
    fn next(&mut self) -> Lexed<D::Ref> {
        // The end is never taken off for good: it is asked for last.
        self.tokens.pop().unwrap_or(Lexed { token: Token::End, at: 0 })
    }

    fn at(&self) -> usize {
        self.tokens.last().map_or(0, |t| t.at)
    }

    fn sign(&self) -> Option<&str> {
        match &self.tokens.last()?.token {
            Token::Sign(sign) => Some(sign),
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        let found = match self.tokens.last().map(|t| &t.token) {
            Some(Token::Number(text)) => format!("the number {text}"),
            Some(Token::Text(text)) => format!("the text \"{text}\""),
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
            Some(Token::Ref(_)) => "an item".to_owned(),
            Some(Token::End) | None => "the end".to_owned(),
        };
        ExpressionError::Syntax { at: self.at(), expected, found }
    }

    fn expect(&mut self, sign: &'static str, expected: &'static str) -> Result<(), ExpressionError> {
        if self.sign() == Some(sign) {
            self.next();
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    fn expect_end(&self) -> Result<(), ExpressionError> {
        match self.tokens.last().map(|t| &t.token) {
            Some(Token::End) | None => Ok(()),
            _ => Err(self.unexpected("an operator or the end")),
        }
    }

    fn expression(&mut self, strength: u8) -> Result<Tree<D::Ref>, ExpressionError> {
        self.depth += 1;
        let mut left = self.operand()?;
        while let Some((operator, binds_left, binds_right)) = self.sign().and_then(infix) {
            if binds_left < strength {
                break;
            }
            let at = self.next().at;
            let right = self.expression(binds_right)?;
            left = combine(operator, left, right);
            self.check_depth(left.1, at)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn check_depth(&self, of_tree: usize, at: usize) -> Result<(), ExpressionError> {
        if self.depth + of_tree > DEEPEST { Err(ExpressionError::TooDeep { at }) } else { Ok(()) }
    }

    fn operand(&mut self) -> Result<Tree<D::Ref>, ExpressionError> {
        let at = self.at();
        self.check_depth(0, at)?;
        match self.sign().map(str::to_ascii_lowercase).as_deref() {
            Some("(") => {
                self.next();
                let inner = self.expression(0)?;
                self.expect(")", "`)`")?;
                return Ok(inner);
            }
            // `!(…)` binds what follows it at once, `not a = b` the comparison.
            Some("!") => {
                self.next();
                let (inner, depth) = self.expression(MINUS)?;
                return Ok((Expr::Not(Box::new(inner)), depth + 1));
            }
            Some("not") => {
                self.next();
                let (inner, depth) = self.expression(NOT)?;
                return Ok((Expr::Not(Box::new(inner)), depth + 1));
            }
            Some("-") => {
                self.next();
                let (inner, depth) = self.expression(MINUS)?;
                return Ok((Expr::Negate(Box::new(inner)), depth + 1));
            }
            Some("+") => {
                self.next();
                return self.expression(MINUS);
            }
            _ => {}
        }
        if !matches!(
            self.tokens.last().map(|t| &t.token),
            Some(Token::Number(_) | Token::Text(_) | Token::Ref(_) | Token::Name(_))
        ) {
            return Err(self.unexpected("a value, item or function"));
        }
        match self.next().token {
            Token::Number(text) => Ok((Expr::Number(text), 1)),
            Token::Text(text) => Ok((Expr::Text(text), 1)),
            Token::Ref(reference) => Ok((Expr::Ref(reference, at), 1)),
            Token::Name(name) => self.named(&name, at),
            Token::Sign(_) | Token::End => Err(self.unexpected("a value, item or function")),
        }
    }

    /// A function, or an item named without marks.
    fn named(&mut self, name: &str, at: usize) -> Result<Tree<D::Ref>, ExpressionError> {
        if self.sign() != Some("(") {
            let bare = self.dialect.bare(name);
            return Ok((bare.ok_or_else(|| ExpressionError::UnknownItem { at, name: name.to_owned() })?, 1));
        }
        let function = self.dialect.function(name);
        let function = function.ok_or_else(|| ExpressionError::UnknownFunction { at, name: name.to_owned() })?;
        self.next();
        let mut arguments = Vec::new();
        let mut depth = 0;
        if self.sign() != Some(")") {
            loop {
                let (argument, deep) = self.expression(0)?;
                depth = depth.max(deep);
                arguments.push(argument);
                if self.sign() != Some(",") {
                    break;
                }
                self.next();
            }
        }
        self.expect(")", "`,` or `)`")?;
        function.check_arguments(arguments.len(), at)?;
        Ok((Expr::Call(function, arguments, at), depth + 1))
    }
}

fn combine<R>(operator: Infix, left: Tree<R>, right: Tree<R>) -> Tree<R> {
    let depth = left.1.max(right.1) + 1;
    match (operator, left.0) {
        (Infix::Binary(operator), tree) => (Expr::Binary(operator, Box::new(tree), Box::new(right.0)), depth),
        (Infix::Junction(all), Expr::Junction(same, mut parts)) if all == same => {
            parts.push(right.0);
            (Expr::Junction(all, parts), left.1.max(right.1 + 1))
        }
        (Infix::Junction(all), tree) => (Expr::Junction(all, vec![tree, right.0]), depth),
    }
}
