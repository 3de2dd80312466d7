//! Tables in a terminal: columns as wide as they need to be, and where that is more than the terminal has, texts wrapped between words.
//!
//! Where standard output is no terminal, each row is one line, whatever its length, so that `grep` and `sort` serve.

/// Blanks before each line and between columns.
const GAP: usize = 2;

/// No column is made narrower than this.
const NARROWEST: usize = 8;

/// A table.
pub struct Columns {
    head: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

/// The width of the terminal that standard output is; `None` where it is none.
pub fn terminal_width() -> Option<usize> {
    let terminal = console::Term::stdout();
    if !terminal.is_term() {
        return None;
    }
    terminal.size_checked().map(|(_, columns)| usize::from(columns))
}

impl Columns {
    /// A table with these headings; those that begin with `>` stand to the right, with their cells.
    pub fn new(head: &[&'static str]) -> Self {
        let right = head.iter().map(|h| h.starts_with('>')).collect();
        Self { head: head.iter().map(|h| h.trim_start_matches('>')).collect(), right, rows: Vec::new() }
    }

    /// One more row, of as many cells as there are headings.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, fitted into `width`.
    pub fn lines(&self, width: Option<usize>) -> Vec<String> {
        let head: Vec<String> = self.head.iter().map(|h| (*h).to_owned()).collect();
        let widths = self.widths(width);
        let mut lines = Vec::new();
        for row in std::iter::once(&head).chain(&self.rows) {
            let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, &width)| wrap(cell, width)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for number in 0..height {
                let mut line = String::new();
                for ((cell, &width), &right) in cells.iter().zip(&widths).zip(&self.right) {
                    let text = cell.get(number).map(String::as_str).unwrap_or_default();
                    let pad = " ".repeat(width.saturating_sub(length(text)));
                    line.push_str(&" ".repeat(GAP));
                    line.push_str(&if right { pad + text } else { text.to_owned() + &pad });
                }
                lines.push(line.trim_end().to_owned());
            }
        }
        lines
    }

    /// How wide each column is: as its longest cell, but the widest are cut to one measure where the terminal is narrower than all.
    fn widths(&self, terminal: Option<usize>) -> Vec<usize> {
        let longest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| length(cell));
            cells.chain(self.head.get(column).map(|h| length(h))).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.head.len()).map(longest).collect();
        let Some(terminal) = terminal else { return widths };
        let room = terminal.saturating_sub(GAP * widths.len());
        let mut cap = widths.iter().copied().max().unwrap_or(0);
        while cap > NARROWEST && widths.iter().map(|&w| w.min(cap)).sum::<usize>() > room {
            cap -= 1;
        }
        for width in &mut widths {
            *width = (*width).min(cap);
        }
        widths
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text in lines of at most this width, broken between words, and within a word that is longer.
fn wrap(text: &str, width: usize) -> Vec<String> {
    if length(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        while let Some(line) = lines.last_mut() {
            let used = length(line);
            let gap = usize::from(used > 0);
            if used + gap + rest.len() <= width {
                line.push_str(&" ".repeat(gap));
                line.extend(rest);
                break;
            }
            if used > 0 {
                lines.push(String::new());
                continue;
            }
            line.extend(rest.drain(..width.max(1).min(rest.len())));
            lines.push(String::new());
            if rest.is_empty() {
                break;
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Columns {
        let mut columns = Columns::new(&["code", ">terms", "name"]);
        columns.row(["C1".to_owned(), "5".to_owned(), "Sex of the Individual Subject".to_owned()]);
        columns.row(["C22".to_owned(), "1204".to_owned(), "Unit".to_owned()]);
        columns
    }

    #[test]
    fn each_row_is_one_line_where_there_is_room() {
        let lines = sample().lines(None);
        assert_eq!(
            lines,
            ["  code  terms  name", "  C1        5  Sex of the Individual Subject", "  C22    1204  Unit"]
        );
    }

    #[test]
    fn a_narrow_terminal_wraps_the_widest_column_between_words() {
        let lines = sample().lines(Some(32));
        assert!(lines.iter().all(|l| length(l) <= 32), "{lines:?}");
        assert_eq!(lines[1..3], ["  C1        5  Sex of the", "               Individual"]);
    }

    #[test]
    fn a_word_longer_than_its_column_is_broken() {
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("a b", 0), ["a", "b"], "no width ends nothing");
    }
}
