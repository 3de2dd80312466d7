//! What do a rule's patterns mean?
//!
//! Rules are written for Python's `re`. The pattern language used here has the same classes, groups and look-around; a
//! pattern that would take too long (nested repetition over a long text) gives up after a set number of steps, and the
//! value does not match.

use fancy_regex::Regex;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Steps after which a match with look-around gives up.
const MOST_STEPS: usize = 100_000;

/// Patterns kept ready on a thread. A rule about a family of variables is read once for each of them, with the same pattern.
const MOST_KEPT: usize = 256;

thread_local! {
    static KEPT: RefCell<FxHashMap<String, Pattern>> = RefCell::default();
}

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern(Arc<Ready>);

#[derive(Debug)]
struct Ready {
    /// Anywhere in the text.
    anywhere: Regex,
    /// At its start.
    start: Regex,
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        if let Some(kept) = KEPT.with_borrow(|kept| kept.get(pattern).cloned()) {
            return Ok(kept);
        }
        let build = |pattern: &str| {
            let mut builder = fancy_regex::RegexBuilder::new(pattern);
            builder.backtrack_limit(MOST_STEPS).delegate_size_limit(1 << 20).build().map_err(|error| error.to_string())
        };
        let ready = Ready { anywhere: build(pattern)?, start: build(&format!(r"\A(?:{pattern})"))? };
        let made = Self(Arc::new(ready));
        KEPT.with_borrow_mut(|kept| {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), made.clone());
        });
        Ok(made)
    }

    /// Whether the text begins with a match (Python's `re.match`).
    pub fn matches(&self, text: &str) -> bool {
        self.0.start.is_match(text).unwrap_or(false)
    }

    /// Whether the text holds a match (`re.search`).
    pub fn is_in(&self, text: &str) -> bool {
        self.0.anywhere.is_match(text).unwrap_or(false)
    }

    /// The text matched at the start (`match.group(0)`).
    pub fn matched<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.start.find(text).ok().flatten().map(|found| found.as_str())
    }

    /// What the whole text and each group stand for, if the pattern matches the text from start to end.
    pub fn groups<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let found = self.0.start.captures(text).ok().flatten()?;
        let whole = found.get(0).is_some_and(|part| part.as_str().len() == text.len());
        whole.then(|| found.iter().map(|part| part.map_or("", |part| part.as_str())).collect())
    }

    /// The first match anywhere: its first group, or the whole where there is none (`re.findall(...)[0]`).
    pub fn part<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.0.anywhere.captures(text).ok().flatten()?;
        found.get(1).or_else(|| found.get(0)).map(|part| part.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).expect("the pattern reads")
    }

    #[test]
    fn an_alternative_is_anchored_as_a_whole() {
        let number = pattern(r"^-?(\d+(\.\d+)?$)|(\.\d+$)");
        assert!(number.matches(".94") && number.matches("-3.1"));
        assert!(!number.matches("x.94"));
    }

    #[test]
    fn a_part_is_the_first_group() {
        assert_eq!(pattern(".{4}(..).*").part("SUPPAE"), Some("AE"));
        assert_eq!(pattern(r"\d+").part("visit 12"), Some("12"));
        assert_eq!(pattern(r"^\d{4}-\d{2}-\d{2}").matched("2020-01-02T10:00"), Some("2020-01-02"));
    }

    #[test]
    fn a_broken_pattern_says_so_and_a_slow_one_ends() {
        assert!(Pattern::new("(").is_err());
        let slow = pattern(r"^(?=(a+)+$)b");
        assert!(!slow.matches(&"a".repeat(200)));
    }
}
