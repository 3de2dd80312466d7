//! How is a package kept in croft's own form?
//!
//! A file `sdtmct-2025-03-28.ct` is gzip of several members one after the other, so that any gzip tool shows it whole as text. The first member is
//! the index:
//!
//! ```text
//! croft-ct  1
//! package   sdtmct  2025-03-28
//! source    NCI EVS, SDTM Terminology.txt
//! group     18231                                            bytes of the next packed member
//! codelist  C66731  SEX  Sex  no  5                          code, submission value, name, extensible, terms
//! ```
//!
//! Each further member holds the terms of the code lists of its group, in their order: code (may be empty), submission value, preferred term,
//! synonyms. Fields stand between tabs. One code list is looked up by unpacking the index and one group.

use super::{Codelist, Group, Package, PackageName, Term};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};

/// The first line of every index.
const MAGIC: &str = "croft-ct\t1";

/// A group is closed when its text is longer: small enough to be unpacked in about a millisecond, large enough to pack well.
const GROUP_BYTES: usize = 96 * 1024;

/// No package has more text, so that a small file cannot unpack to a huge one. The largest published has 4 MB.
const LIMIT: usize = 64 * 1024 * 1024;

/// Why a package in croft's form cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A text would break the lines.
    #[error("{place}: a tab or a line break stands in `{text}`")]
    Separator {
        /// Code list or term.
        place: String,
        /// The text.
        text: String,
    },
    /// The bytes cannot be had.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// What the system says.
        reason: String,
    },
    /// Not gzip, cut short, or of another sum.
    #[error("part {part} is damaged: {reason}")]
    Damaged {
        /// 1 is the index.
        part: usize,
        /// What is wrong.
        reason: String,
    },
    /// The index or a term does not read.
    #[error("part {part}, line {line}: {what}")]
    Line {
        /// 1 is the index.
        part: usize,
        /// From 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A file holds another package than its name says.
    #[error("it should hold {wanted} and holds {found}")]
    OtherPackage {
        /// By its name.
        wanted: String,
        /// By its index.
        found: String,
    },
}

impl StoreError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Separator { .. } => "take the tab or line break out of the published file",
            Self::Unreadable { .. } => "see whether the file is there and may be read",
            Self::OtherPackage { .. } => "give the file its own name again, or import the package anew",
            Self::Damaged { .. } | Self::Line { .. } => "import the published file anew with `croft ct import`",
        }
    }
}

/// The package in croft's form; the same package gives the same bytes.
pub fn write(package: &Package) -> Result<Vec<u8>, StoreError> {
    let mut index = format!("{MAGIC}\npackage\t{}\t{}\n", package.name.product(), package.name.date());
    field("the source", &package.source)?;
    let _ = writeln!(index, "source\t{}", package.source);
    let mut packed = Vec::new();
    let (mut group_index, mut group_text) = (String::new(), String::new());
    let last = package.codelists().len();
    for (position, list) in package.codelists().iter().enumerate() {
        index_line(&mut group_index, list)?;
        for term in list.terms() {
            term_line(&mut group_text, list, term)?;
        }
        if group_text.len() >= GROUP_BYTES || position + 1 == last {
            let member = gzip(&group_text);
            let _ = writeln!(index, "group\t{}", member.len());
            index.push_str(&group_index);
            packed.extend(member);
            group_index.clear();
            group_text.clear();
        }
    }
    let mut bytes = gzip(&index);
    bytes.extend(packed);
    Ok(bytes)
}

fn index_line(index: &mut String, list: &Codelist) -> Result<(), StoreError> {
    for text in [&list.code, &list.submission_value, &list.name] {
        field(&format!("code list {}", list.code), text)?;
    }
    let extensible = if list.extensible { "yes" } else { "no" };
    let _ = writeln!(
        index,
        "codelist\t{}\t{}\t{}\t{extensible}\t{}",
        list.code,
        list.submission_value,
        list.name,
        list.term_count()
    );
    Ok(())
}

fn term_line(text: &mut String, list: &Codelist, term: &Term) -> Result<(), StoreError> {
    let code = term.code.as_deref().unwrap_or_default();
    let synonyms = term.synonyms.join("; ");
    for text in [code, &term.submission_value, &term.preferred_term, &synonyms] {
        field(&format!("code list {}, term `{}`", list.code, term.submission_value), text)?;
    }
    let _ = writeln!(text, "{code}\t{}\t{}\t{synonyms}", term.submission_value, term.preferred_term);
    Ok(())
}

fn field(place: &str, text: &str) -> Result<(), StoreError> {
    if text.contains(['\t', '\n', '\r']) {
        return Err(StoreError::Separator { place: place.to_owned(), text: text.to_owned() });
    }
    Ok(())
}

fn gzip(text: &str) -> Vec<u8> {
    // flate2 writes no time and no name into the head, so that the bytes depend on the text alone.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.unwrap_or_else(|error| panic!("writing to memory cannot fail: {error}"))
}

/// A package of this text alone, index and groups parted by empty lines: what a fuzzer changes.
pub(crate) fn pack(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let mut parts = text.split("\n\n");
    let mut index = parts.next().unwrap_or_default().to_owned();
    let groups: Vec<Vec<u8>> = parts.map(gzip).collect();
    for (i, group) in groups.iter().enumerate() {
        index = index.replace(&format!("group\t#{i}"), &format!("group\t{}", group.len()));
    }
    [gzip(&index), groups.concat()].concat()
}

/// Reads a package whole, so that what is damaged is found at once.
pub fn open(bytes: &[u8]) -> Result<Package, StoreError> {
    let (index, rest) = index(bytes)?;
    let mut members = rest;
    let mut groups = Vec::with_capacity(index.groups.len());
    let mut size = 0;
    for (i, group) in index.groups.iter().enumerate() {
        let part = i + 2;
        let (mut member, tail) = members.split_at_checked(group.bytes).ok_or_else(|| cut(part))?;
        let text = gunzip(&mut member).map_err(|error| in_part(error, part))?;
        size += text.len();
        if size >= LIMIT {
            return Err(too_large(part));
        }
        let terms = group_terms(&text, &group.counts).map_err(|error| in_part(error, part))?;
        groups.push(Arc::new(Group::of(terms)));
        members = tail;
    }
    if !members.is_empty() {
        return Err(StoreError::Damaged {
            part: groups.len() + 2,
            reason: "more bytes than the index tells".to_owned(),
        });
    }
    index.package(groups)
}

/// Reads the index only; each group is read when one of its code lists is asked for.
pub(super) fn open_late(bytes: &'static [u8]) -> Result<Package, StoreError> {
    let (mut index, rest) = index(bytes)?;
    let mut members = rest;
    let mut groups = Vec::with_capacity(index.groups.len());
    for (i, group) in index.groups.iter_mut().enumerate() {
        let (packed, tail) = members.split_at_checked(group.bytes).ok_or_else(|| cut(i + 2))?;
        groups.push(Arc::new(Group { packed, counts: std::mem::take(&mut group.counts), read: OnceLock::new() }));
        members = tail;
    }
    index.package(groups)
}

fn cut(part: usize) -> StoreError {
    StoreError::Damaged { part, reason: "it is cut short".to_owned() }
}

/// An error of a part that did not know its number.
fn in_part(error: StoreError, part: usize) -> StoreError {
    match error {
        StoreError::Damaged { reason, .. } => StoreError::Damaged { part, reason },
        StoreError::Line { line, what, .. } => StoreError::Line { part, line, what },
        other => other,
    }
}

/// What the first member tells.
struct Index {
    name: PackageName,
    source: String,
    groups: Vec<GroupIndex>,
    lists: Vec<ListIndex>,
}

struct GroupIndex {
    bytes: usize,
    counts: Vec<usize>,
}

struct ListIndex {
    code: String,
    submission_value: String,
    name: String,
    extensible: bool,
    group: usize,
    place: usize,
    count: usize,
}

impl Index {
    fn package(self, groups: Vec<Arc<Group>>) -> Result<Package, StoreError> {
        let lists = self.lists.into_iter().map(|list| {
            let group = groups.get(list.group).cloned().ok_or_else(|| cut(list.group + 2))?;
            let ListIndex { code, submission_value, name, extensible, place, count, .. } = list;
            Ok(Codelist { code, submission_value, name, extensible, group, place, count })
        });
        Ok(Package::with(self.name, self.source, lists.collect::<Result<_, _>>()?))
    }
}

/// The index and the bytes behind it.
fn index(bytes: &[u8]) -> Result<(Index, &[u8]), StoreError> {
    let mut rest = bytes;
    let text = gunzip(&mut rest)?;
    let mut lines = text.lines().enumerate();
    let at = |line: usize, what| StoreError::Line { part: 1, line: line + 1, what };
    if lines.next().map(|(_, line)| line) != Some(MAGIC) {
        return Err(at(0, "not a package in croft's form"));
    }
    let (mut name, mut source) = (None, String::new());
    let (mut groups, mut lists): (Vec<GroupIndex>, Vec<ListIndex>) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields[..] {
            ["package", product, date] => {
                name = Some(PackageName::new(product, date).map_err(|_| at(number, "not the name of a package"))?);
            }
            ["source", words] => words.clone_into(&mut source),
            ["group", bytes] => {
                let bytes = bytes.parse().map_err(|_| at(number, "not a number of bytes"))?;
                groups.push(GroupIndex { bytes, counts: Vec::new() });
            }
            ["codelist", code, submission_value, name, extensible, count] => {
                let count = count.parse().map_err(|_| at(number, "not a number of terms"))?;
                let extensible = match extensible {
                    "yes" => true,
                    "no" => false,
                    _ => return Err(at(number, "extensible is yes or no")),
                };
                let of = groups.len();
                let group = groups.last_mut().ok_or_else(|| at(number, "a code list before the first group"))?;
                let place = group.counts.len();
                group.counts.push(count);
                lists.push(ListIndex {
                    code: code.to_owned(),
                    submission_value: submission_value.to_owned(),
                    name: name.to_owned(),
                    extensible,
                    group: of - 1,
                    place,
                    count,
                });
            }
            _ => return Err(at(number, "not a line of an index")),
        }
    }
    let name = name.ok_or_else(|| at(0, "no line `package`"))?;
    Ok((Index { name, source, groups, lists }, rest))
}

/// The text of the member that the bytes begin with; they go on behind it.
fn gunzip(bytes: &mut &[u8]) -> Result<String, StoreError> {
    let mut text = String::new();
    let mut decoder = GzDecoder::new(&mut *bytes).take(LIMIT as u64);
    let read = decoder.read_to_string(&mut text);
    read.map_err(|error| StoreError::Damaged { part: 1, reason: error.to_string() })?;
    if decoder.limit() == 0 { Err(too_large(1)) } else { Ok(text) }
}

fn too_large(part: usize) -> StoreError {
    StoreError::Damaged { part, reason: format!("the package unpacks to more than {} MB", LIMIT / 1024 / 1024) }
}

/// The terms of a group's code lists, each list in order of submission value.
pub(super) fn unpack_group(mut packed: &[u8], counts: &[usize]) -> Result<Vec<Vec<Term>>, StoreError> {
    group_terms(&gunzip(&mut packed)?, counts)
}

fn group_terms(text: &str, counts: &[usize]) -> Result<Vec<Vec<Term>>, StoreError> {
    let line = |line: usize, what| StoreError::Line { part: 1, line: line + 1, what };
    let mut lines = text.lines().enumerate();
    let mut groups = Vec::with_capacity(counts.len());
    for &count in counts {
        // The count is a claim of the file: it reserves nothing.
        let mut terms = Vec::new();
        for _ in 0..count {
            let (number, row) = lines.next().ok_or_else(|| line(0, "fewer terms than the index tells"))?;
            terms.push(term(row).ok_or_else(|| line(number, "not a term"))?);
        }
        if !terms.is_sorted() {
            return Err(line(0, "terms are not in order"));
        }
        groups.push(terms);
    }
    match lines.next() {
        Some((number, _)) => Err(line(number, "more terms than the index tells")),
        None => Ok(groups),
    }
}

fn term(row: &str) -> Option<Term> {
    let mut fields = row.split('\t');
    let (code, submission_value, preferred_term, synonyms) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    fields.next().is_none().then(|| Term {
        submission_value: submission_value.to_owned(),
        code: (!code.is_empty()).then(|| code.to_owned()),
        preferred_term: preferred_term.to_owned(),
        synonyms: super::read::synonyms(synonyms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminology::NewCodelist;

    fn sample() -> Package {
        let terms = |n: usize| {
            (0..n).map(|i| Term {
                submission_value: format!("TERM {i:05}"),
                code: (i % 3 > 0).then(|| format!("C{i}")),
                preferred_term: format!("Preferred Term Number {i} of a Long Name"),
                synonyms: (0..i % 3).map(|s| format!("synonym {s} of {i}")).collect(),
            })
        };
        let lists = (0..5).map(|i| NewCodelist {
            code: format!("C{i}"),
            submission_value: format!("LIST{i}"),
            name: format!("List {i}"),
            extensible: i % 2 == 0,
            terms: terms(i * 900).collect(),
        });
        Package::new("sdtmct-2025-03-28".parse().unwrap(), "typed here".to_owned(), lists.collect())
    }

    #[test]
    fn a_package_comes_back_as_it_was_written_and_its_bytes_repeat() {
        let package = sample();
        let bytes = write(&package).unwrap();
        assert_eq!(bytes, write(&package).unwrap());
        let again = open(&bytes).unwrap();
        assert_eq!((&again.name, &again.source), (&package.name, &package.source));
        let late = open_late(bytes.leak()).unwrap();
        for read in [&again, &late] {
            assert_eq!(read.codelists().len(), 5);
            for (a, b) in read.codelists().iter().zip(package.codelists()) {
                assert_eq!(
                    (&a.code, &a.submission_value, &a.name, a.extensible, a.term_count()),
                    (&b.code, &b.submission_value, &b.name, b.extensible, b.term_count())
                );
                assert_eq!(a.terms(), b.terms());
            }
        }
    }

    #[test]
    fn any_cut_or_changed_byte_is_found() {
        let bytes = write(&sample()).unwrap();
        for end in (0..bytes.len()).step_by(997) {
            assert!(open(&bytes[..end]).is_err(), "cut at {end}");
        }
        for at in (10..bytes.len()).step_by(1009) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(open(&changed).is_err(), "changed at {at}");
        }
        let longer = [&bytes[..], b"more"].concat();
        assert_eq!(open(&longer).unwrap_err().to_string(), "part 5 is damaged: more bytes than the index tells");
    }

    #[test]
    fn an_index_that_does_not_read_says_the_line() {
        let error = |text: &str| open(&gzip(text)).unwrap_err().to_string();
        assert_eq!(error("something"), "part 1, line 1: not a package in croft's form");
        assert_eq!(error(MAGIC), "part 1, line 1: no line `package`");
        let head = format!("{MAGIC}\npackage\tsdtmct\t2025-03-28\n");
        assert_eq!(
            error(&format!("{head}codelist\tC1\tA\tA\tno\t1\n")),
            "part 1, line 3: a code list before the first group"
        );
        assert_eq!(error(&format!("{head}group\tx\n")), "part 1, line 3: not a number of bytes");
        assert_eq!(error(&format!("{head}group\t9\n")), "part 2 is damaged: it is cut short");
        assert_eq!(open(b"no gzip at all").unwrap_err().to_string(), "part 1 is damaged: invalid gzip header");
    }

    #[test]
    fn a_text_that_would_break_lines_is_refused() {
        let list = NewCodelist { code: "C1".to_owned(), name: "a\tb".to_owned(), ..NewCodelist::default() };
        let package = Package::new("sdtmct-2025-03-28".parse().unwrap(), String::new(), vec![list]);
        assert_eq!(write(&package).unwrap_err().to_string(), "code list C1: a tab or a line break stands in `a\tb`");
    }
}
