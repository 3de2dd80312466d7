//! Reads a pattern and lays it out as steps.

use super::{Class, Regex, RegexError, Step};

/// Counted repetitions are written out, so a pattern can be larger than it looks.
const MAX_STEPS: usize = 100_000;
const MAX_NESTING: usize = 200;
const MAX_COUNT: u32 = 10_000;

pub(super) fn compile(pattern: &str, ignore_case: bool, multiline: bool) -> Result<Regex, RegexError> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0, groups: 1, names: Vec::new(), depth: 0 };
    let node = parser.alternatives()?;
    if parser.at < chars.len() {
        return Err(parser.wrong("a closing parenthesis without an opening one"));
    }
    let names = parser.names;
    let groups = parser.groups;
    let mut layout = Layout { steps: Vec::new(), classes: Vec::new(), marks: 0, names: &names };
    layout.steps.push(Step::Save(0));
    layout.node(&node)?;
    layout.steps.push(Step::Save(1));
    layout.steps.push(Step::Accept);
    Ok(Regex { program: layout.steps, classes: layout.classes, groups, marks: layout.marks, multiline, ignore_case })
}

enum Node {
    Empty,
    Char(char),
    Any,
    Class(Class),
    Start,
    End,
    Boundary(bool),
    Back(usize),
    NamedBack(String, usize),
    Group(Option<usize>, Box<Node>),
    Look { behind: bool, negative: bool, node: Box<Node> },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat { node: Box<Node>, min: u32, max: Option<u32>, lazy: bool },
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    groups: usize,
    names: Vec<(String, usize)>,
    depth: usize,
}

impl Parser<'_> {
    fn wrong(&self, message: &'static str) -> RegexError {
        RegexError { position: self.at, message }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        let there = self.chars.get(self.at..self.at + length);
        let is = there.is_some_and(|there| there.iter().copied().eq(text.chars()));
        if is {
            self.at += length;
        }
        is
    }

    fn alternatives(&mut self) -> Result<Node, RegexError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(self.wrong("groups are nested too deeply"));
        }
        let mut all = vec![self.sequence()?];
        while self.eat("|") {
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Node::Either(all) })
    }

    fn sequence(&mut self) -> Result<Node, RegexError> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let node = self.atom()?;
            nodes.push(self.repeated(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn repeated(&mut self, node: Node) -> Result<Node, RegexError> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counts()? {
                Some(counts) => counts,
                None => return Ok(node),
            },
            _ => return Ok(node),
        };
        self.at += 1;
        let lazy = self.eat("?");
        if matches!(self.peek(), Some('*' | '+' | '?')) {
            return Err(self.wrong("a repetition of a repetition"));
        }
        Ok(Node::Repeat { node: Box::new(node), min, max, lazy })
    }

    /// `{2}`, `{2,}`, `{2,3}`, left before the closing brace; anything else is the characters themselves.
    fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>, RegexError> {
        let start = self.at;
        self.at += 1;
        let min = self.integer();
        let max = if self.eat(",") { self.integer() } else { min };
        let closed = self.peek() == Some('}');
        let Some(min) = min.filter(|_| closed) else {
            self.at = start;
            return Ok(None);
        };
        if min > MAX_COUNT || max.is_some_and(|max| max > MAX_COUNT) {
            return Err(self.wrong("too many repetitions"));
        }
        if max.is_some_and(|max| max < min) {
            return Err(self.wrong("the counts of a repetition are out of order"));
        }
        Ok(Some((min, max)))
    }

    fn integer(&mut self) -> Option<u32> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(u32::MAX)) }
    }

    fn atom(&mut self) -> Result<Node, RegexError> {
        let Some(c) = self.peek() else { return Ok(Node::Empty) };
        match c {
            '(' => self.group(),
            '[' => self.class().map(Node::Class),
            '*' | '+' | '?' => Err(self.wrong("a repetition of nothing")),
            '{' if self.counts()?.is_some() => Err(self.wrong("a repetition of nothing")),
            '\\' => self.escape(),
            _ => {
                self.at += 1;
                Ok(match c {
                    '.' => Node::Any,
                    '^' => Node::Start,
                    '$' => Node::End,
                    c => Node::Char(c),
                })
            }
        }
    }

    fn group(&mut self) -> Result<Node, RegexError> {
        self.at += 1;
        let look = |behind, negative| Some((behind, negative));
        let mut kind = None;
        let mut number = None;
        if self.eat("?=") {
            kind = look(false, false);
        } else if self.eat("?!") {
            kind = look(false, true);
        } else if self.eat("?<=") {
            kind = look(true, false);
        } else if self.eat("?<!") {
            kind = look(true, true);
        } else if self.eat("?<") || self.eat("?P<") {
            let name = self.name('>')?;
            self.names.push((name, self.groups));
            number = Some(self.groups);
            self.groups += 1;
        } else if self.eat("?P=") {
            let position = self.at;
            let name = self.name(')')?;
            return Ok(Node::NamedBack(name, position));
        } else if !self.eat("?:") {
            if self.eat("?") {
                return Err(self.wrong("a kind of group that is not known"));
            }
            number = Some(self.groups);
            self.groups += 1;
        }
        let node = Box::new(self.alternatives()?);
        if !self.eat(")") {
            return Err(self.wrong("a group is not closed"));
        }
        Ok(match kind {
            Some((behind, negative)) => Node::Look { behind, negative, node },
            None => Node::Group(number, node),
        })
    }

    fn name(&mut self, end: char) -> Result<String, RegexError> {
        let rest = &self.chars[self.at..];
        let length = rest.iter().position(|&c| c == end).ok_or_else(|| self.wrong("a group's name does not end"))?;
        self.at += length + 1;
        Ok(rest[..length].iter().collect())
    }

    fn escape(&mut self) -> Result<Node, RegexError> {
        self.at += 1;
        let Some(c) = self.peek() else { return Err(self.wrong("a backslash with nothing after it")) };
        if let Some(class) = shorthand(c) {
            self.at += 1;
            return Ok(Node::Class(class));
        }
        match c {
            'b' | 'B' => {
                self.at += 1;
                Ok(Node::Boundary(c == 'b'))
            }
            '1'..='9' => {
                let group = self.integer().unwrap_or(0) as usize;
                Ok(Node::Back(group))
            }
            'k' if self.chars.get(self.at + 1) == Some(&'<') => {
                self.at += 2;
                let position = self.at;
                let name = self.name('>')?;
                Ok(Node::NamedBack(name, position))
            }
            _ => self.escaped_char().map(Node::Char),
        }
    }

    /// After the backslash.
    fn escaped_char(&mut self) -> Result<char, RegexError> {
        let Some(c) = self.peek() else { return Err(self.wrong("a backslash with nothing after it")) };
        self.at += 1;
        Ok(match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '0' => '\0',
            'x' => self.hexadecimal(2).unwrap_or('x'),
            'u' if self.eat("{") => {
                let digits = self.name('}')?;
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                code.ok_or_else(|| self.wrong("no such character"))?
            }
            'u' => self.hexadecimal(4).unwrap_or('u'),
            'p' | 'P' => return Err(self.wrong("classes of Unicode properties are not supported: list the characters")),
            c => c,
        })
    }

    fn hexadecimal(&mut self, length: usize) -> Option<char> {
        let digits: String = self.chars.get(self.at..self.at + length)?.iter().collect();
        let c = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)?;
        self.at += length;
        Some(c)
    }

    fn class(&mut self) -> Result<Class, RegexError> {
        self.at += 1;
        let negative = self.eat("^");
        let mut ranges = Vec::new();
        while !self.eat("]") {
            let Some(from) = self.class_item(&mut ranges)? else { continue };
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|&c| c != ']');
            if !is_range {
                ranges.push((from, from));
                continue;
            }
            self.at += 1;
            match self.class_item(&mut ranges)? {
                Some(to) if to < from => return Err(self.wrong("a range of characters is out of order")),
                Some(to) => ranges.push((from, to)),
                None => ranges.extend([(from, from), ('-', '-')]),
            }
        }
        Ok(Class { negative, ranges })
    }

    /// One character; a shorthand adds its ranges and gives none.
    fn class_item(&mut self, ranges: &mut Vec<(char, char)>) -> Result<Option<char>, RegexError> {
        let Some(c) = self.peek() else { return Err(self.wrong("a class of characters is not closed")) };
        self.at += 1;
        if c != '\\' {
            return Ok(Some(c));
        }
        match self.peek() {
            Some('b') => {
                self.at += 1;
                Ok(Some('\u{8}'))
            }
            Some(c) if shorthand(c).is_some() => {
                self.at += 1;
                ranges.extend(shorthand(c).into_iter().flat_map(positive));
                Ok(None)
            }
            _ => self.escaped_char().map(Some),
        }
    }
}

const SPACES: [(char, char); 8] = [
    ('\t', '\r'),
    (' ', ' '),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
];

fn shorthand(c: char) -> Option<Class> {
    let ranges = match c.to_ascii_lowercase() {
        'd' => vec![('0', '9')],
        'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        's' => SPACES.iter().copied().chain([('\u{feff}', '\u{feff}')]).collect(),
        _ => return None,
    };
    Some(Class { negative: c.is_ascii_uppercase(), ranges })
}

/// The ranges that a class holds, all characters between its own if it is negative.
fn positive(class: Class) -> Vec<(char, char)> {
    if !class.negative {
        return class.ranges;
    }
    let mut between = Vec::new();
    let mut next = '\0';
    for (from, to) in class.ranges {
        if let Some(before) = previous(from).filter(|&before| before >= next) {
            between.push((next, before));
        }
        next = following(to);
    }
    between.push((next, char::MAX));
    between
}

fn previous(c: char) -> Option<char> {
    (c as u32).checked_sub(1).and_then(char::from_u32)
}

fn following(c: char) -> char {
    char::from_u32(c as u32 + 1).unwrap_or(char::MAX)
}

struct Layout<'a> {
    steps: Vec<Step>,
    classes: Vec<Class>,
    marks: usize,
    names: &'a [(String, usize)],
}

impl Layout<'_> {
    fn node(&mut self, node: &Node) -> Result<(), RegexError> {
        if self.steps.len() > MAX_STEPS {
            return Err(RegexError { position: 0, message: "its repetitions make it too large" });
        }
        match node {
            Node::Empty => {}
            Node::Char(c) => self.steps.push(Step::Char(*c)),
            Node::Any => self.steps.push(Step::Any),
            Node::Class(class) => {
                self.classes.push(class.clone());
                self.steps.push(Step::Class(self.classes.len() - 1));
            }
            Node::Start => self.steps.push(Step::Start),
            Node::End => self.steps.push(Step::End),
            Node::Boundary(wanted) => self.steps.push(Step::Boundary(*wanted)),
            Node::Back(group) => self.steps.push(Step::Back(*group)),
            Node::NamedBack(name, position) => {
                let group = self.names.iter().find(|(n, _)| n == name).map(|(_, group)| *group);
                let missing = RegexError { position: *position, message: "no group has this name" };
                self.steps.push(Step::Back(group.ok_or(missing)?));
            }
            Node::Group(None, node) => self.node(node)?,
            Node::Group(Some(group), node) => {
                self.steps.push(Step::Save(2 * group));
                self.node(node)?;
                self.steps.push(Step::Save(2 * group + 1));
            }
            Node::Look { behind, negative, node } => {
                let at = self.steps.len();
                self.steps.push(Step::Accept);
                self.node(node)?;
                self.steps.push(Step::Accept);
                self.steps[at] = Step::Look { behind: *behind, negative: *negative, next: self.steps.len() };
            }
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.node(node))?,
            Node::Either(nodes) => self.either(nodes)?,
            Node::Repeat { node, min, max, lazy } => self.repeat(node, *min, *max, *lazy)?,
        }
        Ok(())
    }

    fn either(&mut self, nodes: &[Node]) -> Result<(), RegexError> {
        let mut ends = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            if i + 1 == nodes.len() {
                self.node(node)?;
                break;
            }
            let split = self.steps.len();
            self.steps.push(Step::Accept);
            self.node(node)?;
            ends.push(self.steps.len());
            self.steps.push(Step::Accept);
            self.steps[split] = Step::Split(split + 1, self.steps.len());
        }
        let end = self.steps.len();
        ends.into_iter().for_each(|at| self.steps[at] = Step::Jump(end));
        Ok(())
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, lazy: bool) -> Result<(), RegexError> {
        let split = |first, second| if lazy { Step::Split(second, first) } else { Step::Split(first, second) };
        for _ in 0..min {
            self.node(node)?;
        }
        let Some(max) = max else {
            let at = self.steps.len();
            self.steps.push(Step::Accept);
            let mark = self.marks;
            self.marks += 1;
            self.steps.push(Step::Mark(mark));
            self.node(node)?;
            self.steps.push(Step::Progress(mark));
            self.steps.push(Step::Jump(at));
            self.steps[at] = split(at + 1, self.steps.len());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.steps.len());
            self.steps.push(Step::Accept);
            self.node(node)?;
        }
        let end = self.steps.len();
        splits.into_iter().for_each(|at| self.steps[at] = split(at + 1, end));
        Ok(())
    }
}
