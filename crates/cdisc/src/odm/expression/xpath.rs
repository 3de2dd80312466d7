//! The part of XPath 1.0 that conditions of study definitions use.

use super::Reference;
use crate::expression::{Expr, ExpressionError, Operator};

/// Deepest nesting of brackets and `not`.
const DEEPEST: usize = 50;

pub(super) fn parse(text: &str) -> Result<Expr<Reference>, ExpressionError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let tree = parser.any()?;
    parser.blanks();
    if parser.at < text.len() { Err(parser.unexpected("`and`, `or` or the end")) } else { Ok(tree) }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// What a path leads to.
#[derive(Default)]
struct Path {
    form: Option<String>,
    group: Option<String>,
    item: Option<String>,
    comparison: Option<(Operator, Expr<Reference>)>,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn place(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        let found = self.rest().chars().next().map_or_else(|| "the end".to_owned(), |c| format!("`{c}`"));
        ExpressionError::Syntax { at: self.place(), expected, found }
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), ExpressionError> {
        if self.eat(sign) { Ok(()) } else { Err(self.unexpected(sign)) }
    }

    /// A word that does not go on.
    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '(');
        let found = self.rest().strip_prefix(word).is_some_and(|after| !after.starts_with(goes_on));
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn any(&mut self) -> Result<Expr<Reference>, ExpressionError> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(junction(false, parts))
    }

    fn all(&mut self) -> Result<Expr<Reference>, ExpressionError> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Ok(junction(true, parts))
    }

    fn one(&mut self) -> Result<Expr<Reference>, ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ExpressionError::TooDeep { at: self.place() });
        }
        let negated = self.eat("not(");
        let tree = if negated || self.eat("(") {
            let inner = self.any()?;
            self.expect(")")?;
            if negated { Expr::Not(Box::new(inner)) } else { inner }
        } else {
            self.path()?
        };
        self.depth -= 1;
        Ok(tree)
    }

    /// A path and what is said of the value at its end.
    fn path(&mut self) -> Result<Expr<Reference>, ExpressionError> {
        self.blanks();
        let at = self.place();
        let mut path = Path::default();
        let mut steps = 0;
        loop {
            if self.eat("@Value") {
                break;
            }
            self.step(&mut path)?;
            steps += 1;
            if !self.eat("/") {
                break;
            }
        }
        self.blanks();
        if path.comparison.is_none()
            && let Some(operator) = self.operator()
        {
            path.comparison = Some((operator, self.literal()?));
        }
        let Some(item) = path.item else {
            let what = if steps == 0 { "this expression" } else { "a path that ends at no item" };
            let why = "only paths to an ItemData with an ItemOID are";
            return Err(ExpressionError::Unsupported { at, what: what.to_owned(), why });
        };
        let reference = Expr::Ref(Reference::Path { form: path.form, group: path.group, item }, at);
        let is_there = |reference| Expr::Binary(Operator::Ne, Box::new(reference), Box::new(Expr::Text(String::new())));
        Ok(match path.comparison {
            None => is_there(reference),
            // A value that is not there is not different from anything either.
            Some((Operator::Ne, literal)) => {
                let differs = Expr::Binary(Operator::Ne, Box::new(reference.clone()), Box::new(literal));
                Expr::Junction(true, vec![is_there(reference), differs])
            }
            Some((operator, literal)) => Expr::Binary(operator, Box::new(reference), Box::new(literal)),
        })
    }

    fn step(&mut self, path: &mut Path) -> Result<(), ExpressionError> {
        self.blanks();
        if self.eat("..") {
            return Ok(());
        }
        // The longer names first.
        let steps = [
            ("StudyEventData", "StudyEventOID"),
            ("ItemGroupData", "ItemGroupOID"),
            ("FormData", "FormOID"),
            ("ItemData", "ItemOID"),
        ];
        let Some((element, oid)) = steps.into_iter().find(|(element, _)| self.eat(element)) else {
            let name: String =
                self.rest().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '(' | ')')).collect();
            if name.is_empty() {
                return Err(self.unexpected("a path"));
            }
            let why = "only paths of `..`, FormData, ItemGroupData and ItemData are";
            return Err(ExpressionError::Unsupported { at: self.place(), what: format!("`{name}`"), why });
        };
        while self.eat("[") {
            self.predicate(element, oid, path)?;
            self.expect("]")?;
        }
        Ok(())
    }

    /// `[@ItemOID='X']`, `[@Value > 90]`.
    fn predicate(&mut self, element: &str, oid: &str, path: &mut Path) -> Result<(), ExpressionError> {
        self.blanks();
        let at = self.place();
        let unsupported = |what: &str| {
            let why = "only OIDs and a comparison of @Value are";
            ExpressionError::Unsupported { at, what: format!("the bracket {what}"), why }
        };
        if !self.eat("@") {
            return Err(unsupported("of a place"));
        }
        let name: String = self.rest().chars().take_while(|c| c.is_alphanumeric()).collect();
        self.at += name.len();
        let operator = self.operator().ok_or_else(|| self.unexpected("a comparison"))?;
        let literal = self.literal()?;
        match (name.as_str(), operator, literal) {
            ("Value", operator, literal) if element == "ItemData" && path.comparison.is_none() => {
                path.comparison = Some((operator, literal));
            }
            (name, Operator::Eq, Expr::Text(value)) if name == oid => match element {
                "FormData" => path.form = Some(value),
                "ItemGroupData" => path.group = Some(value),
                "ItemData" => path.item = Some(value),
                _ => return Err(unsupported("of another visit")),
            },
            (name, ..) => return Err(unsupported(&format!("@{name}"))),
        }
        Ok(())
    }

    fn operator(&mut self) -> Option<Operator> {
        let signs = [
            ("!=", Operator::Ne),
            ("<=", Operator::Le),
            (">=", Operator::Ge),
            ("=", Operator::Eq),
            ("<", Operator::Lt),
            (">", Operator::Gt),
        ];
        signs.into_iter().find(|(sign, _)| self.eat(sign)).map(|(_, operator)| operator)
    }

    fn literal(&mut self) -> Result<Expr<Reference>, ExpressionError> {
        self.blanks();
        let rest = self.rest();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            let end = rest[1..].find(quote).ok_or_else(|| self.unexpected("a closing quote"))?;
            self.at += end + 2;
            return Ok(Expr::Text(rest[1..=end].to_owned()));
        }
        let minus = usize::from(rest.starts_with('-'));
        let digits = rest[minus..].find(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(rest.len(), |n| n + minus);
        let number = &rest[..digits];
        if number.parse::<f64>().is_err() {
            return Err(self.unexpected("a text in quotes or a number"));
        }
        self.at += digits;
        Ok(match number.strip_prefix('-') {
            Some(positive) => Expr::Negate(Box::new(Expr::Number(positive.to_owned()))),
            None => Expr::Number(number.to_owned()),
        })
    }
}

fn junction(all: bool, mut parts: Vec<Expr<Reference>>) -> Expr<Reference> {
    if parts.len() == 1 { parts.remove(0) } else { Expr::Junction(all, parts) }
}
