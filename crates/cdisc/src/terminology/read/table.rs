//! Terminology as a table: NCI EVS's text, and one row a term.
//!
//! EVS write code lists and terms as rows of one table. The row of a code list has no `Codelist Code` and says whether it is extensible; the rows of
//! its terms name its code. Between tabs nothing is quoted.

use super::{Lists, ReadError, synonyms, yes};
use crate::terminology::{NewCodelist, Term};
use csv::StringRecord;

/// Reads either table, told apart by its headings.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<NewCodelist>, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = 1 + bytes.iter().take(e.valid_up_to()).filter(|&&b| b == b'\n').count();
        ReadError::Encoding { line }
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    let tabs = heading.contains('\t');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if tabs { b'\t' } else { b',' })
        .quoting(!tabs)
        .from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|e| broken(&e))?.clone();
    let has = |name: &str| headings.iter().any(|h| h.trim() == name);
    let (mut lists, columns) = (Lists::default(), Columns(&headings));
    let rows = reader.records().map(|record| {
        let record = record.map_err(|e| broken(&e))?;
        let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
        Ok::<_, ReadError>((line, record))
    });
    if has("Codelist Code") {
        evs(&columns, rows, &mut lists)?;
    } else if has("codelist_code") {
        one_row_a_term(&columns, rows, &mut lists)?;
    } else {
        return Err(ReadError::Form { begins: heading.chars().take(60).collect() });
    }
    Ok(lists.finish())
}

fn broken(error: &csv::Error) -> ReadError {
    let line = error.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, where the heading has {expected_len}")
        }
        _ => error.to_string(),
    };
    ReadError::Line { line, what }
}

/// Where columns stand.
struct Columns<'h>(&'h StringRecord);

impl Columns<'_> {
    fn at(&self, column: &'static str) -> Result<usize, ReadError> {
        self.0.iter().position(|h| h.trim() == column).ok_or(ReadError::Column { column })
    }
}

fn cell(row: &StringRecord, column: usize) -> &str {
    row.get(column).unwrap_or_default().trim()
}

fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn extensible(word: &str, code: &str, line: usize) -> Result<bool, ReadError> {
    yes(word).ok_or_else(|| ReadError::Line {
        line,
        what: format!("the code list {code} is `{word}` extensible; it must be Yes or No"),
    })
}

type Numbered = Result<(usize, StringRecord), ReadError>;

fn evs(columns: &Columns<'_>, rows: impl Iterator<Item = Numbered>, lists: &mut Lists) -> Result<(), ReadError> {
    let (code, list_code) = (columns.at("Code")?, columns.at("Codelist Code")?);
    let (extends, name) = (columns.at("Codelist Extensible (Yes/No)")?, columns.at("Codelist Name")?);
    let (value, synonym) = (columns.at("CDISC Submission Value")?, columns.at("CDISC Synonym(s)")?);
    let preferred = columns.at("NCI Preferred Term")?;
    // A file sorted by code would put terms before their list, so lists come first.
    let mut terms = Vec::new();
    for row in rows {
        let (line, row) = row?;
        if cell(&row, code).is_empty() {
            return Err(ReadError::Line { line, what: "the column `Code` is empty".to_owned() });
        }
        if !cell(&row, list_code).is_empty() {
            terms.push((line, row));
            continue;
        }
        let code = cell(&row, code).to_owned();
        let extensible = extensible(cell(&row, extends), &code, line)?;
        let (submission_value, name) = (cell(&row, value).to_owned(), cell(&row, name).to_owned());
        let list = NewCodelist { code, submission_value, name, extensible, terms: Vec::new() };
        lists.list(list).map_err(|what| ReadError::Line { line, what })?;
    }
    for (line, row) in terms {
        let term = Term {
            submission_value: cell(&row, value).to_owned(),
            code: optional(cell(&row, code)),
            preferred_term: cell(&row, preferred).to_owned(),
            synonyms: synonyms(cell(&row, synonym)),
        };
        lists.term(cell(&row, list_code), term).map_err(|what| ReadError::Line { line, what })?;
    }
    Ok(())
}

fn one_row_a_term(
    columns: &Columns<'_>,
    rows: impl Iterator<Item = Numbered>,
    lists: &mut Lists,
) -> Result<(), ReadError> {
    let (list_code, list_value) = (columns.at("codelist_code")?, columns.at("codelist_submission_value")?);
    let (list_name, extends) = (columns.at("codelist_name")?, columns.at("extensible")?);
    let (value, preferred) = (columns.at("term_submission_value")?, columns.at("term_preferred")?);
    // Tables from elsewhere may lack these.
    let (code, synonym) = (columns.at("term_code").ok(), columns.at("synonyms").ok());
    for row in rows {
        let (line, row) = row?;
        let list = cell(&row, list_code).to_owned();
        if list.is_empty() {
            return Err(ReadError::Line { line, what: "the column `codelist_code` is empty".to_owned() });
        }
        let told = NewCodelist {
            code: list.clone(),
            submission_value: cell(&row, list_value).to_owned(),
            name: cell(&row, list_name).to_owned(),
            extensible: extensible(cell(&row, extends), &list, line)?,
            terms: Vec::new(),
        };
        lists.list(told).map_err(|what| ReadError::Line { line, what })?;
        let term = Term {
            submission_value: cell(&row, value).to_owned(),
            code: code.and_then(|c| optional(cell(&row, c))),
            preferred_term: cell(&row, preferred).to_owned(),
            synonyms: synonym.map(|s| synonyms(cell(&row, s))).unwrap_or_default(),
        };
        lists.term(&list, term).map_err(|what| ReadError::Line { line, what })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\tCDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term\n";

    fn error(rows: &str) -> String {
        read(format!("{HEAD}{rows}").as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_text_of_evs_is_read_with_terms_before_or_after_their_list() {
        let rows = "C16576\tC66731\t\tSex\tF\tFemale\ta \"quoted word\tFemale\nC66731\t\tNo\tSex\tSEX\tSex\tWords.\tCDISC Sex Terminology\nC20197\tC66731\t\tSex\tM\tMale; Man\t\"x\tMale\n";
        let lists = read(format!("\u{feff}{HEAD}{rows}").as_bytes()).unwrap();
        let [sex] = &lists[..] else { panic!("one list: {lists:?}") };
        assert_eq!((sex.code.as_str(), sex.submission_value.as_str(), sex.name.as_str()), ("C66731", "SEX", "Sex"));
        assert!(!sex.extensible);
        assert_eq!(sex.terms.len(), 2);
        assert_eq!(sex.terms[1].synonyms, ["Male", "Man"]);
        assert_eq!(sex.terms[1].code.as_deref(), Some("C20197"));
    }

    #[test]
    fn what_does_not_fit_says_its_line() {
        let list = "C66731\t\tNo\tSex\tSEX\tSex\t\tSex\n";
        assert_eq!(
            error("C1\tC2\t\tSex\tF\t\t\tFemale\n"),
            "line 2: a term of the code list C2, which is not in the file"
        );
        assert_eq!(
            error("C1\t\tMaybe\tSex\tSEX\t\t\tSex\n"),
            "line 2: the code list C1 is `Maybe` extensible; it must be Yes or No"
        );
        assert_eq!(error(&format!("{list}C1\tC66731\n")), "line 3: 2 fields, where the heading has 8");
        let term = "C1\tC66731\t\tSex\tF\t\t\tFemale\n";
        assert_eq!(error(&format!("{list}{term}{term}")), "line 4: the term `F` stands twice in the code list C66731");
        assert_eq!(
            error(&format!("{list}C1\tC66731\t\tSex\t\t\t\tFemale\n")),
            "line 3: a term of the code list C66731 has no submission value"
        );
        assert_eq!(
            error(&format!("{list}C66731\t\tYes\tSex\tSEX\tSex\t\tSex\n")),
            "line 3: the code list C66731 is told twice, and not the same"
        );
        assert_eq!(
            read(b"Code,Codelist Code\n").unwrap_err().to_string(),
            "there is no column `Codelist Extensible (Yes/No)`"
        );
        assert_eq!(read(&[HEAD.as_bytes(), b"\xff"].concat()).unwrap_err().to_string(), "line 2: not UTF-8 text");
    }
}
