//! How is a default statement written? The same heading and form as a file of `tabulate/`, so that it can be printed, saved there and changed.

pub mod demographics;
pub mod design;
pub mod elements;
pub mod exposure;
pub mod findings;
pub mod general;
pub mod related;
pub mod visits;

use super::dictionary::{Dictionary, DomainVariable};
use super::express::null;
use super::records::Record;
use croft_cdisc::model;
use croft_design::definition::{Definition, VisitKind};
use croft_design::forms::Form;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What all statements of a study know.
pub struct Study<'a> {
    /// The guide.
    pub dictionary: Dictionary,
    /// `study.toml`
    pub definition: &'a Definition,
    /// Every kind of record.
    pub records: Vec<Record<'a>>,
    /// Kept tables by name, with their columns: whether each is a number.
    pub kept: BTreeMap<String, BTreeMap<String, bool>>,
    /// How a record's epoch is found.
    pub epochs: Epochs,
    /// Columns of a DM that a file makes or that was received; `None`: DM is made by default and has every reference date.
    pub subjects: Option<&'a BTreeSet<String>>,
    /// Whether the table of allocations holds arms.
    pub coded: bool,
}

/// How a record's epoch is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Epochs {
    /// From the dataset SE, by date.
    Elements,
    /// From the dates of DM: before, under and after treatment. Where the arm is not in the record, the elements of treatment are not known.
    Dates {
        /// Before the first dose.
        before: String,
        /// From the first to the last dose.
        under: String,
        /// After it.
        after: Option<String>,
    },
    /// Not at all.
    Unknown,
}

/// A statement in the making.
pub struct Draft {
    /// The dataset.
    pub dataset: String,
    /// Variables that name a row.
    pub keys: Vec<String>,
    /// The variable that numbers the rows.
    pub sequence: Option<String>,
    /// How variables are derived, in words.
    pub methods: Vec<(String, String)>,
    /// Steps before the select: name and query.
    pub steps: Vec<(String, String)>,
    /// What each variable is.
    pub columns: BTreeMap<String, String>,
    /// `from …` and what follows.
    pub from: String,
}

impl Draft {
    /// A draft of this dataset, identified by study, domain and subject.
    pub fn of_subjects(dataset: &str) -> Self {
        let mut draft = Self::new(dataset);
        draft.set("STUDYID", "m.STUDYID");
        draft.set("DOMAIN", &format!("'{dataset}'"));
        draft.set("USUBJID", "m.USUBJID");
        draft.keys = vec!["STUDYID".to_owned(), "USUBJID".to_owned()];
        draft
    }

    /// An empty draft.
    pub fn new(dataset: &str) -> Self {
        Self {
            dataset: dataset.to_owned(),
            keys: Vec::new(),
            sequence: None,
            methods: Vec::new(),
            steps: Vec::new(),
            columns: BTreeMap::new(),
            from: String::new(),
        }
    }

    /// Says what a variable is.
    pub fn set(&mut self, variable: &str, expression: &str) {
        self.columns.insert(variable.to_owned(), expression.to_owned());
    }

    /// Says how a variable is derived.
    pub fn method(&mut self, variable: &str, words: &str) {
        self.methods.retain(|(of, _)| of != variable);
        self.methods.push((variable.to_owned(), words.to_owned()));
    }

    /// Adds `--SEQ`, which croft numbers.
    pub fn number(&mut self) {
        let name = format!("{}SEQ", self.dataset.get(..2).unwrap_or_default());
        self.set(&name, "0");
        self.sequence = Some(name);
    }

    /// The text. Variables stand in the order of the model; those that the guide asks for and nothing fills are null.
    pub fn text(mut self, dictionary: &Dictionary) -> String {
        let own = self.dataset.clone();
        let known = if own.starts_with("SUPP") { "SUPPQUAL" } else { own.as_str() };
        let guide = dictionary.guide.known(known);
        for variable in guide.iter().flat_map(|d| &d.variables).filter(|v| matches!(v.core, "Req" | "Exp")) {
            if !self.columns.contains_key(variable.name)
                && let Some(found) = dictionary.variable(known, variable.name)
            {
                self.set(variable.name, null(&found));
                self.set_day_of(variable.name, dictionary, known);
            }
        }
        let order = dictionary.order(known);
        self.keys.retain(|key| self.columns.contains_key(key));
        let mut text = self.heading(dictionary, known);
        for (i, (name, query)) in self.steps.iter().enumerate() {
            let lead = if i == 0 { "with " } else { ",\n" };
            let _ = write!(text, "{lead}{name} as (\n{}\n)", indented(query));
        }
        if !self.steps.is_empty() {
            text.push('\n');
        }
        text.push_str("select\n");
        let columns: Vec<String> =
            order.iter().filter_map(|name| Some(format!("  {} as {name}", self.columns.get(name)?))).collect();
        text.push_str(&columns.join(",\n"));
        let _ = writeln!(text, "\n{}", self.from);
        text
    }

    /// A date of an observation has its study day beside it, also where both are empty.
    fn set_day_of(&mut self, dtc: &str, dictionary: &Dictionary, domain: &str) {
        let day = dtc.strip_suffix("DTC").map(|stem| format!("{stem}DY"));
        if let Some(variable) = day.and_then(|day| dictionary.variable(domain, &day))
            && dictionary.is_general(domain)
        {
            self.columns.entry(variable.name.clone()).or_insert_with(|| null(&variable).to_owned());
        }
    }

    fn heading(&self, dictionary: &Dictionary, known: &str) -> String {
        let guide = dictionary.guide.known(known);
        let mut text = String::new();
        let label = guide.map_or("", |d| d.label).replace("[domain name]", self.dataset.trim_start_matches("SUPP"));
        let _ = writeln!(text, "-- dataset: {}, {label}", self.dataset);
        let standard = model::dataset(&self.dataset);
        if let Some(dataset) = guide.filter(|_| standard.is_none()) {
            let _ = writeln!(text, "-- class: {}", dataset.class.map_or("", |c| c.name()));
            let _ = writeln!(text, "-- structure: {}", dataset.structure);
        }
        let _ = writeln!(text, "-- keys: {}", self.keys.join(", "));
        if let Some(sequence) = &self.sequence {
            let _ = writeln!(text, "-- sequence: {sequence} within USUBJID");
        }
        for name in dictionary.order(known).iter().filter(|name| self.columns.contains_key(*name)) {
            // What is known without a heading is the newest SDTM guide's.
            if let Some(variable) = dictionary.variable(known, name)
                && model::variable(&self.dataset, name).is_none_or(|model| model.label != variable.label)
            {
                let _ = writeln!(text, "-- variable: {name}, {}, {}", variable.label, data_type(&variable));
            }
        }
        for (variable, words) in self.methods.iter().filter(|(v, _)| self.columns.contains_key(v)) {
            let _ = writeln!(text, "-- method {variable}: {words}");
        }
        text
    }
}

/// The type in the words of a heading.
fn data_type(variable: &DomainVariable) -> &'static str {
    let ends = |with: &[&str]| with.iter().any(|w| variable.name.ends_with(w));
    match variable.numeric {
        true if ends(&["SEQ", "DY", "ORD"]) => "integer",
        true => "float",
        false if ends(&["DTC"]) => "datetime",
        false => "text",
    }
}

fn indented(query: &str) -> String {
    query.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

impl Study<'_> {
    /// The kinds of records of a domain.
    pub fn of(&self, domain: &str) -> Vec<&Record<'_>> {
        self.records.iter().filter(|r| r.domain == domain).collect()
    }

    /// The variable of a domain; a name that the guide does not know is a text, which a test would tell.
    pub fn variable(&self, domain: &str, name: &str) -> DomainVariable {
        self.dictionary.variable(domain, name).unwrap_or(DomainVariable {
            name: name.to_owned(),
            label: "",
            numeric: false,
            core: "",
            codelists: &[],
        })
    }

    /// Whether the guide or its model has the variable.
    pub fn has(&self, domain: &str, name: &str) -> bool {
        self.dictionary.variable(domain, name).is_some()
    }

    /// Codes of the visits of this kind.
    fn visits(&self, wanted: impl Fn(&croft_design::definition::Visit) -> bool) -> BTreeSet<&str> {
        self.definition.visits.iter().filter(|v| wanted(v)).map(|v| v.code.as_str()).collect()
    }

    /// Adds `VISITNUM`, `VISIT` and `VISITDY` from the table of visits, joined as `v`; `row` is the record. An unscheduled visit, or the second of one that can
    /// be repeated, has a number between the visits. Nonclinical studies have days for visits: `VISITDY`, and the nominal day `--NOMDY`.
    pub fn visit_columns(&self, draft: &mut Draft, row: &str, forms: &[&Form]) {
        let at =
            |visits: &BTreeSet<&str>| forms.iter().any(|f| f.visits.iter().any(|code| visits.contains(code.as_str())));
        let list =
            |codes: &BTreeSet<&str>| codes.iter().map(|c| super::express::quoted(c)).collect::<Vec<_>>().join(", ");
        let (mut numbers, mut names, mut days) = (String::new(), String::new(), String::new());
        let common = self.visits(|v| v.kind == VisitKind::Common);
        if at(&common) {
            let when = format!(" when {row}.VISIT in ({}) then null", list(&common));
            [&mut numbers, &mut names, &mut days].into_iter().for_each(|whens| whens.push_str(&when));
        }
        let unscheduled = self.visits(|v| v.kind == VisitKind::Unscheduled);
        let again = self.visits(|v| v.kind == VisitKind::Scheduled && v.repeating);
        for (codes, condition, part) in [
            (unscheduled, String::new(), format!("{row}.VISITREP / 100")),
            (again, format!(" and {row}.VISITREP > 1"), format!("({row}.VISITREP - 1) / 100")),
        ] {
            if !at(&codes) {
                continue;
            }
            let when = format!(" when {row}.VISIT in ({}){condition} then ", list(&codes));
            let _ = write!(numbers, "{when}v.NUMBER + {part}");
            let _ = write!(names, "{when}v.NAME || ' ' || text(v.NUMBER + {part})");
            let _ = write!(days, "{when}null");
            let words = "The number of the visit; of an unscheduled visit, or of one that took place again, with which of them it is after the point";
            draft.method("VISITNUM", words);
        }
        let or = |whens: &str, column: &str| match whens {
            "" => column.to_owned(),
            whens => format!("case{whens} else {column} end"),
        };
        let nominal = format!("{}NOMDY", draft.dataset);
        let columns = if self.dictionary.is_send() {
            vec![("VISITDY", &days, "v.DAY"), (nominal.as_str(), &days, "v.DAY")]
        } else {
            vec![("VISITNUM", &numbers, "v.NUMBER"), ("VISIT", &names, "v.NAME"), ("VISITDY", &days, "v.DAY")]
        };
        // The guide of nonclinical studies names the domains that have days.
        let guide = self.dictionary.guide.dataset(&draft.dataset).filter(|_| self.dictionary.is_send());
        for (name, whens, column) in columns {
            if guide.map_or_else(|| self.has(&draft.dataset, name), |of| of.variable(name).is_some()) {
                draft.set(name, &or(whens, column));
            }
        }
    }

    /// Whether DM has a reference date. Nothing is said by a date that it lacks: no study day, no epoch, no baseline.
    pub fn dated(&self, reference: &str) -> bool {
        self.subjects.map_or_else(|| self.has("DM", reference), |columns| columns.contains(reference))
    }

    /// Adds `EPOCH` by the date `dtc`, and gives what must be joined for it.
    pub fn epoch(&self, draft: &mut Draft, dtc: &str) -> String {
        if !self.has(&draft.dataset, "EPOCH") {
            return String::new();
        }
        match &self.epochs {
            Epochs::Unknown => String::new(),
            Epochs::Elements => {
                draft.set("EPOCH", "e.EPOCH");
                draft.method("EPOCH", "The epoch of the element (SE) in which the date lies");
                format!(
                    "\nleft join SE as e on e.USUBJID = m.USUBJID and in_element({dtc}, e.SESTDTC, e.SEENDTC, m.RFPENDTC)"
                )
            }
            Epochs::Dates { before, under, after } => {
                let mut whens = format!(
                    " when in_element({dtc}, m.RFICDTC, coalesce(m.RFXSTDTC, m.RFPENDTC), m.RFPENDTC) then '{before}'"
                );
                let over = elements::day_after("m.RFXENDTC");
                let end = if after.is_some() { over.as_str() } else { "m.RFPENDTC" };
                let _ = write!(whens, "\n    when in_element({dtc}, m.RFXSTDTC, {end}, m.RFPENDTC) then '{under}'");
                if let Some(after) = after {
                    let _ =
                        write!(whens, "\n    when in_element({dtc}, {over}, m.RFPENDTC, m.RFPENDTC) then '{after}'");
                }
                draft.set("EPOCH", &format!("case{whens}\n  end"));
                draft.method("EPOCH", "Before, under or after treatment, by the date and the reference dates of DM");
                String::new()
            }
        }
    }

    /// The number of a record on its form, unique for a subject: the parts of its address that can vary.
    pub fn line(&self, record: &Record<'_>, alias: &str) -> String {
        let form = record.form;
        let repeats = self.visits(|v| v.repeating || v.kind == VisitKind::Unscheduled);
        let mut parts = vec![super::express::quoted(&form.form)];
        let groups: BTreeSet<&str> = self
            .records
            .iter()
            .filter(|r| r.domain == record.domain && r.form.form == form.form)
            .map(|r| r.group.name.as_str())
            .collect();
        if groups.len() > 1 {
            parts = vec![super::express::quoted(&record.group.name)];
        }
        if form.visits.len() > 1 || form.each_period {
            parts.push(format!("{alias}.VISIT"));
        }
        if form.visits.iter().any(|code| repeats.contains(code.as_str())) {
            parts.push(format!("text({alias}.VISITREP)"));
        }
        if form.repeating {
            parts.push(format!("text({alias}.FORMREP)"));
        }
        if record.group.repeating {
            parts.push(format!("text({alias}.SEQ)"));
        }
        parts.join(" || '-' || ")
    }

    /// Whether a domain's records bear `--SPID`: where the rest does not tell two of a subject apart, or others refer to them.
    pub fn has_lines(&self, domain: &str) -> bool {
        let findings = self.dictionary.is_findings(domain);
        let common = self.visits(|v| v.kind == VisitKind::Common);
        let records = self.of(domain);
        let several = |r: &&Record<'_>| {
            let visits = r.form.visits.len() > 1 || r.form.each_period;
            let at_no_visit = r.form.visits.iter().any(|code| common.contains(code.as_str()));
            r.group.repeating || r.form.repeating || if findings { at_no_visit && visits } else { visits }
        };
        let referred = self.records.iter().any(|r| r.related.iter().any(|(to, _)| to == domain));
        let refers = |r: &&Record<'_>| !(r.qualifiers.is_empty() && r.related.is_empty() && r.comments.is_empty());
        referred || records.iter().any(|r| several(r) || refers(r)) || twice(&records)
    }
}

/// Whether two kinds of records could give one subject records that nothing else tells apart.
fn twice(records: &[&Record<'_>]) -> bool {
    let mut seen = BTreeSet::new();
    let topics = records.iter().map(|r| {
        let test = r.constants.get(&r.name("TESTCD")).or_else(|| r.constants.get(&r.name("DECOD")));
        (test.or_else(|| r.constants.get(&r.name("TERM"))), r.constants.iter().collect::<Vec<_>>())
    });
    !topics.into_iter().all(|topic| seen.insert(topic))
}
