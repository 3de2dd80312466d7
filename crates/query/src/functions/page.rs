//! The manual's page of functions.

use super::{Function, Use, all};

/// The functions as a page in Markdown: a table for each way of use.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Functions of croft's SQL\n\n\
         Null in, null out, unless the line says otherwise. Where there is no finite value (a division by zero, the \
         logarithm of zero, a result beyond the range of a double) the value is null. An argument that makes no sense at all \
         stops the statement with an error that names function and value.\n\n\
         `missing_reason(x)`, for a column of numbers that comes straight from a table, is null where x is there, else the letter of its \
         missing kind: `.`, `_` or A to Z. A column named `X__missing` in the result gives the kind of the number X in the same way.\n",
    );
    section(&mut page, "On the values of one row", |used| used == Use::Row);
    section(&mut page, "On the rows of a group (also over a window where marked)", |used| {
        matches!(used, Use::Group { .. })
    });
    section(&mut page, "Over a window only", |used| used == Use::Over);
    page
}

fn section(page: &mut String, title: &str, belongs: fn(Use) -> bool) {
    page.push_str(&format!("\n## {title}\n\n| function | gives | source |\n|---|---|---|\n"));
    for function in all().iter().filter(|f| belongs(f.used)) {
        page.push_str(&line(function));
    }
}

fn line(function: &Function) -> String {
    let window = if function.used == (Use::Group { over: true }) { " *(window)*" } else { "" };
    let cell = |text: &str| text.replace('|', "\\|");
    format!("| `{}`{window} | {} | {} |\n", function.signature(), cell(function.doc), cell(function.source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_line_for_each_function() {
        let page = markdown();
        for function in all() {
            assert!(page.contains(&format!("| `{}(", function.name)), "{}", function.name);
        }
    }
}
