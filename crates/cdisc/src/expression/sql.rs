//! Tree to SQL.

use super::functions::call;
use super::{Column, Expr, ExpressionError, Kind, Operator};

/// An expression of SQL, and what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    text: String,
    gives: Gives,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    Value(Kind),
    /// A condition that is true or false, never unknown.
    Truth,
    /// Nothing: missing.
    Null,
}

impl Sql {
    pub(super) fn number(text: String) -> Self {
        Self::of(text, Kind::Number)
    }

    pub(super) fn text(text: String) -> Self {
        Self::of(text, Kind::Text)
    }

    pub(super) fn of(text: String, kind: Kind) -> Self {
        Self { text, gives: Gives::Value(kind) }
    }

    pub(super) fn truth(text: String) -> Self {
        Self { text, gives: Gives::Truth }
    }

    fn null() -> Self {
        Self { text: "null".to_owned(), gives: Gives::Null }
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.gives == Gives::Value(kind)
    }

    pub(super) fn is_truth(&self) -> bool {
        self.gives == Gives::Truth
    }

    pub(super) fn is_null(&self) -> bool {
        self.gives == Gives::Null
    }

    /// What its values are; of a condition numbers, 1 and 0.
    pub fn kind(&self) -> Kind {
        match self.gives {
            Gives::Value(kind) => kind,
            Gives::Truth | Gives::Null => Kind::Number,
        }
    }

    /// As a number: a text that is none is missing.
    pub(super) fn as_number(&self) -> String {
        match self.gives {
            Gives::Value(Kind::Number) | Gives::Null => self.text.clone(),
            Gives::Value(_) => format!("try_number({})", self.text),
            Gives::Truth => format!("case when {} then 1 else 0 end", self.text),
        }
    }

    /// As a text.
    pub(super) fn as_text(&self) -> String {
        match self.gives {
            Gives::Value(Kind::Number) => format!("text({})", self.text),
            Gives::Value(_) | Gives::Null => self.text.clone(),
            Gives::Truth => format!("case when {} then '1' else '0' end", self.text),
        }
    }
}

/// Prints trees.
pub(super) struct Printer<'r, R> {
    resolve: &'r dyn Fn(&R) -> Option<Column>,
    name: &'r dyn Fn(&R) -> String,
}

impl<R> Expr<R> {
    /// As a condition of the study's SQL, true or false, never unknown. `resolve` says where a reference's values are, `name` how it was written.
    pub(crate) fn condition_sql(
        &self,
        resolve: &dyn Fn(&R) -> Option<Column>,
        name: &dyn Fn(&R) -> String,
    ) -> Result<String, ExpressionError> {
        Printer { resolve, name }.condition(self)
    }

    /// As a value of the study's SQL, and what kind of value it is.
    pub(crate) fn value_sql(
        &self,
        resolve: &dyn Fn(&R) -> Option<Column>,
        name: &dyn Fn(&R) -> String,
    ) -> Result<Column, ExpressionError> {
        let value = Printer { resolve, name }.value(self)?;
        let sql = match value.gives {
            Gives::Value(_) => value.text.clone(),
            Gives::Truth => value.as_number(),
            Gives::Null => "(null + 0)".to_owned(),
        };
        Ok(Column { sql, kind: value.kind() })
    }
}

impl<R> Printer<'_, R> {
    pub(super) fn number(&self, tree: &Expr<R>) -> Result<String, ExpressionError> {
        match tree {
            Expr::Text(text) => Ok(numeral(text).unwrap_or_else(|| "(null + 0)".to_owned())),
            _ => Ok(self.value(tree)?.as_number()),
        }
    }

    pub(super) fn text(&self, tree: &Expr<R>) -> Result<String, ExpressionError> {
        match tree {
            Expr::Number(text) | Expr::Text(text) => Ok(quoted(text)),
            _ => Ok(self.value(tree)?.as_text()),
        }
    }

    pub(super) fn value(&self, tree: &Expr<R>) -> Result<Sql, ExpressionError> {
        match tree {
            Expr::Number(text) => Ok(Sql::number(numeral(text).unwrap_or_else(|| "0".to_owned()))),
            Expr::Text(text) if text.is_empty() || text == "NaN" => Ok(Sql::null()),
            Expr::Text(text) => Ok(Sql::text(quoted(text))),
            Expr::Ref(reference, at) => {
                let found = (self.resolve)(reference);
                let column =
                    found.ok_or_else(|| ExpressionError::UnknownItem { at: *at, name: (self.name)(reference) })?;
                Ok(Sql::of(column.sql, column.kind))
            }
            Expr::Negate(inner) => Ok(Sql::number(format!("(-{})", self.number(inner)?))),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right),
            Expr::Not(_) | Expr::Junction(..) => Ok(Sql::truth(self.condition(tree)?)),
            Expr::Call(function, arguments, at) => call(self, *function, arguments, *at),
        }
    }

    /// True or false. A number is true unless 0 or missing, a text unless empty, `0` or missing.
    pub(super) fn condition(&self, tree: &Expr<R>) -> Result<String, ExpressionError> {
        match tree {
            Expr::Not(inner) => Ok(format!("(not {})", self.condition(inner)?)),
            Expr::Junction(all, parts) => {
                let parts = parts.iter().map(|p| self.condition(p)).collect::<Result<Vec<_>, _>>()?;
                Ok(format!("({})", parts.join(if *all { " and " } else { " or " })))
            }
            _ => {
                let value = self.value(tree)?;
                Ok(match value.gives {
                    Gives::Truth => value.text,
                    Gives::Null => "(1 = 0)".to_owned(),
                    Gives::Value(Kind::Number) => format!("(coalesce({}, 0) <> 0)", value.text),
                    Gives::Value(_) => format!("(coalesce({}, '') not in ('', '0'))", value.text),
                })
            }
        }
    }

    /// Whether a value is missing or empty.
    pub(super) fn blank(&self, tree: &Expr<R>, negated: bool) -> Result<String, ExpressionError> {
        let value = self.value(tree)?;
        let not = if negated { "not " } else { "" };
        Ok(match value.gives {
            Gives::Null => (if negated { "(1 = 0)" } else { "(1 = 1)" }).to_owned(),
            Gives::Value(Kind::Number) => format!("({} is {not}null)", value.text),
            Gives::Value(_) => format!("(coalesce({}, '') {} '')", value.text, if negated { "<>" } else { "=" }),
            Gives::Truth => (if negated { "(1 = 1)" } else { "(1 = 0)" }).to_owned(),
        })
    }

    fn binary(&self, operator: Operator, left: &Expr<R>, right: &Expr<R>) -> Result<Sql, ExpressionError> {
        use Operator as O;
        let arithmetic =
            |sign: &str| Ok(Sql::number(format!("({} {sign} {})", self.number(left)?, self.number(right)?)));
        match operator {
            O::Add => arithmetic("+"),
            O::Subtract => arithmetic("-"),
            O::Multiply => arithmetic("*"),
            O::Divide => arithmetic("/"),
            O::Remainder => Ok(Sql::number(format!("mod({}, {})", self.number(left)?, self.number(right)?))),
            O::Power => Ok(Sql::number(format!("pow({}, {})", self.number(left)?, self.number(right)?))),
            O::Eq | O::Ne => Ok(Sql::truth(self.equality(operator == O::Ne, left, right)?)),
            O::Lt => self.order("<", left, right),
            O::Le => self.order("<=", left, right),
            O::Gt => self.order(">", left, right),
            O::Ge => self.order(">=", left, right),
        }
    }

    fn equality(&self, negated: bool, left: &Expr<R>, right: &Expr<R>) -> Result<String, ExpressionError> {
        let is_blank = |tree: &Expr<R>| matches!(tree, Expr::Text(text) if text.is_empty() || text == "NaN");
        if is_blank(right) {
            return self.blank(left, negated);
        }
        if is_blank(left) {
            return self.blank(right, negated);
        }
        let sign = if negated { "is distinct from" } else { "is not distinct from" };
        let (a, b) = self.alike(left, right)?;
        Ok(format!("({a} {sign} {b})"))
    }

    fn order(&self, sign: &str, left: &Expr<R>, right: &Expr<R>) -> Result<Sql, ExpressionError> {
        // Two texts have an order only where both are dates or times; otherwise what is compared are numbers.
        let (a, b) = (self.value(left)?, self.value(right)?);
        let dated = |side: &Sql| matches!(side.gives, Gives::Value(Kind::Date | Kind::DateTime | Kind::Time));
        let (a, b) =
            if dated(&a) || dated(&b) { (a.as_text(), b.as_text()) } else { (self.number(left)?, self.number(right)?) };
        Ok(Sql::truth(format!("(({a} {sign} {b}) is true)")))
    }

    /// Both sides as numbers or both as texts.
    fn alike(&self, left: &Expr<R>, right: &Expr<R>) -> Result<(String, String), ExpressionError> {
        let numeric = |tree: &Expr<R>, other: &Expr<R>| -> Result<bool, ExpressionError> {
            let value = self.value(tree)?;
            let number = value.is(Kind::Number) || value.is_truth();
            // A number against a text that is none: they differ, as texts do.
            Ok(number && !matches!(other, Expr::Text(text) if numeral(text).is_none()))
        };
        if numeric(left, right)? || numeric(right, left)? {
            Ok((self.number(left)?, self.number(right)?))
        } else {
            Ok((self.text(left)?, self.text(right)?))
        }
    }
}

/// A number as SQL writes it.
fn numeral(text: &str) -> Option<String> {
    let text = text.trim();
    let value: f64 = text.parse().ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if !plain || !value.is_finite() {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let text = if text.starts_with('.') { format!("0{text}") } else { text.to_owned() };
    let text = text.strip_suffix('.').unwrap_or(&text).to_owned();
    Some(if text.starts_with('-') { format!("({text})") } else { text })
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
