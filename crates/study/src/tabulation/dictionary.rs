//! What do the guide and its terminology say of a domain, a variable, a test, a term?

use croft_cdisc::library::{Class, Dataset, Library, Standard, Variable};
use croft_cdisc::terminology::{self, Codelist, Package, PackageName, Term};
use croft_design::definition::Definition;

/// The fact of TS that names the version of a guide, the guide, and the product of its terminology.
const GUIDES: [(&str, &str, &str); 2] = [("SNDIGVER", "sendig", "sendct"), ("SDTIGVER", "sdtmig", "sdtmct")];

/// The guide where a study names none.
const DEFAULT_VERSION: &str = "3.4";

/// A guide with the newest terminology that comes with croft.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary {
    /// The guide.
    pub guide: &'static Standard,
    /// The terms.
    pub terms: &'static Package,
}

/// A variable as a domain has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainVariable {
    /// `VSORRES`.
    pub name: String,
    /// Its label.
    pub label: &'static str,
    /// Whether it holds numbers.
    pub numeric: bool,
    /// `Req`, `Exp`, `Perm`; empty when only the model has it.
    pub core: &'static str,
    /// NCI codes of its code lists.
    pub codelists: &'static [&'static str],
}

impl Dictionary {
    /// The guide that the study names in its fact `SNDIGVER` or `SDTIGVER` (TS, SEND or SDTM IG Version), else SDTMIG 3.4. `Err`: the fact, and the versions
    /// that croft has of that guide.
    pub fn of(definition: &Definition) -> Result<Self, (String, Vec<&'static str>)> {
        let version = |code: &str| definition.facts.iter().find(|f| f.code == code).and_then(|f| f.value.as_deref());
        let named = GUIDES.iter().find_map(|guide| Some((guide, version(guide.0)?)));
        let ((fact, product, terms), version) = named.unwrap_or((&GUIDES[1], DEFAULT_VERSION));
        // The terms for SNDIGVER are sentences that end with the number.
        let number = version.rsplit(' ').next().unwrap_or(version);
        let guide = Library::of(product, number).ok_or_else(|| {
            let all = Library::all().filter(|(of, _)| of == product).map(|(_, version)| version);
            (format!("{fact} is {version}"), all.collect())
        })?;
        Ok(Self { guide, terms: newest_terms(terms) })
    }

    /// Whether the guide is that of nonclinical data.
    pub fn is_send(&self) -> bool {
        self.guide.product.starts_with("send")
    }

    /// The domain of this name.
    pub fn domain(&self, name: &str) -> Option<&'static Dataset> {
        self.guide.known(name).filter(|d| d.name == name)
    }

    /// Its class.
    pub fn class(&self, domain: &str) -> Option<Class> {
        self.domain(domain).and_then(|d| d.class)
    }

    /// Whether it is of a general observation class, findings about included.
    pub fn is_general(&self, domain: &str) -> bool {
        self.class(domain).is_some_and(Class::is_general)
    }

    /// Whether its records are findings.
    pub fn is_findings(&self, domain: &str) -> bool {
        matches!(self.class(domain), Some(Class::Findings | Class::FindingsAbout))
    }

    /// The variable of a domain: as the guide has it, else as the model lets any domain of its class have it.
    pub fn variable(&self, domain: &str, name: &str) -> Option<DomainVariable> {
        let dataset = self.domain(domain)?;
        if let Some(variable) = dataset.variable(name) {
            return Some(described(variable, name));
        }
        let suffix = name.strip_prefix(domain);
        let of_model = |v: &&Variable| v.name == name || v.name.strip_prefix("--").is_some_and(|s| suffix == Some(s));
        let allowed = self.guide.model?.allowed(dataset.class?);
        allowed.into_iter().find(of_model).map(|v| DomainVariable { core: "", ..described(v, name) })
    }

    /// The names of a domain's variables in the order of the model, or of the guide where it is of no general class.
    pub fn order(&self, domain: &str) -> Vec<String> {
        let Some(dataset) = self.domain(domain) else { return Vec::new() };
        let own: Vec<String> = dataset.variables.iter().map(|v| v.name.to_owned()).collect();
        let allowed = match (self.guide.model, dataset.class) {
            (Some(model), Some(class)) if class.is_general() => model.allowed(class),
            _ => return own,
        };
        let mut order: Vec<String> = allowed.iter().map(|v| v.name.replacen("--", domain, 1)).collect();
        // What the guide has beyond the model stands where the guide has it.
        for (i, name) in own.iter().enumerate() {
            if !order.contains(name) {
                let after = own.iter().take(i).rev().find_map(|before| order.iter().position(|o| o == before));
                order.insert(after.map_or(0, |at| at + 1), name.clone());
            }
        }
        order
    }

    /// The code list of this NCI code.
    pub fn codelist(&self, code: &str) -> Option<&'static Codelist> {
        self.terms.codelist(code)
    }

    /// The term of a domain's `--TESTCD` with this submission value.
    pub fn test(&self, domain: &str, code: &str) -> Option<&'static Term> {
        let variable = self.variable(domain, &format!("{domain}TESTCD"))?;
        variable.codelists.iter().find_map(|list| self.codelist(list)?.term(code))
    }

    /// The name of a test, `--TEST`.
    pub fn test_name(&self, domain: &str, code: &str) -> Option<&'static str> {
        self.named_alike(domain, &format!("{domain}TESTCD"), &format!("{domain}TEST"), code)
    }

    /// The term of one variable that has the NCI code of another's: the name of a code.
    pub fn named_alike(&self, domain: &str, codes: &str, names: &str, code: &str) -> Option<&'static str> {
        let lists = self.variable(domain, codes)?.codelists;
        let nci = lists.iter().find_map(|list| self.codelist(list)?.term(code))?.code.as_deref()?;
        let variable = self.variable(domain, names)?;
        variable
            .codelists
            .iter()
            .find_map(|list| Some(self.codelist(list)?.term_by_code(nci)?.submission_value.as_str()))
    }

    /// The submission value that a text stands for in one of these code lists: the value itself, the same in other letters, or a synonym or preferred
    /// term of it, in this order.
    pub fn submission_value(&self, codelists: &[&str], text: &str) -> Option<&'static str> {
        let lists = || codelists.iter().filter_map(|code| self.codelist(code));
        let lower = text.trim().to_lowercase();
        let same = |written: &str| written.to_lowercase() == lower;
        lists()
            .find_map(|list| list.term(text.trim()))
            .or_else(|| lists().flat_map(Codelist::terms).find(|t| same(&t.submission_value)))
            .or_else(|| {
                let also = |t: &&Term| same(&t.preferred_term) || t.synonyms.iter().any(|s| same(s));
                lists().flat_map(Codelist::terms).find(also)
            })
            .map(|term| term.submission_value.as_str())
    }
}

fn newest_terms(product: &str) -> &'static Package {
    let newest = terminology::embedded_names().filter(|name| name.product() == product).max();
    let read = |name: PackageName| terminology::embedded(&name);
    newest.and_then(read).expect("packages of SDTM and SEND terms come with croft: tested")
}

fn described(variable: &'static Variable, name: &str) -> DomainVariable {
    DomainVariable {
        name: name.to_owned(),
        label: variable.label,
        numeric: variable.simple_type == "Num",
        core: variable.core,
        codelists: &variable.codelists,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Dictionary {
        Dictionary { guide: Library::of("sdtmig", "3.4").unwrap(), terms: newest_terms("sdtmct") }
    }

    #[test]
    fn a_variable_is_the_guide_s_or_the_model_s() {
        let d = dictionary();
        assert_eq!(d.variable("VS", "VSORRES").unwrap().core, "Exp");
        let repetition = d.variable("VS", "VSREPNUM").unwrap();
        assert_eq!((repetition.core, repetition.numeric), ("", true));
        assert!(d.variable("VS", "VSTERM").is_none());
        assert!(d.variable("DM", "SEX").is_some() && d.variable("DM", "DMTERM").is_none());
    }

    #[test]
    fn a_test_has_its_name_from_the_term_of_the_same_code() {
        let d = dictionary();
        assert_eq!(d.test_name("VS", "SYSBP"), Some("Systolic Blood Pressure"));
        assert_eq!(d.test_name("LB", "K"), Some("Potassium"));
        assert!(d.test("VS", "NONE").is_none());
    }

    #[test]
    fn a_text_is_found_as_value_then_as_synonym() {
        let d = dictionary();
        let units = &["C71620"][..];
        assert_eq!(d.submission_value(units, "umol/L"), Some("umol/L"));
        assert_eq!(d.submission_value(units, "lb"), Some("LB"));
        assert_eq!(d.submission_value(&["C66769"], "Severe"), Some("SEVERE"));
        assert_eq!(d.submission_value(&["C66769"], "terrible"), None);
    }

    #[test]
    fn the_order_is_the_model_s() {
        let order = dictionary().order("VS");
        let at = |name: &str| order.iter().position(|o| o == name).unwrap();
        assert!(at("VSSEQ") < at("VSTESTCD") && at("VSSTRESU") < at("VISITNUM") && at("EPOCH") < at("VSDTC"));
        assert_eq!(dictionary().order("DM").len(), 32);
    }
}
