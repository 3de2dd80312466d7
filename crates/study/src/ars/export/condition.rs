//! An SQL condition as a where clause: comparisons with a literal, lists, `is null`, AND, OR, parentheses.
//!
//! SQL's comparisons are unknown for a null and ARS says nothing of it, so `<>` and `not in` also ask that there is a value.

use croft_cdisc::ars::{Comparator, CompoundExpression, Condition, Logic, WhereClause};

/// Deeper nesting than anybody writes.
const DEEPEST: usize = 40;

/// The condition, or the compound expression, of a clause.
pub(super) type Clause = (Option<Condition>, Option<CompoundExpression>);

/// Reads a condition on a dataset's variables.
pub(super) fn clause(dataset: &str, text: &str) -> Result<Clause, String> {
    let tokens = tokens(text)?;
    let mut reader = Reader { dataset, tokens, at: 0, depth: 0 };
    let tree = reader.any()?;
    match reader.tokens.get(reader.at) {
        None => Ok(tree.clause(1)),
        Some(token) => Err(format!("`{}` is left over", token.text())),
    }
}

enum Tree {
    One(Condition),
    Many(Logic, Vec<Tree>),
}

impl Tree {
    fn clause(self, level: i64) -> Clause {
        match self {
            Self::One(condition) => (Some(condition), None),
            Self::Many(logical_operator, parts) => {
                let level = level + 1;
                let part = |(tree, order): (Tree, i64)| {
                    let (condition, compound_expression) = tree.clause(level);
                    WhereClause { level, order, condition, compound_expression, ..WhereClause::default() }
                };
                let where_clauses = parts.into_iter().zip(1..).map(part).collect();
                (None, Some(CompoundExpression { logical_operator, where_clauses, ..CompoundExpression::default() }))
            }
        }
    }

    /// Parts of the same operator stand beside each other.
    fn joined(operator: Logic, mut parts: Vec<Tree>) -> Tree {
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Many(own, inner) if own == operator => inner,
            other => vec![other],
        });
        Self::Many(operator, flat.collect())
    }
}

#[derive(Clone, PartialEq)]
enum Token {
    Word(String),
    Literal(String),
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Literal(text) => text,
            Self::Sign(sign) => sign,
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    const SIGNS: [&str; 11] = ["<>", "!=", "<=", ">=", "==", "=", "<", ">", "(", ")", ","];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first == '\'' {
            let mut literal = String::new();
            let mut inner = &rest[1..];
            loop {
                let Some(end) = inner.find('\'') else { return Err("a text has no end".to_owned()) };
                literal.push_str(&inner[..end]);
                inner = &inner[end + 1..];
                match inner.strip_prefix('\'') {
                    Some(more) => {
                        literal.push('\'');
                        inner = more;
                    }
                    None => break,
                }
            }
            tokens.push(Token::Literal(literal));
            rest = inner;
        } else if first.is_alphanumeric() || matches!(first, '_' | '-' | '.') {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let number = word.parse::<f64>().is_ok_and(f64::is_finite) && !word.starts_with(char::is_alphabetic);
            tokens.push(if number { Token::Literal(word.to_owned()) } else { Token::Word(word.to_owned()) });
            rest = after;
        } else {
            return Err(format!("`{first}` has no meaning in a where clause"));
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

struct Reader<'a> {
    dataset: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn word(&mut self, word: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(here);
        here
    }

    fn sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(here);
        here
    }

    fn next(&mut self) -> Result<Token, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("the condition ends early")?;
        self.at += 1;
        Ok(token)
    }

    fn literal(&mut self) -> Result<String, String> {
        match self.next()? {
            Token::Literal(text) => Ok(text),
            other => Err(format!("`{}` stands where a value is expected", other.text())),
        }
    }

    fn any(&mut self) -> Result<Tree, String> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(Tree::joined(Logic::Or, parts))
    }

    fn all(&mut self) -> Result<Tree, String> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Ok(Tree::joined(Logic::And, parts))
    }

    fn one(&mut self) -> Result<Tree, String> {
        if self.sign("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("it is nested too deep".to_owned());
            }
            let inner = self.any()?;
            self.depth -= 1;
            return if self.sign(")") { Ok(inner) } else { Err("a parenthesis is not closed".to_owned()) };
        }
        let variable = match self.next()? {
            Token::Word(word) if !word.eq_ignore_ascii_case("not") && !word.contains(['.', '-']) => word,
            other => return Err(format!("`{}` stands where a variable is expected", other.text())),
        };
        let condition = |comparator: Comparator, value: Vec<String>| Condition {
            dataset: Some(self.dataset.to_owned()),
            variable: Some(variable.clone()),
            comparator: Some(comparator),
            value,
            ..Condition::default()
        };
        let present = condition(Comparator::Ne, Vec::new());
        let with_value =
            |condition: Condition| Tree::Many(Logic::And, vec![Tree::One(present.clone()), Tree::One(condition)]);
        let empty = condition(Comparator::Eq, Vec::new());
        let make = |comparator: Comparator, value: Vec<String>| Condition {
            comparator: Some(comparator),
            value,
            ..empty.clone()
        };
        if self.word("is") {
            let not = self.word("not");
            return if !self.word("null") {
                Err("`is` asks for null".to_owned())
            } else if not {
                Ok(Tree::One(present))
            } else {
                Ok(Tree::One(empty))
            };
        }
        let not = self.word("not");
        if self.word("in") {
            let values = self.list()?;
            let comparator = if not { Comparator::NotIn } else { Comparator::In };
            let condition = make(comparator, values);
            return Ok(if not { with_value(condition) } else { Tree::One(condition) });
        }
        let comparator = match self.next()? {
            Token::Sign("=" | "==") if !not => Comparator::Eq,
            Token::Sign("<>" | "!=") if !not => Comparator::Ne,
            Token::Sign(">") if !not => Comparator::Gt,
            Token::Sign(">=") if !not => Comparator::Ge,
            Token::Sign("<") if !not => Comparator::Lt,
            Token::Sign("<=") if !not => Comparator::Le,
            other => return Err(format!("`{}` stands where a comparison is expected", other.text())),
        };
        let value = self.literal()?;
        let condition = make(comparator, vec![value]);
        Ok(if comparator == Comparator::Ne { with_value(condition) } else { Tree::One(condition) })
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        if !self.sign("(") {
            return Err("a list begins with a parenthesis".to_owned());
        }
        let mut values = vec![self.literal()?];
        while self.sign(",") {
            values.push(self.literal()?);
        }
        if self.sign(")") { Ok(values) } else { Err("a list is not closed".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(clause: &Clause) -> String {
        match clause {
            (Some(c), _) => {
                let comparator = c.comparator.map_or("", Comparator::word);
                format!("{} {comparator} {}", c.variable.as_deref().unwrap_or(""), c.value.join("|"))
            }
            (None, Some(c)) => {
                let parts: Vec<String> = c
                    .where_clauses
                    .iter()
                    .map(|w| shown(&(w.condition.clone(), w.compound_expression.clone())))
                    .collect();
                format!("({})", parts.join(&format!(" {} ", c.logical_operator.word())))
            }
            _ => String::new(),
        }
    }

    fn told(text: &str) -> String {
        clause("ADSL", text).map_or_else(|e| format!("error: {e}"), |c| shown(&c))
    }

    #[test]
    fn what_the_standard_can_say_is_said() {
        for (text, expected) in [
            ("SAFFL = 'Y'", "SAFFL EQ Y"),
            ("SAFFL = 'Y' and (AGE >= 65 or SEX = 'F')", "(SAFFL EQ Y AND (AGE GE 65 OR SEX EQ F))"),
            ("PARAMCD in ('AUC', 'IT''S') and A = 'x' and B = 'y'", "(PARAMCD IN AUC|IT'S AND A EQ x AND B EQ y)"),
            ("NCAXFL is null", "NCAXFL EQ "),
            ("ARM <> 'A'", "(ARM NE  AND ARM NE A)"),
            ("ARM not in ('A', 'B')", "(ARM NE  AND ARM NOTIN A|B)"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn what_it_cannot_say_is_refused() {
        for (text, expected) in [
            ("AVAL > BASE", "error: `BASE` stands where a value is expected"),
            ("upper(SEX) = 'F'", "error: `(` stands where a comparison is expected"),
            ("not SAFFL = 'Y'", "error: `not` stands where a variable is expected"),
            ("SAFFL = 'Y", "error: a text has no end"),
            ("SAFFL = 'Y' AGE", "error: `AGE` is left over"),
            ("AVAL + 1 > 2", "error: `+` has no meaning in a where clause"),
            ("", "error: the condition ends early"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
