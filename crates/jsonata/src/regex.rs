//! Regular expressions as JSONata has them: where does a pattern match a text?
//!
//! The language is ECMAScript's (groups, named groups, back references, lookahead and lookbehind, lazy quantifiers, flags `i` and `m`); `(?P<name>…)` of Python is
//! read too. Rules that read XHTML cannot do without lookahead, which the automata of the usual crates do not have, so this is a backtracking
//! matcher, and as such it needs a bound: every step is counted, and a pattern that explodes is an error and not a hang.
//!
//! `\w`, `\d` and `\b` mean ASCII; `.` is any character but a line's end. Positions are bytes of the text.

mod parse;

use std::ops::Range;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Regex {
    program: Vec<Step>,
    classes: Vec<Class>,
    groups: usize,
    marks: usize,
    multiline: bool,
    ignore_case: bool,
}

/// Why a pattern is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the regular expression is wrong at its character {position}: {message}")]
pub struct RegexError {
    /// Characters before the fault.
    pub position: usize,
    /// What is wrong.
    pub message: &'static str,
}

/// A search took more steps than it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfSteps;

/// Where a pattern matched: all of it, then each group.
pub type Groups = Vec<Option<Range<usize>>>;

#[derive(Clone, Debug)]
enum Step {
    Char(char),
    Any,
    Class(usize),
    Start,
    End,
    Boundary(bool),
    Save(usize),
    Back(usize),
    /// Go on at the first; if that fails, at the second.
    Split(usize, usize),
    Jump(usize),
    /// Remember the place, and fail if nothing was read since.
    Mark(usize),
    Progress(usize),
    /// What follows up to `Accept`, looked for without being read; then go on at `next`.
    Look {
        behind: bool,
        negative: bool,
        next: usize,
    },
    Accept,
}

#[derive(Clone, Debug)]
struct Class {
    negative: bool,
    ranges: Vec<(char, char)>,
}

impl Class {
    fn holds(&self, c: char) -> bool {
        self.ranges.iter().any(|&(from, to)| from <= c && c <= to)
    }
}

fn folded(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

impl Regex {
    /// Compiles a pattern; `flags` holds `i` and `m` or neither.
    pub fn new(pattern: &str, flags: &str) -> Result<Self, RegexError> {
        parse::compile(pattern, flags.contains('i'), flags.contains('m'))
    }

    /// The first match at or after `from`.
    pub fn find(&self, text: &str, from: usize, steps: &mut u64) -> Result<Option<Groups>, OutOfSteps> {
        let mut run =
            Run { regex: self, text, saves: vec![None; 2 * self.groups], marks: vec![None; self.marks], steps };
        let first = match self.program.get(1) {
            Some(Step::Char(c)) if !self.ignore_case => Some(*c),
            _ => None,
        };
        let mut at = from;
        loop {
            let Some(rest) = text.get(at..) else { return Ok(None) };
            if let Some(first) = first {
                match rest.find(first) {
                    Some(offset) => at += offset,
                    None => return Ok(None),
                }
            }
            run.saves.fill(None);
            if run.go(0, at, None)?.is_some() {
                return Ok(Some(run.groups()));
            }
            match text[at..].chars().next() {
                Some(c) => at += c.len_utf8(),
                None => return Ok(None),
            }
        }
    }

    /// Whether the pattern matches at the very beginning of the text, as Python's `re.match` asks.
    pub fn matches_start(&self, text: &str, steps: &mut u64) -> Result<bool, OutOfSteps> {
        let mut run =
            Run { regex: self, text, saves: vec![None; 2 * self.groups], marks: vec![None; self.marks], steps };
        Ok(run.go(0, 0, None)?.is_some())
    }
}

struct Run<'a> {
    regex: &'a Regex,
    text: &'a str,
    saves: Vec<Option<usize>>,
    marks: Vec<Option<usize>>,
    steps: &'a mut u64,
}

/// What to do when the way taken leads nowhere.
enum Resume {
    Branch(usize, usize),
    Save(usize, Option<usize>),
    Mark(usize, Option<usize>),
}

impl Run<'_> {
    fn groups(&self) -> Groups {
        self.saves
            .chunks_exact(2)
            .map(|pair| match pair {
                [Some(start), Some(end)] => Some(*start..*end),
                _ => None,
            })
            .collect()
    }

    /// Runs from a step at a place; the place where it ends. With `end`, it must end there.
    fn go(&mut self, start: usize, from: usize, end: Option<usize>) -> Result<Option<usize>, OutOfSteps> {
        let mut trail: Vec<Resume> = Vec::new();
        let (mut pc, mut at) = (start, from);
        loop {
            *self.steps = self.steps.checked_sub(1).ok_or(OutOfSteps)?;
            let next = match &self.regex.program[pc] {
                Step::Accept if end.is_none_or(|end| end == at) => return Ok(Some(at)),
                Step::Accept => None,
                Step::Jump(to) => Some((*to, at)),
                Step::Split(first, second) => {
                    trail.push(Resume::Branch(*second, at));
                    Some((*first, at))
                }
                Step::Save(slot) => {
                    trail.push(Resume::Save(*slot, self.saves[*slot]));
                    self.saves[*slot] = Some(at);
                    Some((pc + 1, at))
                }
                Step::Mark(slot) => {
                    trail.push(Resume::Mark(*slot, self.marks[*slot]));
                    self.marks[*slot] = Some(at);
                    Some((pc + 1, at))
                }
                Step::Progress(slot) => (self.marks[*slot] != Some(at)).then_some((pc + 1, at)),
                Step::Look { behind, negative, next } => {
                    let before = self.saves.clone();
                    let found = self.look(pc + 1, at, *behind)?;
                    if found && !negative {
                        let changed = before.iter().enumerate().filter(|(slot, old)| self.saves[*slot] != **old);
                        trail.extend(changed.map(|(slot, old)| Resume::Save(slot, *old)));
                    } else {
                        self.saves = before;
                    }
                    (found != *negative).then_some((*next, at))
                }
                Step::Back(group) => self.back(*group, at).map(|to| (pc + 1, to)),
                Step::Start => {
                    let ok = at == 0 || (self.regex.multiline && self.before(at).is_some_and(is_line_end));
                    ok.then_some((pc + 1, at))
                }
                Step::End => {
                    let ok = at == self.text.len() || (self.regex.multiline && self.after(at).is_some_and(is_line_end));
                    ok.then_some((pc + 1, at))
                }
                Step::Boundary(wanted) => {
                    let is = is_word(self.before(at)) != is_word(self.after(at));
                    (is == *wanted).then_some((pc + 1, at))
                }
                Step::Char(_) | Step::Any | Step::Class(_) => {
                    self.after(at).filter(|&c| self.reads(pc, c)).map(|c| (pc + 1, at + c.len_utf8()))
                }
            };
            (pc, at) = match next {
                Some(next) => next,
                None => match self.resume(&mut trail) {
                    Some(next) => next,
                    None => return Ok(None),
                },
            };
        }
    }

    fn resume(&mut self, trail: &mut Vec<Resume>) -> Option<(usize, usize)> {
        loop {
            match trail.pop()? {
                Resume::Branch(pc, at) => return Some((pc, at)),
                Resume::Save(slot, old) => self.saves[slot] = old,
                Resume::Mark(slot, old) => self.marks[slot] = old,
            }
        }
    }

    fn look(&mut self, pc: usize, at: usize, behind: bool) -> Result<bool, OutOfSteps> {
        if !behind {
            return Ok(self.go(pc, at, None)?.is_some());
        }
        let text = self.text;
        for start in (0..=at).rev().filter(|&i| text.is_char_boundary(i)) {
            if self.go(pc, start, Some(at))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn reads(&self, pc: usize, c: char) -> bool {
        let fold = self.regex.ignore_case;
        match &self.regex.program[pc] {
            Step::Char(wanted) => c == *wanted || (fold && folded(c) == folded(*wanted)),
            Step::Any => !is_line_end(c),
            Step::Class(index) => {
                let class = &self.regex.classes[*index];
                let upper = || c.to_uppercase().next().unwrap_or(c);
                let holds = class.holds(c) || (fold && (class.holds(folded(c)) || class.holds(upper())));
                holds != class.negative
            }
            _ => false,
        }
    }

    /// A group that has not matched matches nothing, and so always.
    fn back(&self, group: usize, at: usize) -> Option<usize> {
        let (Some(Some(start)), Some(Some(end))) = (self.saves.get(2 * group), self.saves.get(2 * group + 1)) else {
            return Some(at);
        };
        let wanted = self.text.get(*start..*end)?;
        let rest = self.text.get(at..)?;
        if rest.starts_with(wanted) {
            return Some(at + wanted.len());
        }
        if !self.regex.ignore_case {
            return None;
        }
        let mut to = at;
        let mut there = rest.chars();
        for c in wanted.chars() {
            let other = there.next()?;
            if folded(other) != folded(c) {
                return None;
            }
            to += other.len_utf8();
        }
        Some(to)
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    fn after(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, flags: &str, text: &str) -> Option<Vec<Option<String>>> {
        let regex = Regex::new(pattern, flags).unwrap_or_else(|e| panic!("{pattern}: {e}"));
        let groups = regex.find(text, 0, &mut 100_000).unwrap()?;
        Some(groups.into_iter().map(|g| g.map(|g| text[g].to_owned())).collect())
    }

    fn whole(pattern: &str, text: &str) -> Option<String> {
        found(pattern, "", text).and_then(|mut groups| groups.swap_remove(0))
    }

    #[test]
    fn patterns_match_as_in_ecmascript() {
        let cases = [
            ("a+b", "xaaab", Some("aaab")),
            ("a+?", "aaa", Some("a")),
            ("a{2}", "aaa", Some("aa")),
            ("a{2,}", "aaaa", Some("aaaa")),
            ("a{1,2}?", "aaa", Some("a")),
            ("a{,2}", "a{,2}", Some("a{,2}")),
            ("[^a-c]+", "abcxyz", Some("xyz")),
            ("[\\w-]+", "..a-b_1", Some("a-b_1")),
            ("[]]", "]", None),
            ("^b", "ab", None),
            ("\\bcat\\b", "a cat!", Some("cat")),
            ("\\Bt", "cat", Some("t")),
            ("(a)(?=b)", "acab", Some("a")),
            ("a(?!b)", "abac", Some("a")),
            ("(?<=x)\\d", "1x2", Some("2")),
            ("(?<!x)\\d", "x12", Some("2")),
            ("(\\w)\\1", "abccd", Some("cc")),
            ("(?<q>['\"]).*?\\k<q>", "x 'a\"b' y", Some("'a\"b'")),
            ("(a*)*b", "aaab", Some("aaab")),
            ("(?:a|ab)(?:c|bcd)", "abcd", Some("abcd")),
            ("\\u00e9|\\x41", "é", Some("é")),
            (".", "\n", None),
            ("a|", "b", Some("")),
            ("$", "ab", Some("")),
            ("\\.", "a.b", Some(".")),
            ("[é]", "é", Some("é")),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(whole(pattern, text).as_deref(), expected, "{pattern} on {text}");
        }
        assert_eq!(found("ÄB[c-d]", "i", "xäbD").unwrap()[0].as_deref(), Some("äbD"));
        assert_eq!(found("^b$", "m", "a\nb\nc").unwrap()[0].as_deref(), Some("b"));
    }

    #[test]
    fn lookahead_keeps_its_groups() {
        let pattern = "<ref((?=[^>]* k=\"(\\w+)\")(?=[^>]* id=\"(\\w+)\")[^>]*)/>";
        let groups = found(pattern, "", "x <ref id=\"I\" k=\"K\"/>").unwrap();
        assert_eq!(groups[2].as_deref(), Some("K"));
        assert_eq!(groups[3].as_deref(), Some("I"));
    }

    #[test]
    fn a_pattern_that_explodes_runs_out_of_steps() {
        let regex = Regex::new("(a+)+$", "").unwrap();
        assert_eq!(regex.find(&format!("{}b", "a".repeat(40)), 0, &mut 100_000), Err(OutOfSteps));
    }

    #[test]
    fn a_wrong_pattern_is_an_error_with_a_place() {
        for (pattern, position) in [("a(", 2), ("[a", 2), ("*a", 0), ("a)", 1), ("\\", 1), ("(?x)", 2), ("[b-a]", 4)] {
            assert_eq!(Regex::new(pattern, "").map(|_| ()).map_err(|e| e.position), Err(position), "{pattern}");
        }
        assert!(Regex::new(&"(".repeat(10_000), "").is_err());
        assert!(Regex::new("((a{1000}){1000}){1000}", "").is_err());
    }
}
