use super::*;
use crate::block::{CellSource, RowKind, Table, plain};
use crate::select::tests::result;
use croft_core::{Cell, Missing, StatValue, Variable};

const TABLE: &str = r#"
type = "table"
title = "Parameters"
stub = "Parameter"
results = { analysis = "pk" }
decimals = { CMAX = 1 }
[columns]
by = "TRTA"
order = ["T", "R"]
labels = { T = "Test", R = "Reference" }
span = "Treatment"
[rows]
by = "parameter"
labels = { CMAX = "C~max~ (ng/mL)" }
lines = [{ label = "n", cell = "{N}" }, { label = "Mean (SD)", cell = "{MEAN:+1} ({SD:+1})" }]
"#;

fn results() -> Vec<AnalysisResult> {
    let mut out = Vec::new();
    for (parameter, scale) in [("CMAX", 1.0), ("TMAX", 0.1)] {
        for (treatment, mean) in [("R", 10.125), ("T", 12.345)] {
            let groups = [("TRTA", treatment)];
            out.push(result(parameter, "N", &groups, 2.0));
            out.push(result(parameter, "MEAN", &groups, mean * scale));
            out.push(result(parameter, "SD", &groups, 1.5 * scale));
        }
    }
    out
}

fn text_form(table: &Table) -> String {
    let mut out = String::new();
    for row in &table.head {
        let cells: Vec<String> = row.iter().map(|c| format!("{}×{}", plain(&c.content), c.span)).collect();
        out += &format!("{}\n", cells.join(" | "));
    }
    for row in &table.rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|c| format!("{}{}", c.words(), c.mark.map(|m| format!("^{m}")).unwrap_or_default()))
            .collect();
        let kind = match row.kind {
            RowKind::Group => "#",
            RowKind::Start => "+",
            RowKind::Data => "-",
        };
        out += &format!("{kind}{} {}\n", row.indent, cells.join(" | "));
    }
    out
}

fn render(text: &str, results: &[AnalysisResult]) -> Result<block::Display, DisplayError> {
    let datasets = BTreeMap::from([("ADPC".to_owned(), concentrations())]);
    let variables = BTreeMap::new();
    parse("pk", text)?.render(&Inputs { results, datasets: &datasets, variables: &variables })
}

fn concentrations() -> Dataset {
    let mut data = Dataset::new(
        "ADPC",
        "Concentrations",
        vec![Variable::char("USUBJID", "Subject"), Variable::num("ATPTN", "Time (h)"), Variable::num("AVAL", "")],
    );
    let below = Cell::MissingNum(Missing::from_letter('B').unwrap());
    for (subject, time, value) in [
        ("02", 1.0, Cell::Num(4.25)),
        ("01", 1.0, Cell::Num(0.125)),
        ("01", 0.0, below),
        ("01", 2.0, Cell::MissingNum(Missing::ORDINARY)),
    ] {
        data.push_row([Cell::Text(subject), Cell::Num(time), value]);
    }
    data
}

#[test]
fn a_table_is_laid_out_by_groups_and_parameters() {
    let mut results = results();
    results[11].value = StatValue::NotCalculable("NC: fewer than 2 values".into());
    let display = render(TABLE, &results).unwrap();
    assert_eq!(
        text_form(display.table()),
        "×1 | Treatment×2\n\
         Parameter×1 | Test×1 | Reference×1\n\
         #0 Cmax (ng/mL)\n\
         -1 n | 2 | 2\n\
         -1 Mean (SD) | 12.35 (1.50) | 10.13 (1.50)\n\
         #0 TMAX\n\
         -1 n | 2 | 2\n\
         -1 Mean (SD) | 1.2 (NC)^a | 1.0 (0.2)\n"
    );
    let notes: Vec<String> = display.footnotes.iter().map(|n| plain(n)).collect();
    assert_eq!(notes, ["NC: not calculable.", "a\u{a0}Fewer than 2 values."]);
    let found = display.table().find("Cmax (ng/mL): Mean (SD)/Test").unwrap();
    assert_eq!(found.cell.sources, [CellSource::Result(4), CellSource::Result(5)]);
}

#[test]
fn a_listing_is_sorted_and_says_why_a_value_is_missing() {
    let listing = r#"
type = "listing"
title = "Concentrations"
dataset = "ADPC"
where = { USUBJID = "01" }
sort = ["USUBJID", "ATPTN"]
missing = { B = "BLQ" }
[[column]]
variable = "USUBJID"
group = true
[[column]]
variable = "ATPTN"
[[column]]
variable = "AVAL"
label = "C (ng/mL)"
format = ".2"
"#;
    let display = render(listing, &[]).unwrap();
    assert_eq!(
        text_form(display.table()),
        "Subject×1 | Time (h)×1 | C (ng/mL)×1\n+0 01 | 0 | BLQ\n-0 01 | 1 | 0.13\n-0 01 | 2 | \n"
    );
    let found = display.table().find("01 2/C (ng/mL)").unwrap();
    assert_eq!(found.cell.words(), "0.13");
}

#[test]
fn errors_name_the_file_the_key_and_the_remedy() {
    let results = results();
    let error = |from: &str, to: &str| {
        let text = TABLE.replace(from, to);
        assert_ne!(text, TABLE);
        let error = render(&text, &results).unwrap_err();
        assert!(!error.hint().is_empty());
        error.to_string()
    };
    assert!(error("title", "titel").contains("display/pk.toml: unknown field `titel`"));
    assert!(error("{N}", "{NN}").contains("row 1, column 1: there is no statistic `NN` (there are: N, MEAN, SD)"));
    assert!(error("\"T\", \"R\"", "\"T\", \"X\"").contains("there is no level `X` (there are: R, T)"));
    assert!(error("analysis = \"pk\"", "analysis = \"pq\"").contains("results: no result has analysis = pq"));
    assert!(error("by = \"TRTA\"", "by = \"TRTP\"").contains("no result has a group `TRTP`"));
    assert!(error("{N}", "{N").contains("has no `}`"));
    assert!(error("type = \"table\"", "type = \"tabel\"").contains("a display is a table, listing or figure"));
    let doubled: Vec<_> =
        results.iter().cloned().chain([result("CMAX", "N", &[("TRTA", "T"), ("SEX", "F")], 1.0)]).collect();
    let several = render(TABLE, &doubled).unwrap_err().to_string();
    assert!(several.contains("2 results fit") && several.contains("differ in SEX"), "{several}");
    assert!(render("type = 1", &results).is_err());
    assert!(render("= 1", &results).unwrap_err().to_string().contains("TOML parse error"));
}
