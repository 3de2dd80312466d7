//! Is what was given what the sealed schemes and seeds give? Every allocation is made again, in its order, and compared.

use super::Vault;
use super::codes::Code;
use super::scheme::SchemeSecret;
use crate::access::Proof;
use crate::door::Caller;
use crate::refusal::Refusal;
use croft_trial::randomisation::minimisation::Subject;
use croft_trial::randomisation::{Design, Randomisation, RandomisationError, Scheme, Seed};
use std::collections::BTreeMap;

/// How the allocations made again compare with those in the record. Holds no arm.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Remade {
    /// Allocations compared.
    pub allocations: usize,
    /// Schemes whose digest was compared.
    pub schemes: usize,
    /// What differs, in words.
    pub differences: Vec<String>,
}

impl Vault {
    /// Makes every allocation again from the sealed schemes. Costs one step a subject, and a history more by minimisation.
    pub fn remake(&self, caller: &Caller, study: &str, signature: Proof) -> Result<Remade, Refusal> {
        let codes = self.codes(caller, study, "made again", signature)?;
        let facts = self.record.view(&Caller::system(), |reading| super::state(reading.view, study))?.schemes;
        let mut remade = Remade::default();
        for (version, secret) in &codes.schemes {
            remade.schemes += 1;
            let told = facts.iter().find(|facts| facts.version == *version).map(|facts| facts.digest.as_str());
            if told != Some(secret.digest().as_str()) {
                remade.differences.push(format!("scheme {version}: its digest is not the one that was sealed"));
            }
            let of = codes.codes.iter().filter(|code| code.version == *version);
            remade.allocations += of.clone().count();
            match scheme(secret, of) {
                Ok(differences) => remade.differences.extend(differences),
                Err(error) => remade.differences.push(format!("scheme {version}: {error}")),
            }
        }
        Ok(remade)
    }
}

/// The subjects whose arm is not the one that the scheme gives.
fn scheme<'c>(secret: &SchemeSecret, codes: impl Iterator<Item = &'c Code>) -> Result<Vec<String>, RandomisationError> {
    let randomisation = Randomisation::new(Scheme::from_toml(&secret.scheme)?)?;
    let seed = Seed::from_hex(&secret.seed)?;
    let strata = randomisation.scheme().factors.len();
    let mut differences = Vec::new();
    let mut lists = BTreeMap::new();
    let mut histories: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
    for code in codes {
        let stratum = code.levels.get(..strata).unwrap_or(&code.levels).join("-");
        let arm = match randomisation.stratum(&stratum)?.rule.design() {
            Design::Minimisation(minimisation) => {
                let names: Vec<&str> = code.levels.iter().skip(strata).map(String::as_str).collect();
                let levels = minimisation.levels(&names)?;
                let history = histories.entry(stratum.clone()).or_default();
                let arm = randomisation.minimise(&seed, &stratum, history, &levels)?.arm;
                history.push(Subject { levels, arm });
                arm
            }
            _ => {
                if !lists.contains_key(&stratum) {
                    lists.insert(stratum.clone(), randomisation.allocator(&seed, &stratum)?);
                }
                match lists.get_mut(&stratum) {
                    Some(list) => list.allocate()?.arm,
                    None => continue,
                }
            }
        };
        if randomisation.code(arm) != code.arm {
            differences.push(format!("subject {}: the scheme gives another arm than the record holds", code.subject));
        }
    }
    Ok(differences)
}
