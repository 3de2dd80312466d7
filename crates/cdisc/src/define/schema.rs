//! The published schemas as a table: which attributes an element has, what it holds, what must be unique in it.
//!
//! `data/define-schema.txt` has the facts of both versions; this reads it and answers whether a value is of a type and whether children stand in the
//! order of a content model. The models are deterministic, as XML Schema demands, so one look at the next child decides.

use super::Version;
use croft_core::PartialDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What the schema says about an element.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) attributes: Vec<Attribute>,
    pub(super) content: Content,
    /// Children (`*` for any) and their attribute that must differ between them.
    pub(super) unique: Vec<(&'static str, &'static str)>,
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) kind: &'static str,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Not looked into.
    Any,
    /// Text of a type.
    Text(&'static str),
    /// Elements in an order; none for an empty element.
    Elements(Model),
}

/// A grammar of children.
#[derive(Debug)]
pub(super) enum Model {
    Name(&'static str),
    Sequence(Vec<Model>),
    Choice(Vec<Model>),
    Optional(Box<Model>),
    /// Any number; the flag asks for at least one.
    Many(Box<Model>, bool),
}

pub(super) struct Schema {
    rows: BTreeMap<&'static str, Row>,
    words: &'static BTreeMap<&'static str, Vec<&'static str>>,
}

/// The schema of a version.
pub(super) fn schema(version: Version) -> &'static Schema {
    static SCHEMAS: OnceLock<[Schema; 2]> = OnceLock::new();
    let all = SCHEMAS.get_or_init(|| [parse("2.0"), parse("2.1")]);
    match version {
        Version::V2_0 => &all[0],
        Version::V2_1 => &all[1],
    }
}

const TABLE: &str = include_str!("../../data/define-schema.txt");

/// The rows of a section, without comments. The file is ours, and a test reads all of it.
fn section(name: &str) -> impl Iterator<Item = &'static str> {
    let head = format!("[{name}]");
    let rows = TABLE.lines().skip_while(move |line| *line != head).skip(1);
    rows.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty())
}

fn words() -> &'static BTreeMap<&'static str, Vec<&'static str>> {
    static WORDS: OnceLock<BTreeMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let row = |line: &'static str| line.split_once(" = ").map(|(name, words)| (name, words.split('|').collect()));
        section("types").filter_map(row).collect()
    })
}

fn parse(version: &str) -> Schema {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for line in section("elements") {
        let mut parts = line.split(" |").map(str::trim);
        let (Some(head), Some(attributes), Some(content)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Some((of, name)) = head.split_once(' ') else { continue };
        if of == "*" || of == version {
            let attributes = attributes.split_whitespace().filter_map(attribute).collect();
            rows.insert(name, Row { attributes, content: self::content(content), unique: Vec::new() });
        }
    }
    for line in section("unique") {
        let mut parts = line.splitn(3, ' ');
        let (Some(of), Some(name), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        if let (Some(row), Some(unique)) = (rows.get_mut(name), path.split_once("/@"))
            && (of == "*" || of == version)
        {
            row.unique.push(unique);
        }
    }
    Schema { rows, words: words() }
}

fn attribute(text: &'static str) -> Option<Attribute> {
    let (name, kind) = text.split_once(['!', '~'])?;
    Some(Attribute { name, required: text.contains('!'), kind })
}

fn content(text: &'static str) -> Content {
    match text {
        "ANY" => Content::Any,
        "EMPTY" => Content::Elements(Model::Sequence(Vec::new())),
        _ => match text.strip_prefix('#') {
            Some(kind) => Content::Text(kind),
            None => Content::Elements(sequence(&mut tokens(text).into_iter().peekable())),
        },
    }
}

fn tokens(text: &'static str) -> Vec<&'static str> {
    let mut all = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if matches!(c, '(' | ')' | '|' | '?' | '*' | '+' | ' ') {
            all.push(&text[start..at]);
            all.push(&text[at..=at]);
            start = at + 1;
        }
    }
    all.push(&text[start..]);
    all.retain(|token| !token.trim().is_empty());
    all
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<&'static str>>;

/// Alternatives of sequences, up to a closing bracket.
fn sequence(tokens: &mut Tokens) -> Model {
    let mut choices = vec![Vec::new()];
    while let Some(token) = tokens.next_if(|token| *token != ")") {
        if token == "|" {
            choices.push(Vec::new());
            continue;
        }
        let one = if token == "(" {
            let inner = sequence(tokens);
            tokens.next();
            inner
        } else {
            Model::Name(token)
        };
        let one = match tokens.next_if(|token| matches!(*token, "?" | "*" | "+")) {
            Some("?") => Model::Optional(Box::new(one)),
            Some(many) => Model::Many(Box::new(one), many == "+"),
            None => one,
        };
        if let Some(last) = choices.last_mut() {
            last.push(one);
        }
    }
    let mut all: Vec<Model> = choices.into_iter().map(Model::Sequence).collect();
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, last) => Model::Choice(all.into_iter().chain(last).collect()),
    }
}

/// Where children leave their content model.
pub(super) struct Misplaced {
    /// The child at which it happens; as many as there are children, when something is missing at the end.
    pub(super) at: usize,
    /// What could have stood there.
    pub(super) expected: BTreeSet<&'static str>,
}

impl Model {
    /// Whether these children stand in order.
    pub(super) fn check(&self, children: &[String]) -> Result<(), Misplaced> {
        let mut misplaced = Misplaced { at: 0, expected: BTreeSet::new() };
        match self.walk(children, 0, &mut misplaced) {
            Some(end) if end == children.len() => Ok(()),
            Some(end) if end > misplaced.at => Err(Misplaced { at: end, expected: BTreeSet::new() }),
            _ => Err(misplaced),
        }
    }

    /// Where the match that begins at a child ends. What was expected at the farthest child is noted.
    fn walk(&self, children: &[String], at: usize, misplaced: &mut Misplaced) -> Option<usize> {
        match self {
            Self::Name(name) => {
                if children.get(at).is_some_and(|child| child == name) {
                    return Some(at + 1);
                }
                if at > misplaced.at {
                    *misplaced = Misplaced { at, expected: BTreeSet::new() };
                }
                if at == misplaced.at {
                    misplaced.expected.insert(name);
                }
                None
            }
            Self::Sequence(all) => all.iter().try_fold(at, |at, one| one.walk(children, at, misplaced)),
            Self::Choice(all) => all.iter().find_map(|one| one.walk(children, at, misplaced)),
            Self::Optional(one) => Some(one.walk(children, at, misplaced).unwrap_or(at)),
            Self::Many(one, at_least_one) => {
                let mut end = if *at_least_one { one.walk(children, at, misplaced)? } else { at };
                while let Some(next) = one.walk(children, end, misplaced).filter(|next| *next > end) {
                    end = next;
                }
                Some(end)
            }
        }
    }
}

impl Schema {
    /// What is said of an element.
    pub(super) fn element(&self, name: &str) -> Option<&Row> {
        self.rows.get(name)
    }

    /// Why a value is not of its type, as what it must be; `None`: it is.
    pub(super) fn refuses(&self, kind: &str, value: &str) -> Option<String> {
        if let Some(words) = self.words.get(kind) {
            let said = match words[..] {
                [only] => format!("must be `{only}`"),
                _ => format!("must be one of `{}`", words.join("`, `")),
            };
            return (!words.contains(&value)).then_some(said);
        }
        let trimmed = value.trim_matches([' ', '\t', '\n', '\r']);
        let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        let whole = !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit());
        let zero = unsigned.bytes().all(|b| b == b'0');
        let negative = trimmed.starts_with('-') && !zero;
        let (fine, must) = match kind {
            "oid" | "name" => (!value.is_empty(), "must not be empty"),
            "integer" => (whole, "must be a whole number"),
            "positiveInteger" => (whole && !negative && !zero, "must be a whole number above 0"),
            "nonNegativeInteger" => (whole && !negative, "must be a whole number, 0 or more"),
            "decimal" => (is_decimal(unsigned), "must be a number such as 1.5"),
            "datetime" => (is_datetime(trimmed), "must be a date and time such as 2024-04-01T12:00:00"),
            "sasName" => {
                (is_sas_name(value, false), "must be a SAS name: at most 8 letters, digits or _, not a digit first")
            }
            "sasFormat" => (is_sas_name(value, true), "must be the name of a SAS format, at most 8 characters"),
            "ID" | "IDREF" => (is_nc_name(trimmed), "must be a name: no blanks, no colon, no digit first"),
            "anyURI" => (
                is_uri(trimmed),
                "must be a path or an address: no colon in its first part, two hexadecimal digits after a %",
            ),
            "language" => (is_language(trimmed), "must be a language such as `en` or `de-CH`"),
            "DefineVersion" => (is_define_version(value), "must be 2.1.0, or 2.1 and a later number"),
            _ => (true, ""),
        };
        (!fine).then(|| must.to_owned())
    }
}

fn is_decimal(unsigned: &str) -> bool {
    let (head, tail) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    digits(head) && digits(tail) && !(head.is_empty() && tail.is_empty())
}

/// `xs:dateTime`: all parts to the second, a fraction, a zone.
fn is_datetime(text: &str) -> bool {
    let (body, zone) = match text.strip_suffix('Z') {
        Some(body) => (body, ""),
        None => match text.len().checked_sub(6).filter(|at| text.is_char_boundary(*at)).map(|at| text.split_at(at)) {
            Some((body, zone)) if zone.starts_with(['+', '-']) => (body, zone),
            _ => (text, ""),
        },
    };
    let zone_is_fine = zone.is_empty()
        || zone[1..].split_once(':').is_some_and(|(hours, minutes)| {
            let two = |text: &str, most: u8| text.len() == 2 && text.parse::<u8>().is_ok_and(|n| n <= most);
            two(hours, 14) && two(minutes, 59) && (hours != "14" || minutes == "00")
        });
    let seconds = body.split_once('T').map(|(_, time)| time).is_some_and(|time| {
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        time.len() == 8 && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())
    });
    zone_is_fine && seconds && PartialDate::parse(body).is_ok()
}

fn is_sas_name(text: &str, format: bool) -> bool {
    let mut bytes = text.bytes();
    let first = |b: u8| b.is_ascii_alphabetic() || b == b'_' || format && b == b'$';
    let rest = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || format && b == b'.';
    text.len() <= 8 && bytes.next().is_some_and(first) && bytes.all(rest)
}

fn is_nc_name(text: &str) -> bool {
    crate::odm::xml_read::is_name(text)
}

/// What RFC 3986 has against characters that a path may hold once they are escaped: a colon before the first slash ends a scheme, and a scheme begins
/// with a letter; a percent sign begins an escape.
fn is_uri(text: &str) -> bool {
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = first.split_once(':').is_none_or(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    let hexadecimal = |part: &str| part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    scheme && text.split('%').skip(1).all(hexadecimal)
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let fits = |part: &str| (1..=8).contains(&part.len());
    parts.next().is_some_and(|p| fits(p) && p.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|p| fits(p) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The schema's pattern `2.1.(0|([1-9][0-9]*))`, in which a point stands for any character.
fn is_define_version(text: &str) -> bool {
    let mut characters = text.chars();
    let head: Vec<char> = characters.by_ref().take(4).collect();
    let tail = characters.as_str();
    let number = tail == "0" || !tail.starts_with('0') && !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit());
    matches!(head[..], ['2', _, '1', _]) && number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_table_is_read_and_each_name_in_it_is_known() {
        let mut checked = 0;
        for version in Version::ALL {
            let schema = schema(version);
            for (element, row) in &schema.rows {
                for attribute in &row.attributes {
                    assert!(!attribute.kind.is_empty(), "{element}");
                }
                if let Content::Elements(model) = &row.content {
                    for name in names(model) {
                        assert!(schema.element(name).is_some(), "{element} holds the unknown {name}");
                    }
                }
                checked += 1;
            }
        }
        assert_eq!(checked, 140, "a shrunken table must not pass in silence");
        assert_eq!(section("elements").count() + section("unique").count(), 130);
    }

    fn names(model: &Model) -> Vec<&'static str> {
        match model {
            Model::Name(name) => vec![name],
            Model::Sequence(all) | Model::Choice(all) => all.iter().flat_map(names).collect(),
            Model::Optional(one) | Model::Many(one, _) => names(one),
        }
    }

    #[test]
    fn values_are_held_against_their_types() {
        let schema = schema(Version::V2_1);
        let fine = [
            ("integer", "-0012"),
            ("datetime", "2024-02-29T23:59:59.5+14:00"),
            ("decimal", ".5"),
            ("sasFormat", "$NY."),
            ("language", "de-CH-1996"),
            ("DefineVersion", "2.1.10"),
            ("YesOnly", "Yes"),
            ("anyURI", "sub folder/dm.xpt"),
            ("anyURI", "https://example.org/a?b=c%20d"),
        ];
        let wrong = [
            ("integer", "1.0"),
            ("datetime", "2023-02-29T00:00:00"),
            ("datetime", "2024-04-01T12:00"),
            ("datetime", "2024-04-01T12:00:00+15:00"),
            ("positiveInteger", "0"),
            ("sasName", "AGEATDEATH"),
            ("sasName", "1AGE"),
            ("ID", "LF DM"),
            ("language", "english1-"),
            ("DefineVersion", "2.1.01"),
            ("YesOnly", "No"),
            ("anyURI", "2024-01-01T00:00"),
            ("anyURI", "100%.pdf"),
        ];
        for (kind, value) in fine {
            assert_eq!(schema.refuses(kind, value), None, "{kind} {value}");
        }
        for (kind, value) in wrong {
            assert!(schema.refuses(kind, value).is_some(), "{kind} {value}");
        }
    }
}
