//! Do the tables of the standards agree with the CDISC Library's metadata?

use crate::folder;
use croft_cdisc::library::{Class, Dataset, Library, Variable};
use std::collections::BTreeMap;
use std::path::Path;

type Row = BTreeMap<String, String>;

fn rows(root: &Path, name: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = croft_testkit::csv_rows(root.join(format!("{name}.csv")));
    for cell in rows.iter_mut().flat_map(BTreeMap::values_mut) {
        *cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    rows
}

/// Whether the variable is the row; columns that the file lacks are empty.
fn assert_same(variable: &Variable, row: &Row, place: &str) {
    let cell = |column: &str| row.get(column).map(String::as_str).unwrap_or_default();
    let got = [
        variable.name,
        variable.label,
        variable.simple_type,
        variable.role,
        variable.core,
        &variable.codelists.join(" "),
        variable.described_value_domain,
        variable.set,
    ];
    let columns = ["name", "label", "type", "role", "core", "codelist_codes", "described_value_domain", "variable_set"];
    assert_eq!(got, columns.map(cell), "{place}");
}

/// The variables of each dataset, in order, against the rows that name it.
fn check(datasets: &[Dataset], rows: &[Row], column: &str) -> usize {
    let mut checked = 0;
    for dataset in datasets {
        let of_it: Vec<&Row> = rows.iter().filter(|row| row[column] == dataset.name).collect();
        assert_eq!(dataset.variables.len(), of_it.len(), "{}", dataset.name);
        for (variable, row) in dataset.variables.iter().zip(of_it) {
            assert_same(variable, row, dataset.name);
            checked += 1;
        }
    }
    checked
}

#[test]
fn guides_and_structures_agree_with_the_cdisc_library() {
    let Some(root) = folder("library") else { return };
    let mut checked = 0;
    for (product, version) in Library::all() {
        let standard = Library::of(product, version).unwrap();
        let name = format!("{product}-{}", version.replace('.', "-"));
        let variables = rows(&root, &format!("{name}-variables"));
        let analysis = standard.model.is_none();
        let seen = check(&standard.datasets, &variables, if analysis { "data_structure" } else { "dataset" });
        assert_eq!(seen, variables.len(), "{name}: every row has its variable");
        checked += seen;
        if analysis {
            continue;
        }
        let datasets = rows(&root, &format!("{name}-datasets"));
        assert_eq!(standard.datasets.len(), datasets.len(), "{name}");
        for (dataset, row) in standard.datasets.iter().zip(&datasets) {
            let got = [dataset.name, dataset.label, dataset.structure];
            assert_eq!(got, ["dataset", "label", "structure"].map(|c| row[c].as_str()), "{name}");
            assert_eq!(dataset.class, Class::named(&row["class"]), "{name} {}", dataset.name);
        }
    }
    croft_testkit::assert_checked("variables of guides and structures", checked, 8303);
}

#[test]
fn models_agree_with_the_cdisc_library() {
    let Some(root) = folder("library") else { return };
    let mut checked = 0;
    for version in ["1.4", "1.5", "1.7", "2.0"] {
        let model = Library::model(version).unwrap();
        let variables = rows(&root, &format!("sdtm-model-{}-variables", version.replace('.', "-")));
        for (class, got) in [
            ("General Observations", &model.general),
            ("Interventions", &model.interventions),
            ("Events", &model.events),
            ("Findings", &model.findings),
            ("Findings About", &model.findings_about),
            ("Associated Persons", &model.associated_persons),
        ] {
            let of_it: Vec<&Row> = variables.iter().filter(|row| row["class_or_dataset"] == class).collect();
            assert_eq!(got.len(), of_it.len(), "{version} {class}");
            for (variable, row) in got.iter().zip(of_it) {
                assert_same(variable, row, class);
                checked += 1;
            }
        }
        checked += check(&model.datasets, &variables, "class_or_dataset");
    }
    croft_testkit::assert_checked("variables of models", checked, 339 + 373 + 433 + 527);
}
