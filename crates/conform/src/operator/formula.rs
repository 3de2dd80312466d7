//! What is `100 * (AVAL - BASE) / BASE` in each row?
//!
//! Names are columns, numbers are numbers; `+ - * /`, a leading minus and parentheses mean what they mean on paper;
//! `floor(x)` is the largest whole number that is not above x. A row
//! in which a value is missing or no number, or a divisor is zero, has no result.
//!
//! A result comes with its size: how large the numbers were that were added up. 1000.1 − 1000 is 0.1 with the noise of 1000.1, and
//! who compares it must allow for that.

use super::Fault;
use crate::column::Column;

/// Formulas of rules have a handful of terms.
const MOST_NESTED: usize = 32;

#[derive(Debug)]
enum Expression {
    Number(f64),
    Name(String),
    Binary(char, Box<Expression>, Box<Expression>),
    Minus(Box<Expression>),
    Floor(Box<Expression>),
}

/// A formula that has been read.
#[derive(Debug)]
pub(super) struct Formula(Expression);

/// A formula whose names are columns.
pub(super) enum Bound<'a> {
    Number(f64),
    Column(&'a Column),
    Binary(char, Box<Bound<'a>>, Box<Bound<'a>>),
    Minus(Box<Bound<'a>>),
    Floor(Box<Bound<'a>>),
}

/// A result and its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sized {
    pub value: f64,
    pub size: f64,
}

impl Formula {
    /// Reads a formula; the error says where it stops making sense.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim_start(), text };
        let formula = reader.sum(0)?;
        if reader.rest.is_empty() { Ok(Self(formula)) } else { Err(reader.stray()) }
    }

    /// Finds the columns that it names.
    pub fn bind<'a>(&self, column: &impl Fn(&str) -> Result<&'a Column, Fault>) -> Result<Bound<'a>, Fault> {
        bind(&self.0, column)
    }
}

fn bind<'a>(expression: &Expression, column: &impl Fn(&str) -> Result<&'a Column, Fault>) -> Result<Bound<'a>, Fault> {
    Ok(match expression {
        Expression::Number(x) => Bound::Number(*x),
        Expression::Name(name) => Bound::Column(column(name)?),
        Expression::Minus(part) => Bound::Minus(Box::new(bind(part, column)?)),
        Expression::Floor(part) => Bound::Floor(Box::new(bind(part, column)?)),
        Expression::Binary(sign, a, b) => Bound::Binary(*sign, Box::new(bind(a, column)?), Box::new(bind(b, column)?)),
    })
}

impl Bound<'_> {
    /// The result in a row, if there is one.
    pub fn at(&self, row: usize) -> Option<Sized> {
        let result = match self {
            Self::Number(x) => Sized { value: *x, size: x.abs() },
            Self::Column(column) => {
                let value = column.value(row).as_number()?;
                Sized { value, size: value.abs() }
            }
            Self::Minus(part) => {
                let part = part.at(row)?;
                Sized { value: -part.value, ..part }
            }
            Self::Floor(part) => {
                let part = part.at(row)?;
                Sized { value: part.value.floor(), ..part }
            }
            Self::Binary(sign, a, b) => combined(*sign, a.at(row)?, b.at(row)?)?,
        };
        result.value.is_finite().then_some(result)
    }
}

/// The size follows the first-order propagation of errors.
fn combined(sign: char, a: Sized, b: Sized) -> Option<Sized> {
    Some(match sign {
        '+' => Sized { value: a.value + b.value, size: a.size + b.size },
        '-' => Sized { value: a.value - b.value, size: a.size + b.size },
        '*' => Sized { value: a.value * b.value, size: a.size * b.value.abs() + a.value.abs() * b.size },
        _ if b.value == 0.0 => return None,
        _ => {
            let value = a.value / b.value;
            Sized { value, size: (a.size + value.abs() * b.size) / b.value.abs() }
        }
    })
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl Reader<'_> {
    fn stray(&self) -> String {
        let place = self.text.len() - self.rest.len() + 1;
        match self.rest.chars().next() {
            Some(c) => format!("`{c}` at character {place}"),
            None => "it ends too early".to_owned(),
        }
    }

    fn take(&mut self, signs: &[char]) -> Option<char> {
        let sign = self.rest.chars().next().filter(|c| signs.contains(c))?;
        self.rest = self.rest[sign.len_utf8()..].trim_start();
        Some(sign)
    }

    fn sum(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.product(depth)?;
        while let Some(sign) = self.take(&['+', '-']) {
            left = Expression::Binary(sign, Box::new(left), Box::new(self.product(depth)?));
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.factor(depth)?;
        while let Some(sign) = self.take(&['*', '/']) {
            left = Expression::Binary(sign, Box::new(left), Box::new(self.factor(depth)?));
        }
        Ok(left)
    }

    fn factor(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > MOST_NESTED {
            return Err(format!("it is nested more than {MOST_NESTED} deep"));
        }
        if self.take(&['-']).is_some() {
            return Ok(Expression::Minus(Box::new(self.factor(depth + 1)?)));
        }
        if self.take(&['(']).is_some() {
            let inner = self.sum(depth + 1)?;
            return if self.take(&[')']).is_some() { Ok(inner) } else { Err(self.stray()) };
        }
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || "_.$".contains(c))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.stray());
        }
        self.rest = rest.trim_start();
        if word == "floor" && self.rest.starts_with('(') {
            return Ok(Expression::Floor(Box::new(self.factor(depth + 1)?)));
        }
        let expression = if word.starts_with(|c: char| c.is_ascii_digit()) {
            Expression::Number(word.parse().map_err(|_| format!("`{word}` is no number"))?)
        } else {
            Expression::Name(word.to_owned())
        };
        Ok(expression)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(formula: &str, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        let (a, b) = (Column::of_numbers([a].into_iter()), Column::of_numbers([b].into_iter()));
        let formula = Formula::read(formula).expect("the formula reads");
        let column = |name: &str| if name == "A" { Ok(&a) } else { Ok(&b) };
        formula.bind(&column).expect("the columns are there").at(0).map(|result| result.value)
    }

    #[test]
    fn signs_bind_as_on_paper() {
        assert_eq!(at("A - B * 2 + 1", Some(10.0), Some(3.0)), Some(5.0));
        assert_eq!(at("100 * (A - B) / B", Some(15.0), Some(10.0)), Some(50.0));
        assert_eq!(at("-A - -B", Some(1.0), Some(3.0)), Some(2.0));
        assert_eq!(at("A - B * floor(A / B)", Some(17.0), Some(5.0)), Some(2.0));
    }

    #[test]
    fn without_a_value_there_is_no_result() {
        assert_eq!(at("A - B", Some(1.0), None), None);
        assert_eq!(at("A / B", Some(1.0), Some(0.0)), None);
    }

    #[test]
    fn what_is_no_formula_says_where() {
        for text in ["", "A +", "A B", "(A", "A ^ 2", "1.2.3"] {
            assert!(Formula::read(text).is_err(), "{text}");
        }
        assert!(Formula::read(&"(".repeat(10_000)).is_err());
        assert!(Formula::read(&"-".repeat(10_000)).is_err());
    }
}
