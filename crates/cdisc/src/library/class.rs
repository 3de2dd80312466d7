//! Which class of observations, or of analysis data, is a dataset of?

/// A class, in the words of the code list General Observation Class (`GNRLOBSC`, C103329) of the define-XML terminology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Treatments given: topic `--TRT`.
    Interventions,
    /// What happened: topic `--TERM`.
    Events,
    /// What was measured: topic `--TESTCD`.
    Findings,
    /// Findings about an event or intervention, named in `--OBJ`.
    FindingsAbout,
    /// Demographics, comments, elements, visits.
    SpecialPurpose,
    /// Arms, elements, visits, criteria, summary.
    TrialDesign,
    /// What identifiers of devices and organisms stand for.
    StudyReference,
    /// Supplemental qualifiers and relations between records.
    Relationship,
    /// `ADSL`.
    SubjectLevelAnalysisDataset,
    /// One row a parameter and time point (`BDS`).
    BasicDataStructure,
    /// One row an event or intervention (`OCCDS`).
    OccurrenceDataStructure,
    /// Analysis data of no such structure.
    AdamOther,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Interventions,
        Self::Events,
        Self::Findings,
        Self::FindingsAbout,
        Self::SpecialPurpose,
        Self::TrialDesign,
        Self::StudyReference,
        Self::Relationship,
        Self::SubjectLevelAnalysisDataset,
        Self::BasicDataStructure,
        Self::OccurrenceDataStructure,
        Self::AdamOther,
    ];

    /// The term: `SPECIAL PURPOSE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interventions => "INTERVENTIONS",
            Self::Events => "EVENTS",
            Self::Findings => "FINDINGS",
            Self::FindingsAbout => "FINDINGS ABOUT",
            Self::SpecialPurpose => "SPECIAL PURPOSE",
            Self::TrialDesign => "TRIAL DESIGN",
            Self::StudyReference => "STUDY REFERENCE",
            Self::Relationship => "RELATIONSHIP",
            Self::SubjectLevelAnalysisDataset => "SUBJECT LEVEL ANALYSIS DATASET",
            Self::BasicDataStructure => "BASIC DATA STRUCTURE",
            Self::OccurrenceDataStructure => "OCCURRENCE DATA STRUCTURE",
            Self::AdamOther => "ADAM OTHER",
        }
    }

    /// The class of this name, however the guides write it: `Special-Purpose`, `special purpose`, `Relationships`; ADaM's `ADSL`, `BDS`, `OCCDS`.
    pub fn named(name: &str) -> Option<Self> {
        let words = name.trim().replace(['-', '_'], " ").to_ascii_uppercase();
        match words.as_str() {
            "ADSL" => return Some(Self::SubjectLevelAnalysisDataset),
            "BDS" => return Some(Self::BasicDataStructure),
            "OCCDS" => return Some(Self::OccurrenceDataStructure),
            "RELATIONSHIPS" => return Some(Self::Relationship),
            _ => {}
        }
        let words = words.strip_suffix(" DATASETS").unwrap_or(&words);
        Self::ALL.into_iter().find(|class| class.name() == words)
    }

    /// Whether its variables are those of a general observation class, prefixed with the domain.
    pub fn is_general(self) -> bool {
        matches!(self, Self::Interventions | Self::Events | Self::Findings | Self::FindingsAbout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_found_by_any_of_its_spellings() {
        for class in Class::ALL {
            assert_eq!(Class::named(class.name()), Some(class));
        }
        assert_eq!(Class::named("Special-Purpose"), Some(Class::SpecialPurpose));
        assert_eq!(Class::named("Special-Purpose Datasets"), Some(Class::SpecialPurpose));
        assert_eq!(Class::named("Findings About"), Some(Class::FindingsAbout));
        assert_eq!(Class::named("General Observations"), None);
    }
}
