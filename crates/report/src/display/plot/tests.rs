use crate::block::{Body, CellSource, Display};
use crate::display::{self, Inputs};
use crate::figure::svg;
use crate::select::tests::result;
use croft_core::{AnalysisResult, Cell, Dataset, Variable};
use std::collections::BTreeMap;

fn datasets() -> BTreeMap<String, Dataset> {
    let mut conc = Dataset::new(
        "ADPC",
        "",
        vec![Variable::char("SUBJ", ""), Variable::char("TRT", ""), Variable::num("T", ""), Variable::num("C", "")],
    );
    let mut parameters = Dataset::new(
        "ADPP",
        "",
        vec![Variable::char("SUBJ", ""), Variable::char("TRT", ""), Variable::char("CODE", ""), Variable::num("V", "")],
    );
    for subject in ["1", "2", "3", "4", "5"] {
        for treatment in ["T", "R"] {
            for (time, value) in [(0.0, 0.0), (1.0, 80.0), (2.0, 40.0), (3.0, 20.0)] {
                conc.push_row([Cell::Text(subject), Cell::Text(treatment), Cell::Num(time), Cell::Num(value)]);
            }
            for (code, value) in [("LAMZ", 0.693), ("CLSTP", 20.0), ("TLST", 3.0), ("LAMZLL", 1.0), ("LAMZUL", 3.0)] {
                parameters.push_row([Cell::Text(subject), Cell::Text(treatment), Cell::Text(code), Cell::Num(value)]);
            }
        }
    }
    BTreeMap::from([("ADPC".to_owned(), conc), ("ADPP".to_owned(), parameters)])
}

fn render(text: &str, results: &[AnalysisResult]) -> Result<Display, display::DisplayError> {
    let datasets = datasets();
    let inputs = Inputs { results, datasets: &datasets, variables: &BTreeMap::new() };
    display::parse("figure", &format!("type = \"figure\"\ntitle = \"F\"\n{text}"))?.render(&inputs)
}

fn pictures(display: &Display) -> Vec<String> {
    match &display.body {
        Body::Figures { figures, .. } => figures.iter().map(|f| svg::write(f, "f")).collect(),
        Body::Table(_) => Vec::new(),
    }
}

const PROFILES: &str =
    "dataset = \"ADPC\"\nsubject = \"SUBJ\"\ntime = \"T\"\nvalue = \"C\"\nby = \"TRT\"\nlabels = { T = \"Test\" }\n";

#[test]
fn individual_profiles_take_a_page_for_four_subjects_and_keep_their_rows() {
    let display = render(&format!("plot = \"profile-individual\"\n{PROFILES}"), &[]).unwrap();
    let pages = pictures(&display);
    assert_eq!(pages.len(), 2);
    assert!(pages[0].contains("Subject 4") && pages[1].contains("Subject 5") && pages[0].contains(">Test<"));
    let table = display.table();
    assert_eq!(table.rows.len(), 40);
    let found = table.find("2, Test, 1/Value").unwrap();
    assert!(matches!(&found.cell.sources[..], [CellSource::Row { row: 9, .. }]), "{:?}", found.cell.sources);
}

#[test]
fn a_zero_is_drawn_on_the_linear_scale_only() {
    let marks = |scale: &str| {
        let text = format!("plot = \"profile-individual\"\nscale = \"{scale}\"\n{PROFILES}");
        pictures(&render(&text, &[]).unwrap()).concat().matches("<circle").count()
    };
    // Five subjects with four values after one treatment, drawn as circles; keys add one each for two panels a page.
    assert_eq!(marks("linear") - marks("semi-log"), 5);
}

#[test]
fn mean_profiles_show_spread_and_refuse_levels_that_are_no_times() {
    let mut results = Vec::new();
    for (time, mean) in [("0", 0.0), ("1", 80.0), ("2", 40.0)] {
        for treatment in ["T", "R"] {
            let groups = [("TRT", treatment), ("TIME", time)];
            results.push(result("C", "MEAN", &groups, mean));
            results.push(result("C", "SD", &groups, 10.0));
        }
    }
    let text = "plot = \"profile-mean\"\ntime = \"TIME\"\nby = \"TRT\"\ncenter = \"MEAN\"\nspread = \"SD\"\n";
    let display = render(text, &results).unwrap();
    assert_eq!(pictures(&display).len(), 1);
    assert_eq!(display.table().find("T, 1/MEAN").unwrap().cell.words(), "80");
    let error = render(&text.replace("\"TIME\"", "\"TRT\""), &results).unwrap_err().to_string();
    assert!(error.contains("is no number"), "{error}");
}

#[test]
fn a_forest_plot_writes_its_limits_and_numbers() {
    let results: Vec<_> = [("PE", 98.125), ("LO", 92.5), ("HI", 104.0)]
        .into_iter()
        .map(|(statistic, value)| result("CMAX", statistic, &[], value))
        .collect();
    let text = "plot = \"forest\"\nestimate = \"PE\"\nlower = \"LO\"\nupper = \"HI\"\nlimits = [80, 125]\nrows = [{ label = \"C~max~\" }]\n";
    let picture = pictures(&render(text, &results).unwrap()).concat();
    for words in [">98.13 (92.50–104.00)<", ">80<", ">125<", ">max<", "stroke-dasharray", "Limits 80 and 125"] {
        assert!(picture.contains(words), "{words} in {picture}");
    }
    let error = render(&text.replace("\"HI\"", "\"XX\""), &results).unwrap_err().to_string();
    assert!(error.contains("no result has") && error.contains("statistic = XX"), "{error}");
}

#[test]
fn terminal_slopes_fill_the_points_used_and_draw_the_line() {
    let text = format!(
        "plot = \"lambda-z\"\ncaption = \"λz {{LAMZ:3s}}\"\n{PROFILES}[parameters]\ndataset = \"ADPP\"\ncode = \"CODE\"\nvalue = \"V\"\nslope = \"LAMZ\"\nthrough-value = \"CLSTP\"\nthrough-time = \"TLST\"\nlower = \"LAMZLL\"\nupper = \"LAMZUL\"\n"
    );
    let pages = pictures(&render(&text, &[]).unwrap());
    assert_eq!(pages.len(), 2);
    assert!(pages[0].contains("λz 0.693") && pages[0].contains("1, Test"));
    // Three points of each of eight profiles on the first page are filled.
    assert_eq!(pages[0].matches("fill=\"#0072b2\" stroke").count(), 24);
}

#[test]
fn an_unknown_plot_names_those_there_are() {
    let error = render("plot = \"pie\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("`pie` is none of profile-individual"), "{error}");
}
