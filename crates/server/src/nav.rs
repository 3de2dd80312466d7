//! Which parts does croft have, and where do they stand?
//!
//! A part of the house as a whole ([`Part`]) or of one study ([`StudyPart`]) has one address and one name. The layout draws them as the main
//! navigation; a page says which one it belongs to.

use crate::words::Words;

/// A part of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What waits for me.
    Work,
    /// All studies that I may see.
    Studies,
    /// Accounts, roles, grants.
    People,
}

/// A part of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudyPart {
    /// Recruitment, query ageing, completeness.
    Home,
    /// Subjects by visits, and below it subjects and forms.
    Subjects,
    /// Queries.
    Queries,
    /// Verification against the source.
    Verification,
    /// Forms that wait for a signature.
    Signatures,
    /// Who is randomised, which codes were broken.
    Randomisation,
    /// Kits: at hand, on the way, dispensed.
    Supply,
    /// The definition and its versions.
    Definition,
    /// Exports and imports.
    Data,
    /// Freeze, lock, unlock.
    Lock,
    /// Who may do what here.
    Access,
    /// The study's log.
    Audit,
}

impl Part {
    /// Where it stands.
    pub fn address(self) -> &'static str {
        match self {
            Self::Work => "/work",
            Self::Studies => "/studies",
            Self::People => "/people",
        }
    }

    /// What it is called.
    pub fn name(self, words: &Words) -> String {
        match self {
            Self::Work => t!(words, "part-work"),
            Self::Studies => t!(words, "part-studies"),
            Self::People => t!(words, "part-people"),
        }
    }
}

impl StudyPart {
    /// Where it stands in a study.
    pub fn address(self, study: &str) -> String {
        let study: String = segment(study);
        match self.tail() {
            "" => format!("/studies/{study}"),
            tail => format!("/studies/{study}/{tail}"),
        }
    }

    fn tail(self) -> &'static str {
        match self {
            Self::Home => "",
            Self::Subjects => "subjects",
            Self::Queries => "queries",
            Self::Verification => "verification",
            Self::Signatures => "signatures",
            Self::Randomisation => "randomisation",
            Self::Supply => "supply",
            Self::Definition => "definition",
            Self::Data => "data",
            Self::Lock => "lock",
            Self::Access => "access",
            Self::Audit => "audit",
        }
    }

    /// What it is called.
    pub fn name(self, words: &Words) -> String {
        match self {
            Self::Home => t!(words, "part-home"),
            Self::Subjects => t!(words, "part-subjects"),
            Self::Queries => t!(words, "part-queries"),
            Self::Verification => t!(words, "part-verification"),
            Self::Signatures => t!(words, "part-signatures"),
            Self::Randomisation => t!(words, "part-randomisation"),
            Self::Supply => t!(words, "part-supply"),
            Self::Definition => t!(words, "part-definition"),
            Self::Data => t!(words, "part-data"),
            Self::Lock => t!(words, "part-lock"),
            Self::Access => t!(words, "part-access"),
            Self::Audit => t!(words, "part-audit"),
        }
    }
}

/// A name as one segment of an address: `A/B 1` becomes `A%2FB%201`.
pub fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The address of this page with some of its query changed, so that what else was chosen stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// The address of a path with this query, as it stands in a request.
    pub fn of(path: &str, query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { path: path.to_owned(), pairs }
    }

    /// The value of a name, if it has one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The names and values, to be kept in a form that filters.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// With this name at this value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(n, _)| n != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(n, _)| n != name);
        self
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        if self.pairs.is_empty() {
            return Ok(());
        }
        let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish();
        write!(f, "?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_query_keeps_the_rest() {
        let here = Address::of("/queries", "state=open&sort=age&after=17");
        assert_eq!(here.get("state"), Some("open"));
        let there = here.with("sort", "site & more").without("after").to_string();
        assert_eq!(there, "/queries?state=open&sort=site+%26+more");
        assert_eq!(Address::of("/queries", "").to_string(), "/queries");
    }

    #[test]
    fn a_name_stays_one_segment() {
        assert_eq!(StudyPart::Audit.address("A/B 1?"), "/studies/A%2FB%201%3F/audit");
        assert_eq!(StudyPart::Home.address("BE-1"), "/studies/BE-1");
    }
}
