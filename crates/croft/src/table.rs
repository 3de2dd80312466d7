//! Reading a table of text from a CSV file, so that a message can name file, row and column.
//!
//! Commas, semicolons and tabs are told apart by the first line that is not blank. Rows are numbered as a spreadsheet does: the heading is row 1.

use crate::output::Failure;
use croft_cdisc::charset::Charset;
use std::path::Path;

/// A table with a heading.
pub struct Table {
    /// The file's name, for messages.
    pub name: String,
    /// Column names, without blanks around them.
    pub headings: Vec<String>,
    /// Rows in file order.
    pub rows: Vec<Row>,
}

/// One row.
pub struct Row {
    /// Its number: the heading is row 1.
    pub number: usize,
    /// Its cells, one a heading, without blanks around them.
    pub cells: Vec<String>,
}

/// A cell that should be a number.
pub enum Number {
    /// A number.
    Value(f64),
    /// Empty, `.` or `NA`.
    Missing,
    /// Some other text.
    Text,
}

/// Reads a cell as a number.
pub fn number(cell: &str) -> Number {
    if cell.is_empty() || cell == "." || cell.eq_ignore_ascii_case("na") {
        return Number::Missing;
    }
    match cell.parse::<f64>() {
        Ok(x) if x.is_finite() => Number::Value(x),
        _ => Number::Text,
    }
}

impl Table {
    /// Reads a file that is UTF-8, or in the encoding named.
    pub fn read(path: &Path, encoding: Option<&str>) -> Result<Self, Failure> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let bytes = std::fs::read(path)
            .map_err(|e| Failure::misuse(format!("{}: {e}", path.display())).hint("give the path of a CSV file"))?;
        let text = decode(&name, &bytes, encoding)?;
        Self::parse(&name, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if text.trim().is_empty() {
            return Err(Failure::misuse(format!("{name}: the file is empty")).hint("give a CSV file with a heading"));
        }
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|&d| {
            let count = first.bytes().filter(|&b| b == d).count();
            // At a tie the comma, which stands first.
            (count, d == b',')
        });
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let broken =
            |e: csv::Error| Failure::misuse(format!("{name}: {e}")).hint("each row needs as many cells as the heading");
        let headings: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        each_heading_once(name, &headings)?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let number = record.position().map_or(rows.len() + 2, |p| p.line() as usize);
            if record.iter().all(str::is_empty) {
                continue;
            }
            rows.push(Row { number, cells: record.iter().map(str::to_owned).collect() });
        }
        if rows.is_empty() {
            return Err(Failure::misuse(format!("{name}: no rows under the heading")).hint("give at least one row"));
        }
        Ok(Self { name: name.to_owned(), headings, rows })
    }

    /// Position of a column, whatever the case of its letters.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headings.iter().position(|h| h.eq_ignore_ascii_case(name))
    }

    /// Position of a column that must be there.
    pub fn needed(&self, column: &str) -> Result<usize, Failure> {
        self.column(column).ok_or_else(|| {
            let found = self.headings.join(", ");
            Failure::misuse(format!("{}: no column `{column}` (found: {found})", self.name))
                .hint(format!("name a column of the first row `{column}`"))
        })
    }
}

/// Columns are found by name whatever the case, so two of one name would leave the choice to chance.
fn each_heading_once(name: &str, headings: &[String]) -> Result<(), Failure> {
    for (second, heading) in headings.iter().enumerate().filter(|(_, h)| !h.is_empty()) {
        if let Some(first) = headings[..second].iter().position(|h| h.eq_ignore_ascii_case(heading)) {
            return Err(Failure::misuse(format!(
                "{name}: two columns have one name: `{}` (column {}) and `{heading}` (column {})",
                headings[first],
                first + 1,
                second + 1
            ))
            .hint("rename or remove one of them; the case of letters makes no difference"));
        }
    }
    Ok(())
}

fn decode(name: &str, bytes: &[u8], encoding: Option<&str>) -> Result<String, Failure> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Failure::misuse(format!("{name}: the text is UTF-16")).hint("save the file as CSV UTF-8"));
    }
    if let Some(encoding) = encoding {
        let charset = Charset::named(encoding).map_err(|e| {
            let hint = e.hint().to_owned();
            Failure::misuse(e).hint(hint)
        })?;
        return charset.decode(bytes).map(std::borrow::Cow::into_owned).ok_or_else(|| {
            Failure::misuse(format!("{name}: not text in {}", charset.name()))
                .hint("name another encoding with --encoding")
        });
    }
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| {
        let row = 1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count();
        Failure::misuse(format!("{name}, row {row}: not UTF-8 text"))
            .hint("name the file's encoding, for instance `--encoding windows-1252`")
    })
}
