//! Reading: one pass, bounded memory.

use super::format::data_type;
use super::layout::{self, CARD, Filler, Namestr, bytes_at, count, parse_header, stamp_at, trim_header};
use super::source::Source;
use super::text::{Foreign, Place, text};
use super::{Origin, Version, XptError, ibm};
use crate::charset::Charset;
use croft_core::{Cell, Column, Dataset, Finding, Kind, Missing, Severity, Variable};
use std::borrow::Cow;
use std::io;

/// How a file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// The encoding of texts. `None`: UTF-8, anything else is an error.
    pub charset: Option<Charset>,
}

/// A member's description.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Dataset name.
    pub name: String,
    /// Dataset label.
    pub label: String,
    /// Dataset type, mostly empty.
    pub dataset_type: String,
    /// Layout.
    pub version: Version,
    /// Who wrote the library.
    pub library: Origin,
    /// Who wrote the member.
    pub origin: Origin,
    /// Encoding that was named for reading.
    pub charset: Option<Charset>,
    /// The variables' metadata.
    pub variables: Vec<Variable>,
    /// Whether each variable's format is right-justified.
    pub right_justified: Vec<bool>,
    /// Rows, where the file says so (version 8).
    pub declared_rows: Option<u64>,
    /// What stands in unused bytes of the header, to be written back.
    pub filler: Filler,
}

/// All members of a file.
pub type Contents = Vec<super::Read>;

/// Reads all members. Memory is that of the data; see [`Reader`] for less.
pub fn read(reader: impl io::Read, options: &ReadOptions) -> Result<Contents, XptError> {
    let mut reader = Reader::new(reader, options)?;
    let mut contents = Vec::new();
    while let Some(member) = reader.next_member()? {
        let dataset = reader.rest_of_member()?;
        contents.push(super::Read { dataset, member, findings: reader.findings() });
    }
    Ok(contents)
}

/// A variable's description and where it stands in the file.
type Described = (Namestr, u64);

/// Where a variable's bytes stand in an observation.
#[derive(Clone, Debug)]
struct Field {
    kind: Kind,
    start: usize,
    length: usize,
}

impl Field {
    fn of<'b>(&self, observation: &'b [u8]) -> &'b [u8] {
        &observation[self.start..self.start + self.length]
    }
}

/// The member being read.
struct Current {
    name: String,
    names: Vec<String>,
    empty: Dataset,
    fields: Vec<Field>,
    width: usize,
    rows: u64,
    declared: Option<u64>,
    /// Where the data end, once known.
    end: Option<u64>,
    /// From here on records were not yet searched for the next header.
    unsearched: u64,
    foreign: Vec<Option<Foreign>>,
    unpadded: bool,
}

/// Goes over a transport file once.
pub struct Reader<R> {
    source: Source<R>,
    version: Version,
    library: Origin,
    charset: Option<Charset>,
    current: Option<Current>,
    cells: Vec<Slot>,
    texts: String,
}

/// One decoded cell of a [`Row`].
enum Slot {
    Num(Result<f64, Missing>),
    Text(usize, usize),
}

/// One observation, borrowed from the reader.
pub struct Row<'r> {
    cells: &'r [Slot],
    texts: &'r str,
}

impl Row<'_> {
    /// Variables.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no variables.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The value of the variable at this position.
    pub fn cell(&self, variable: usize) -> Cell<'_> {
        match self.cells[variable] {
            Slot::Num(Ok(x)) => Cell::Num(x),
            Slot::Num(Err(kind)) => Cell::MissingNum(kind),
            Slot::Text(start, end) => Cell::Text(&self.texts[start..end]),
        }
    }
}

impl<R: io::Read> Reader<R> {
    /// Reads the library header.
    pub fn new(reader: R, options: &ReadOptions) -> Result<Self, XptError> {
        let mut source = Source::new(reader);
        source.fill(3 * CARD)?;
        if source.ahead().is_empty() {
            return Err(XptError::Empty);
        }
        if source.ahead().starts_with(b"**COMPRESSED**") {
            return Err(XptError::Cport);
        }
        let begins = source.ahead().len().min(layout::HEADER.len());
        if source.ahead()[..begins] != layout::HEADER[..begins] {
            return Err(XptError::NotTransport);
        }
        let card = source.take(CARD, "the library header")?;
        let version = match parse_header(card) {
            Some((b"LIBRARY ", _)) => Version::V5,
            Some((b"LIBV8   ", _)) => Version::V8,
            _ => return Err(XptError::NotTransport),
        };
        let stamps: [u8; 2 * CARD] = bytes_at(source.take(2 * CARD, "the library header")?, 0);
        let library = origin(&stamps, 24, 64);
        Ok(Self {
            source,
            version,
            library,
            charset: options.charset,
            current: None,
            cells: Vec::new(),
            texts: String::new(),
        })
    }

    /// The file's layout.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Goes to the next member, past what was not read of this one. `None`: there is none.
    pub fn next_member(&mut self) -> Result<Option<Member>, XptError> {
        while self.current.is_some() {
            let (rows, width) = self.observations()?;
            self.source.skip(rows * width);
            if rows == 0 {
                self.current = None;
            }
        }
        self.source.align()?;
        self.source.fill(CARD)?;
        if self.source.ahead().is_empty() {
            return Ok(None);
        }
        let words = self.version.words();
        let counts = self.header(words.member, "the member header")?;
        let namestr = match count(&counts[26..30]) {
            Some(136) => 136,
            _ => layout::NAMESTR,
        };
        self.header(words.descriptor, "the member header")?;
        let cards: [u8; 2 * CARD] = bytes_at(self.source.take(2 * CARD, "the member header")?, 0);
        let (raw, declared) = self.variables(namestr)?;
        let member = self.member(&cards, &raw, declared)?;
        self.current = Some(self.begin(&member, &raw)?);
        Ok(Some(member))
    }

    /// The current member's next row; `None` at its end.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, XptError> {
        let (rows, width) = self.observations()?;
        let Some(current) = self.current.as_mut().filter(|_| rows > 0) else { return Ok(None) };
        let offset = self.source.offset();
        let observation = &self.source.ahead()[..width];
        self.cells.clear();
        self.texts.clear();
        for (i, field) in current.fields.iter().enumerate() {
            let bytes = field.of(observation);
            self.cells.push(match field.kind {
                Kind::Num => Slot::Num(ibm::decode(bytes)),
                Kind::Char => {
                    let place = Place { row: current.rows + 1, offset: offset + field.start as u64 };
                    let text = text(bytes, self.charset, &mut current.foreign[i], place)
                        .map_err(|bad| bad.error(&current.name, &current.names[i], self.charset))?;
                    let start = self.texts.len();
                    self.texts.push_str(&text);
                    Slot::Text(start, self.texts.len())
                }
            });
        }
        current.rows += 1;
        self.source.skip(width);
        Ok(Some(Row { cells: &self.cells, texts: &self.texts }))
    }

    /// The rest of the current member as a dataset.
    ///
    /// # Panics
    /// Without a current member: [`Reader::next_member`] comes first.
    pub fn rest_of_member(&mut self) -> Result<Dataset, XptError> {
        let mut dataset = Dataset::new("", "", Vec::new());
        let mut begun = false;
        loop {
            let (rows, width) = self.observations()?;
            let current = self.current.as_mut().expect("next_member gave a member before its rows are read");
            if !begun {
                dataset = current.empty.clone();
                begun = true;
            }
            if rows == 0 {
                return Ok(dataset);
            }
            let block = Block { offset: self.source.offset(), width, charset: self.charset };
            let bytes = &self.source.ahead()[..rows * width];
            for (i, column) in dataset.columns_mut().iter_mut().enumerate() {
                current.append(i, column, bytes, &block)?;
            }
            current.rows += rows as u64;
            self.source.skip(rows * width);
        }
    }

    /// What is remarkable about what was read of the current member so far.
    pub fn findings(&self) -> Vec<Finding> {
        let Some(current) = &self.current else { return Vec::new() };
        let mut findings = Vec::new();
        if current.unpadded {
            let text = "the last record is not filled up to 80 bytes";
            findings.push(Finding::new("XPT-PADDING", Severity::Note, &current.name, text));
        }
        for (variable, foreign) in current.names.iter().zip(&current.foreign) {
            let (Some(foreign), Some(charset)) = (foreign, self.charset) else { continue };
            let texts = if foreign.count == 1 { "1 text is" } else { &format!("{} texts are", foreign.count) };
            let message = format!("{texts} not ASCII and read as {}; this is the first", charset.name());
            let finding = Finding::new("XPT-ENCODING", Severity::Warning, &current.name, message);
            findings.push(finding.at(foreign.first_row as usize, variable, &foreign.first_value));
        }
        findings
    }

    /// Takes a header record of this kind and gives its counts.
    fn header(&mut self, word: &str, what: &str) -> Result<[u8; 32], XptError> {
        let offset = self.source.offset();
        let card = self.source.take(CARD, what)?;
        match parse_header(card) {
            Some((found, counts)) if found == word.as_bytes() => Ok(bytes_at(counts, 0)),
            _ => Err(XptError::Damaged { offset, what: "another header record was expected here" }),
        }
    }

    /// The variables' descriptions and, in version 8, the number of rows.
    fn variables(&mut self, namestr: usize) -> Result<(Vec<Described>, Option<u64>), XptError> {
        let offset = self.source.offset();
        let words = self.version.words();
        let counts = self.header(words.namestr, "the variables' header")?;
        let number = count(&counts[5..10]).ok_or(XptError::Damaged { offset, what: "the number of variables" })?;
        let mut all = Vec::new();
        for _ in 0..number {
            let offset = self.source.offset();
            let mut bytes = [0; layout::NAMESTR];
            bytes[..namestr].copy_from_slice(self.source.take(namestr, "the variables' descriptions")?);
            all.push((Namestr::parse(&bytes, self.version, offset)?, offset));
        }
        self.source.align()?;
        let mut offset = self.source.offset();
        let mut card: [u8; CARD] = bytes_at(self.source.take(CARD, "the observations' header")?, 0);
        if let Some((word @ (b"LABELV8 " | b"LABELV9 "), counts)) = parse_header(&card) {
            let long = count(&counts[..5]).or_else(|| count(counts)).unwrap_or(0);
            self.long_labels(&mut all, long, word == b"LABELV9 ")?;
            self.source.align()?;
            offset = self.source.offset();
            card = bytes_at(self.source.take(CARD, "the observations' header")?, 0);
        }
        match parse_header(&card) {
            Some((word, counts)) if word == words.observations.as_bytes() => {
                // Version 5 has zeros there. A writer that does not count leaves zeros in version 8 too; then the end decides.
                Ok((all, count(&counts[..15]).filter(|&rows| self.version == Version::V8 && rows > 0)))
            }
            _ => Err(XptError::Damaged { offset, what: "the observations' header was expected here" }),
        }
    }

    /// Version 8: labels over 40 characters (`LABELV8`), and formats over 8 (`LABELV9`).
    fn long_labels(&mut self, all: &mut [Described], number: u64, formats: bool) -> Result<(), XptError> {
        const WHAT: &str = "the long labels";
        for _ in 0..number {
            let offset = self.source.offset();
            let head = if formats { 10 } else { 6 };
            let mut sizes = [0_usize; 5];
            for (size, bytes) in sizes.iter_mut().zip(self.source.take(head, WHAT)?.chunks_exact(2)) {
                *size = usize::from(u16::from_be_bytes(bytes_at(bytes, 0)));
            }
            let [variable, name, label, format, informat] = sizes;
            let name = trim_header(self.source.take(name, WHAT)?).to_vec();
            let label = trim_header(self.source.take(label, WHAT)?).to_vec();
            let format = self.source.take(format, WHAT)?.to_vec();
            let informat = self.source.take(informat, WHAT)?.to_vec();
            let Some((namestr, _)) = variable.checked_sub(1).and_then(|i| all.get_mut(i)) else {
                return Err(XptError::Damaged { offset, what: "a long label belongs to no variable" });
            };
            namestr.name = name;
            namestr.label = label;
            if formats {
                namestr.format.name = format_name(&format).unwrap_or_else(|| namestr.format.name.clone());
                namestr.informat.name = format_name(&informat).unwrap_or_else(|| namestr.informat.name.clone());
            }
        }
        Ok(())
    }

    fn member(
        &self,
        cards: &[u8; 2 * CARD],
        raw: &[Described],
        declared_rows: Option<u64>,
    ) -> Result<Member, XptError> {
        let offset = self.source.offset();
        let decode = |bytes: &[u8], what: &'static str, offset: u64| {
            let charset = self.charset.unwrap_or(Charset::UTF_8);
            let error = || XptError::UndecodableName { what, offset, charset: charset.name() };
            charset.decode(bytes).map(Cow::into_owned).ok_or_else(error)
        };
        let name_length = if self.version == Version::V8 { 32 } else { 8 };
        let mut variables = Vec::with_capacity(raw.len());
        for (namestr, offset) in raw {
            let name = decode(&namestr.name, "variable's name", *offset)?;
            let label = decode(&namestr.label, "variable's label", *offset)?;
            let format = namestr.format.to_text();
            let mut variable = Variable::new(&name, &label, namestr.kind, data_type(namestr.kind, format.as_deref()));
            variable.length = Some(namestr.length as u32);
            variable.format = format;
            variable.informat = namestr.informat.to_text();
            variables.push(variable);
        }
        let origin = if self.version == Version::V8 { origin(cards, 48, 64) } else { origin(cards, 24, 64) };
        Ok(Member {
            name: decode(trim_header(&cards[8..8 + name_length]), "dataset's name", offset)?,
            label: decode(trim_header(&cards[CARD + 32..CARD + 72]), "dataset's label", offset)?,
            dataset_type: decode(trim_header(&cards[CARD + 72..]), "dataset's type", offset)?,
            version: self.version,
            library: self.library,
            origin,
            charset: self.charset,
            right_justified: raw.iter().map(|(n, _)| n.right_justified).collect(),
            filler: raw.first().map_or_else(Filler::default, |(n, _)| n.filler),
            variables,
            declared_rows,
        })
    }

    fn begin(&self, member: &Member, raw: &[Described]) -> Result<Current, XptError> {
        let width = raw.iter().map(|(n, _)| n.length).sum();
        let start = self.source.offset();
        Ok(Current {
            name: member.name.clone(),
            names: member.variables.iter().map(|v| v.name.clone()).collect(),
            empty: Dataset::new(&member.name, &member.label, member.variables.clone()),
            fields: fields(raw, width, start)?,
            width,
            rows: 0,
            declared: member.declared_rows,
            end: None,
            unsearched: start,
            foreign: vec![None; raw.len()],
            unpadded: false,
        })
    }

    /// Makes whole observations available ahead: how many, and their width. No rows: the member's end.
    fn observations(&mut self) -> Result<(usize, usize), XptError> {
        let Some(current) = &mut self.current else { return Ok((0, 0)) };
        loop {
            let step = match current.declared {
                Some(declared) => current.counted(declared, &self.source)?,
                None => current.uncounted(&self.source)?,
            };
            match step {
                Step::Rows(rows) => return Ok((rows, current.width)),
                Step::End(padding) => {
                    self.source.skip(padding);
                    return Ok((0, current.width));
                }
                Step::More => self.source.more()?,
            }
        }
    }
}

/// What the bytes ahead allow.
enum Step {
    /// So many observations are there.
    Rows(usize),
    /// The member ends after so many bytes of padding.
    End(usize),
    /// More must be read before that is known.
    More,
}

impl Current {
    /// Version 8 counts its observations.
    fn counted<R: io::Read>(&self, declared: u64, source: &Source<R>) -> Result<Step, XptError> {
        let ahead = source.ahead().len();
        let left = declared.saturating_sub(self.rows);
        match left.min((ahead / self.width.max(1)) as u64) as usize {
            _ if left == 0 || self.width == 0 => Ok(Step::End(0)),
            0 if source.at_end() => Err(self.truncated(source.offset() + ahead as u64, 0)),
            0 => Ok(Step::More),
            rows => Ok(Step::Rows(rows)),
        }
    }

    /// Version 5 does not: the next member's header or the end of the file ends them.
    fn uncounted<R: io::Read>(&mut self, source: &Source<R>) -> Result<Step, XptError> {
        let offset = source.offset();
        if self.end.is_none() {
            match source.find_member(self.unsearched) {
                Ok(end) => self.end = Some(end),
                Err(searched) if source.at_end() => {
                    self.unsearched = searched;
                    self.end = Some(offset + source.ahead().len() as u64);
                }
                Err(searched) => self.unsearched = searched,
            }
        }
        if let Some(end) = self.end {
            let rest = &source.ahead()[..(end - offset) as usize];
            return Ok(match self.last_rows(rest, end)? {
                0 => Step::End(rest.len()),
                rows => Step::Rows(rows),
            });
        }
        // What begins before the last 79 bytes cannot be padding, wherever the end will turn out to be.
        let certain = (self.unsearched - offset) as usize;
        if self.width == 0 || certain < CARD.max(self.width) {
            return Ok(Step::More);
        }
        Ok(Step::Rows(((certain - CARD) / self.width + 1).min(certain / self.width)))
    }

    /// How many observations stand in the last bytes of a member whose rows are not counted.
    fn last_rows(&mut self, rest: &[u8], end: u64) -> Result<usize, XptError> {
        let blank = |bytes: &[u8]| bytes.iter().all(|&b| b == b' ');
        let width = self.width;
        let mut rows = rest.len().checked_div(width).unwrap_or(0);
        let left = &rest[rows * width..];
        self.unpadded = !end.is_multiple_of(CARD as u64);
        if left.len() >= CARD || !blank(left) || (self.unpadded && !left.is_empty()) {
            return Err(self.truncated(end, rows as u64));
        }
        let in_padding = |row: usize| rest.len() - row * width < CARD && blank(&rest[row * width..(row + 1) * width]);
        while !self.unpadded && rows > 0 && in_padding(rows - 1) {
            rows -= 1;
        }
        Ok(rows)
    }

    fn truncated(&self, offset: u64, rows: u64) -> XptError {
        XptError::Truncated { offset, what: format!("dataset {}, row {}", self.name, self.rows + rows + 1) }
    }

    /// Appends one variable of a block of observations to its column.
    fn append(&mut self, i: usize, column: &mut Column, bytes: &[u8], block: &Block) -> Result<(), XptError> {
        let field = &self.fields[i];
        let observations = bytes.chunks_exact(block.width);
        match column {
            Column::Num(column) => {
                for observation in observations {
                    match ibm::decode(field.of(observation)) {
                        Ok(x) => column.push(x),
                        Err(kind) => column.push_missing(kind),
                    }
                }
            }
            Column::Char(column) => {
                for (n, observation) in observations.enumerate() {
                    let offset = block.offset + (n * block.width + field.start) as u64;
                    let place = Place { row: self.rows + n as u64 + 1, offset };
                    let text = text(field.of(observation), block.charset, &mut self.foreign[i], place)
                        .map_err(|bad| bad.error(&self.name, &self.names[i], block.charset))?;
                    column.push(&text);
                }
            }
        }
        Ok(())
    }
}

/// Some whole observations.
struct Block {
    offset: u64,
    width: usize,
    charset: Option<Charset>,
}

/// Stamps at their places in a pair of header records: version, system, created; modified opens the second record.
fn origin(cards: &[u8; 2 * CARD], version: usize, created: usize) -> Origin {
    Origin {
        sas_version: bytes_at(cards, version),
        os: bytes_at(cards, version + 8),
        created: stamp_at(cards, created),
        modified: stamp_at(cards, CARD),
    }
}

/// A format's name out of `NAMEw.d`; `None`: none is given.
fn format_name(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let format = super::format::Format::parse(text)?;
    (!format.name.is_empty()).then(|| format.name.into_bytes())
}

/// The fields by their positions; files whose writers left the positions out have them in order.
fn fields(raw: &[Described], width: usize, offset: u64) -> Result<Vec<Field>, XptError> {
    let in_order = |start: &mut usize, length: usize| {
        *start += length;
        Some(*start - length)
    };
    if raw.iter().all(|(n, _)| n.position == 0) {
        let starts = raw.iter().scan(0, |start, (n, _)| in_order(start, n.length));
        return Ok(raw
            .iter()
            .zip(starts)
            .map(|((n, _), s)| Field { kind: n.kind, start: s, length: n.length })
            .collect());
    }
    let mut spans: Vec<(usize, usize)> = raw.iter().map(|(n, _)| (n.position, n.length)).collect();
    spans.sort_unstable();
    let apart = spans.windows(2).all(|w| w[0].0 + w[0].1 <= w[1].0);
    let inside = spans.last().is_none_or(|last| last.0 + last.1 <= width);
    if !apart || !inside {
        return Err(XptError::Damaged { offset, what: "the variables' positions overlap" });
    }
    Ok(raw.iter().map(|(n, _)| Field { kind: n.kind, start: n.position, length: n.length }).collect())
}
