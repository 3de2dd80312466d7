//! What is in a copy, and how is it proved that nothing in it changed?

use croft_report::html::escape;
use std::fmt::Write;

/// A file of the copy.
pub(super) struct Listed {
    pub path: String,
    /// What it holds, in a few words.
    pub about: String,
}

/// Files that belong together.
pub(super) struct Section {
    pub title: &'static str,
    pub about: String,
    pub files: Vec<Listed>,
}

/// The first page of a copy.
pub(super) struct Index {
    pub title: String,
    /// Labels and values: study, site, state.
    pub facts: Vec<(&'static str, String)>,
    pub sections: Vec<Section>,
}

/// How the data files are read.
pub(super) const DATA: &str = "One CSV file for each group of items, a line for each row. SUBJECT, VISIT, VISITREP, FORM, FORMREP and SEQ say where a \
    row stands; for each item X the column X holds its value, X__text what was entered, X__unit the unit, X__missing why there is no value. Rows voided \
    as entered by mistake are left out here; they are in the casebooks and in the history. SEALED stands where a value identifies a person and is kept apart. \
    UTF-8; an apostrophe before a field that a spreadsheet would take for a formula is no part of it.";

const CHECK: [(&str, &str); 3] = [
    ("Linux, and Windows with Git or WSL", "sha256sum -c SHA256SUMS"),
    ("macOS", "shasum -a 256 -c SHA256SUMS"),
    ("Windows alone, a file at a time, to be compared by eye", "certutil -hashfile FILE SHA256"),
];

const CHECK_WORDS: &str = "SHA256SUMS holds the SHA-256 of every other file. In this folder, the command says for each file whether it is as it was \
    written. That this copy was made, and the SHA-256 of SHA256SUMS itself, stands in the study's access log.";

const STYLE: &str = "body{font:16px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}\
    h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
    th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}\
    th{font-weight:600}td:first-child{white-space:nowrap}code{font-family:ui-monospace,monospace;font-size:.9em}";

impl Index {
    /// `index.html`: one file that runs no script and loads nothing.
    pub fn html(&self) -> String {
        let mut out = String::new();
        let title = escape(&self.title);
        out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.push_str(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
        );
        out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        let _ = writeln!(
            out,
            "<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<table>"
        );
        for (label, value) in &self.facts {
            let _ = writeln!(out, "<tr><th scope=\"row\">{label}</th><td>{}</td></tr>", escape(value));
        }
        out.push_str("</table>\n");
        for section in &self.sections {
            let _ = writeln!(out, "<h2>{}</h2>", section.title);
            let _ = writeln!(out, "<p>{}</p>", escape(&section.about));
            if section.files.is_empty() {
                out.push_str("<p>None.</p>\n");
                continue;
            }
            out.push_str("<table>\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\">What it holds</th></tr></thead>\n<tbody>\n");
            for file in &section.files {
                let (path, about) = (escape(&file.path), escape(&file.about));
                let href = address(&file.path);
                let _ = writeln!(out, "<tr><td><a href=\"{href}\">{path}</a></td><td>{about}</td></tr>");
            }
            out.push_str("</tbody>\n</table>\n");
        }
        let _ = writeln!(out, "<h2>How to check this copy</h2>\n<p>{}</p>\n<table>", escape(CHECK_WORDS));
        for (system, command) in CHECK {
            let _ = writeln!(out, "<tr><th scope=\"row\">{system}</th><td><code>{command}</code></td></tr>");
        }
        out.push_str("</table>\n</main>\n</body>\n</html>\n");
        out
    }

    /// `README.txt`: the same in plain text.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}\n\n", self.title, "=".repeat(self.title.chars().count()));
        for (label, value) in &self.facts {
            let _ = writeln!(out, "{label}: {value}");
        }
        for section in &self.sections {
            let _ = writeln!(
                out,
                "\n{}\n{}\n{}\n",
                section.title,
                "-".repeat(section.title.chars().count()),
                wrapped(&section.about)
            );
            for file in &section.files {
                let _ = writeln!(out, "  {}  {}", file.path, file.about);
            }
        }
        let _ = writeln!(out, "\nHow to check this copy\n----------------------\n{}\n", wrapped(CHECK_WORDS));
        for (system, command) in CHECK {
            let _ = writeln!(out, "  {system}:\n    {command}");
        }
        out
    }
}

/// Plain text in lines of at most 100 characters, as far as its words let it.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut line = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if line > 0 {
            out.push(if line + 1 + length > 100 { '\n' } else { ' ' });
            line = if line + 1 + length > 100 { 0 } else { line + 1 };
        }
        out.push_str(word);
        line += length;
    }
    out
}

/// A path as an address: what is not plain is given by its bytes.
fn address(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_shows_what_people_typed_as_text() {
        let index = Index {
            title: "A & B <script>".into(),
            facts: vec![("Study", "\"S1\"".into())],
            sections: vec![Section {
                title: "Data",
                about: DATA.into(),
                files: vec![Listed { path: "data/a b#.csv".into(), about: "<b>".into() }],
            }],
        };
        let html = index.html();
        assert!(html.contains("<h1>A &amp; B &lt;script&gt;</h1>") && !html.contains("<script"), "{html}");
        assert!(html.contains("href=\"data/a%20b%23.csv\"") && html.contains("<td>&lt;b&gt;</td>"), "{html}");
        let text = index.text();
        assert!(text.contains("data/a b#.csv  <b>") && text.contains("sha256sum -c SHA256SUMS"), "{text}");
    }
}
