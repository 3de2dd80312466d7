//! What does a protocol document begin with? Sections in the order of ICH M11, with what the study says put in by name, and what is for its author marked.
//!
//! Numbers and titles of sections: ICH M11 template, updated step 2 draft of 14 March 2025. Titles are facts; none of the template's prose is here. The study's
//! facts are not copied: the document names them (`{{study.objectives}}`, see [`super::words`]), so that it says what `study.toml` says when it is made.

use super::words::escape;
use crate::definition::Definition;
use std::fmt::Write;

/// A document to begin with.
pub(crate) struct Draft {
    /// Markdown.
    pub(crate) text: String,
    /// Sections that nothing in the study says: `2.1 Purpose of Trial`.
    pub(crate) gaps: Vec<String>,
}

/// What stands in a section.
enum Says {
    /// Nothing of its own: sections follow.
    Head,
    /// For its author.
    Author,
    /// The schedule of activities, where there is one.
    Schedule,
    /// This, where the study says it.
    Study(&'static str, fn(&Definition) -> bool),
}

use Says::{Author, Head, Schedule, Study};

fn has_rationale(d: &Definition) -> bool {
    !d.study.rationale.is_empty()
}

fn has_level(d: &Definition, level: croft_design::protocol::Level) -> bool {
    d.objectives.iter().any(|o| o.level == level)
}

fn has_criterion(d: &Definition, category: &str) -> bool {
    d.criteria.iter().any(|c| c.category.eq_ignore_ascii_case(category))
}

fn fact<'a>(d: &'a Definition, code: &str) -> Option<&'a str> {
    d.facts.iter().find(|f| f.code == code).and_then(|f| f.value.as_deref())
}

/// Sections with their numbers.
const SECTIONS: &[(&str, &str, Says)] = &[
    ("1", "Protocol Summary", Head),
    ("1.1", "Protocol Synopsis", Head),
    (
        "1.1.1",
        "Primary and Secondary Objectives and Estimands",
        Study("{{study.objectives}}", |d| !d.objectives.is_empty()),
    ),
    ("1.1.2", "Overall Design", Study("{{study.facts}}", |d| !d.facts.is_empty())),
    ("1.2", "Trial Schema", Study("{{study.design}}", |d| !d.cells.is_empty())),
    ("1.3", "Schedule of Activities", Schedule),
    ("2", "Introduction", Head),
    ("2.1", "Purpose of Trial", Author),
    ("2.2", "Assessment of Risks and Benefits", Head),
    ("2.2.1", "Risk Summary and Mitigation Strategy", Author),
    ("2.2.2", "Benefit Summary", Author),
    ("2.2.3", "Overall Risk-Benefit Assessment", Author),
    ("3", "Trial Objectives and Associated Estimands", Head),
    (
        "3.1",
        "Primary Objective(s) and Associated Estimand(s)",
        Study("{{study.objectives.primary}}\n\n{{study.estimands}}", |d| {
            has_level(d, croft_design::protocol::Level::Primary)
        }),
    ),
    (
        "3.2",
        "Secondary Objective(s) and Associated Estimand(s)",
        Study("{{study.objectives.secondary}}", |d| has_level(d, croft_design::protocol::Level::Secondary)),
    ),
    (
        "3.3",
        "Exploratory Objective(s)",
        Study("{{study.objectives.exploratory}}", |d| has_level(d, croft_design::protocol::Level::Exploratory)),
    ),
    ("4", "Trial Design", Head),
    ("4.1", "Description of Trial Design", Study("{{study.visits}}", |d| !d.visits.is_empty())),
    ("4.1.1", "Stakeholder Input into Design", Author),
    ("4.2", "Rationale for Trial Design", Study("{{study.rationale}}", has_rationale)),
    ("4.2.1", "Rationale for Estimand(s)", Author),
    ("4.2.2", "Rationale for Intervention Model", Author),
    ("4.2.3", "Rationale for Control Type", Author),
    ("4.2.4", "Rationale for Trial Duration", Author),
    ("4.2.5", "Rationale for Adaptive or Novel Trial Design", Author),
    ("4.2.6", "Rationale for Interim Analysis", Author),
    ("4.2.7", "Rationale for Other Trial Design Aspects", Author),
    ("4.3", "Trial Stopping Rules", Author),
    ("4.4", "Start of Trial and End of Trial", Author),
    ("4.5", "Access to Trial Intervention After End of Trial", Author),
    ("5", "Trial Population", Head),
    ("5.1", "Description of Trial Population and Rationale", Author),
    ("5.2", "Inclusion Criteria", Study("{{study.inclusion}}", |d| has_criterion(d, "INCLUSION"))),
    ("5.3", "Exclusion Criteria", Study("{{study.exclusion}}", |d| has_criterion(d, "EXCLUSION"))),
    ("5.4", "Contraception", Author),
    ("5.5", "Lifestyle Restrictions", Author),
    ("5.6", "Screen Failure and Rescreening", Author),
    ("6", "Trial Intervention and Concomitant Therapy", Study("{{study.treatments}}", |d| !d.treatments.is_empty())),
    ("6.1", "Description of Investigational Trial Intervention", Author),
    ("6.2", "Rationale for Investigational Trial Intervention Dose and Regimen", Author),
    ("6.3", "Investigational Trial Intervention Administration", Author),
    ("6.4", "Investigational Trial Intervention Dose Modification", Author),
    ("6.5", "Management of Investigational Trial Intervention Overdose", Author),
    ("6.6", "Preparation, Storage, Handling and Accountability of Investigational Trial Intervention", Author),
    ("6.7", "Investigational Trial Intervention Assignment, Randomisation and Blinding", Author),
    ("6.8", "Investigational Trial Intervention Adherence", Author),
    ("6.9", "Description of Noninvestigational Trial Intervention", Author),
    ("6.10", "Concomitant Therapy", Author),
    ("7", "Participant Discontinuation of Trial Intervention and Discontinuation or Withdrawal from Trial", Head),
    ("7.1", "Discontinuation of Trial Intervention", Author),
    ("7.2", "Participant Discontinuation or Withdrawal from the Trial", Author),
    ("7.3", "Management of Loss to Follow-Up", Author),
    ("8", "Trial Assessments and Procedures", Head),
    ("8.1", "Trial Assessments and Procedures Considerations", Author),
    ("8.2", "Screening/Baseline Assessments and Procedures", Author),
    ("8.3", "Efficacy Assessments and Procedures", Author),
    ("8.4", "Safety Assessments and Procedures", Author),
    (
        "8.5",
        "Pharmacokinetics",
        Study("Blood is drawn at {{study.sample_times}} hours after dosing.", |d| {
            !d.schedule.blood_samples_h.is_empty()
        }),
    ),
    ("8.6", "Biomarkers", Author),
    ("8.7", "Immunogenicity Assessments", Author),
    ("8.8", "Medical Resource Utilisation and Health Economics", Author),
    (
        "9",
        "Adverse Events, Serious Adverse Events, Product Complaints, Pregnancy and Postpartum Information, and Special Safety Situations",
        Head,
    ),
    ("9.1", "Definitions", Author),
    ("9.2", "Timing and Procedures for Collection and Reporting", Author),
    ("9.3", "Pregnancy and Postpartum Information", Author),
    ("9.4", "Special Safety Situations", Author),
    ("10", "Statistical Considerations", Head),
    ("10.1", "General Considerations", Author),
    ("10.2", "Analysis Sets", Study("{{study.populations}}", |d| !d.populations.is_empty())),
    ("10.3", "Analyses of Demographics and Other Baseline Variables", Author),
    ("10.4", "Analyses Associated with the Primary Objective(s)", Author),
    ("10.5", "Analyses Associated with the Secondary Objective(s)", Author),
    ("10.6", "Analyses Associated with the Exploratory Objective(s)", Author),
    ("10.7", "Safety Analyses", Author),
    ("10.8", "Other Analyses", Author),
    ("10.9", "Interim Analyses", Author),
    ("10.10", "Multiplicity Adjustments", Author),
    ("10.11", "Sample Size Determination", Author),
    ("11", "Trial Oversight and Other General Considerations", Head),
    ("11.1", "Regulatory and Ethical Considerations", Author),
    ("11.2", "Trial Oversight", Author),
    ("11.3", "Informed Consent Process", Author),
    ("11.4", "Committees", Author),
    ("11.5", "Insurance and Indemnity", Author),
    ("11.6", "Risk-Based Quality Management", Author),
    ("11.7", "Data Governance", Author),
    ("11.8", "Data Protection", Author),
    ("11.9", "Source Data", Author),
    ("11.10", "Protocol Deviations", Author),
    ("11.11", "Early Site Closure", Author),
    ("11.12", "Data Dissemination", Author),
    ("12", "Appendix: Supporting Details", Head),
    ("12.1", "Clinical Laboratory Tests", Author),
    ("12.2", "Country/Region-Specific Differences", Author),
    ("12.3", "Prior Protocol Amendment(s)", Author),
    ("13", "Appendix: Glossary of Terms and Abbreviations", Author),
    ("14", "Appendix: References", Author),
];

/// A protocol document of the study to begin with; `scheduled` is whether there is a schedule of activities to embed.
pub(crate) fn document(definition: &Definition, scheduled: bool) -> Draft {
    let study = &definition.study;
    let mut text = String::from(
        "+++\ntitle = \"Clinical trial protocol\"\nsubtitle = \"{{study.title}}\"\nstudy = \"{{study.id}}\"\n",
    );
    if !study.version.is_empty() {
        text.push_str("version = \"Version {{study.version}}\"\n");
    }
    text.push_str("fields = [\n  [\"Sponsor protocol identifier\", \"{{study.id}}\"],\n");
    let fields = [
        ("Short title", "{{study.short_title}}", &study.short_title),
        ("Version", "{{study.version}}", &study.version),
        ("Trial phase", "{{study.phase}}", &study.phase),
        ("Sponsor", "{{study.sponsor}}", &study.sponsor),
    ];
    for (label, word, _) in fields.iter().filter(|(.., said)| !said.is_empty()) {
        let _ = writeln!(text, "  [\"{label}\", \"{word}\"],");
    }
    text.push_str("]\n+++\n\n{{contents}}\n\n{{tables}}\n");
    let mut gaps = Vec::new();
    for (number, title, says) in SECTIONS {
        let level = number.split('.').count();
        let _ = writeln!(text, "\n{} {}", "#".repeat(level), escape(title));
        match says {
            Head => {}
            Schedule if scheduled => text.push_str("\n![[schedule]]\n"),
            Study(words, said) if said(definition) => {
                let _ = writeln!(text, "\n{words}");
            }
            Study(..) | Schedule | Author => {
                gaps.push(format!("{number} {title}"));
                text.push_str("\n> To be written.\n");
            }
        }
    }
    if let Some(number) = fact(definition, "PLANSUB") {
        let planned = format!(
            "\n{number} subjects are planned.\n\n> To be written: how this number follows from the objectives.\n"
        );
        text = text.replace(
            "Sample Size Determination\n\n> To be written.\n",
            &format!("Sample Size Determination\n{planned}"),
        );
    }
    Draft { text, gaps }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documents number their headings themselves: what they give must be what M11 gives.
    #[test]
    fn sections_count_as_m11_numbers_them() {
        let mut counters: Vec<u32> = Vec::new();
        for (number, title, _) in SECTIONS {
            let depth = number.split('.').count();
            assert!(depth <= counters.len() + 1, "{title}");
            counters.resize(depth, 0);
            counters[depth - 1] += 1;
            let counted: Vec<String> = counters.iter().map(u32::to_string).collect();
            assert_eq!(counted.join("."), *number, "{title}");
        }
        assert_eq!(SECTIONS.len(), 97, "a shrunken table must not pass in silence");
    }
}
