//! Text into tokens.

use crate::error::{Error, Result};
use crate::regex::Regex;

#[derive(Clone, Debug)]
pub(crate) enum Token {
    Operator(&'static str),
    Name(String),
    Variable(String),
    Text(String),
    Number(f64),
    True,
    False,
    Null,
    Regex(Box<Regex>),
    End,
}

impl Token {
    pub(crate) fn is(&self, operator: &str) -> bool {
        matches!(self, Self::Operator(this) if *this == operator)
    }

    /// How it is called in a message.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Operator(text) => (*text).to_owned(),
            Self::Name(name) => name.clone(),
            Self::Variable(name) => format!("${name}"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Number(n) => n.to_string(),
            Self::True => "true".to_owned(),
            Self::False => "false".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Regex(_) => "a regular expression".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer ones before those that they begin with.
const OPERATORS: [&str; 39] = [
    "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":",
    "?", "+", "-", "*", "/", "%", "|", "=", "<", ">", "^", "&", "!", "~", "and", "or", "in", "",
];
/// Of these, the ones that end a name.
const SIGNS: usize = 35;

pub(crate) struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    pub(crate) fn new(text: &str) -> Self {
        Self { chars: text.chars().collect(), at: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn sign(&self, at: usize) -> Option<&'static str> {
        let there = |sign: &str| sign.chars().enumerate().all(|(i, c)| self.chars.get(at + i) == Some(&c));
        OPERATORS[..SIGNS].iter().copied().find(|sign| there(sign))
    }

    fn fail<T>(&self, code: &'static str, message: impl Into<String>) -> Result<T> {
        Err(Error::new(code, self.at, message))
    }

    fn skip_blanks(&mut self) -> Result<()> {
        loop {
            while self.peek(0).is_some_and(is_blank) {
                self.at += 1;
            }
            if !(self.peek(0) == Some('/') && self.peek(1) == Some('*')) {
                return Ok(());
            }
            let start = self.at;
            self.at += 2;
            while !(self.peek(0) == Some('*') && self.peek(1) == Some('/')) {
                if self.at >= self.chars.len() {
                    return Err(Error::new("S0106", start, "a comment is not closed with */"));
                }
                self.at += 1;
            }
            self.at += 2;
        }
    }

    /// The next token; after an operand (`infix`) a slash divides, elsewhere it opens a regular expression.
    pub(crate) fn next(&mut self, infix: bool) -> Result<Token> {
        self.skip_blanks()?;
        let Some(c) = self.peek(0) else { return Ok(Token::End) };
        if c == '/' && !infix {
            self.at += 1;
            return self.regex();
        }
        if let Some(sign) = self.sign(self.at) {
            self.at += sign.len();
            if matches!(sign, "!" | "~") {
                return self.fail("S0204", format!("{sign} is no operator"));
            }
            return Ok(Token::Operator(sign));
        }
        match c {
            '"' | '\'' => self.text(c),
            '0'..='9' => self.number(),
            '`' => self.quoted_name(),
            _ => Ok(self.word()),
        }
    }

    fn text(&mut self, quote: char) -> Result<Token> {
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        let push = |units: &mut Vec<u16>, c: char| units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == quote {
                return match String::from_utf16(&units) {
                    Ok(text) => Ok(Token::Text(text)),
                    Err(_) => self.fail("S0104", "\\u escapes leave half of a surrogate pair"),
                };
            }
            if c != '\\' {
                push(&mut units, c);
                continue;
            }
            let Some(escape) = self.peek(0) else { break };
            match escape {
                '"' | '\\' | '/' => push(&mut units, escape),
                'b' => push(&mut units, '\u{8}'),
                'f' => push(&mut units, '\u{c}'),
                'n' => push(&mut units, '\n'),
                'r' => push(&mut units, '\r'),
                't' => push(&mut units, '\t'),
                'u' => {
                    let digits: String = self.chars.iter().skip(self.at + 1).take(4).collect();
                    let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                    let Some(unit) = unit else {
                        return self.fail("S0104", "\\u is not followed by 4 hexadecimal digits");
                    };
                    units.push(unit);
                    self.at += 4;
                }
                other => return self.fail("S0103", format!("\\{other} is no escape sequence")),
            }
            self.at += 1;
        }
        self.at = self.chars.len();
        self.fail("S0101", "a text is not closed with its quote")
    }

    fn number(&mut self) -> Result<Token> {
        let start = self.at;
        let digits = |lexer: &mut Self| {
            let from = lexer.at;
            while lexer.peek(0).is_some_and(|c| c.is_ascii_digit()) {
                lexer.at += 1;
            }
            lexer.at > from
        };
        if self.peek(0) == Some('0') {
            self.at += 1;
        } else {
            digits(self);
        }
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            digits(self);
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let before = self.at;
            self.at += 1;
            if matches!(self.peek(0), Some('+' | '-')) {
                self.at += 1;
            }
            if !digits(self) {
                self.at = before;
            }
        }
        let text: String = self.chars[start..self.at].iter().collect();
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Token::Number(n)),
            _ => Err(Error::new("S0102", start, format!("the number {text} is out of range"))),
        }
    }

    fn quoted_name(&mut self) -> Result<Token> {
        self.at += 1;
        let rest = &self.chars[self.at..];
        let Some(length) = rest.iter().position(|&c| c == '`') else {
            self.at = self.chars.len();
            return self.fail("S0105", "a quoted name is not closed with a backquote");
        };
        let name = rest[..length].iter().collect();
        self.at += length + 1;
        Ok(Token::Name(name))
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while self.peek(0).is_some_and(|c| !is_blank(c)) && self.sign(self.at).is_none() {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        match word.as_str() {
            "and" => Token::Operator("and"),
            "or" => Token::Operator("or"),
            "in" => Token::Operator("in"),
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            _ => match word.strip_prefix('$') {
                Some(name) => Token::Variable(name.to_owned()),
                None => Token::Name(word),
            },
        }
    }

    fn regex(&mut self) -> Result<Token> {
        let start = self.at;
        let mut depth = 0_i32;
        while let Some(c) = self.peek(0) {
            let escaped = self.chars[start..self.at].iter().rev().take_while(|&&c| c == '\\').count() % 2 == 1;
            match c {
                '/' if depth == 0 && !escaped => return self.end_of_regex(start),
                '(' | '[' | '{' if self.chars[self.at - 1] != '\\' => depth += 1,
                ')' | ']' | '}' if self.chars[self.at - 1] != '\\' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.fail("S0302", "a regular expression is not closed with a slash")
    }

    fn end_of_regex(&mut self, start: usize) -> Result<Token> {
        let pattern: String = self.chars[start..self.at].iter().collect();
        if pattern.is_empty() {
            return self.fail("S0301", "a regular expression is empty");
        }
        self.at += 1;
        let from = self.at;
        while matches!(self.peek(0), Some('i' | 'm')) {
            self.at += 1;
        }
        let flags: String = self.chars[from..self.at].iter().collect();
        match Regex::new(&pattern, &flags) {
            Ok(regex) => Ok(Token::Regex(Box::new(regex))),
            Err(error) => Err(Error::new("S0303", start + error.position, error.to_string())),
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}
