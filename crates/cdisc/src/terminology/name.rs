//! What is a package called?

use std::fmt;
use std::str::FromStr;

/// Product and date of a package: `sdtmct-2025-03-28`. In order of product, then date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName {
    product: String,
    date: String,
}

/// Not the name of a package.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No product, or one of other characters than letters and hyphens.
    #[error("`{text}` names no product of terminology")]
    Product {
        /// What was given.
        text: String,
    },
    /// The date is missing or is none.
    #[error("`{text}` does not end with a date such as 2025-03-28")]
    Date {
        /// What was given.
        text: String,
    },
}

impl PackageName {
    /// A package by product and date. The product as people write it: `sdtmct`, `SDTM`, `SDTM CT`, `DEFINE-XML`.
    pub fn new(product: &str, date: &str) -> Result<Self, NameError> {
        let product = product_code(product).ok_or_else(|| NameError::Product { text: product.to_owned() })?;
        if !is_date(date) {
            return Err(NameError::Date { text: date.to_owned() });
        }
        Ok(Self { product, date: date.to_owned() })
    }

    /// `sdtmct`.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// `2025-03-28`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// `SDTM CT 2025-03-28`, for people.
    pub fn title(&self) -> String {
        let stem = self.product.strip_suffix("ct").unwrap_or(&self.product);
        let stem = match stem {
            "adam" => "ADaM".to_owned(),
            "define-xml" => "Define-XML".to_owned(),
            "protocol" => "Protocol".to_owned(),
            "glossary" => "Glossary".to_owned(),
            other => other.to_uppercase(),
        };
        format!("{stem} CT {}", self.date)
    }
}

/// `SDTM`, `SDTM CT`, `sdtmct` as `sdtmct`; `None`: not a name.
pub(super) fn product_code(product: &str) -> Option<String> {
    let lower = product.trim().to_ascii_lowercase();
    let stem = lower.strip_suffix("ct").unwrap_or(&lower).trim_end_matches([' ', '-', '_']);
    let fits = !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !stem.starts_with('-');
    fits.then(|| format!("{stem}ct"))
}

/// Whether it is written as `2025-03-28` and can be a day.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, width: usize| {
        (part.len() == width && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    number(year, 4).is_some_and(|y| y >= 1990)
        && number(month, 2).is_some_and(|m| (1..=12).contains(&m))
        && number(day, 2).is_some_and(|d| (1..=31).contains(&d))
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.product, self.date)
    }
}

impl FromStr for PackageName {
    type Err = NameError;

    /// Reads `sdtmct-2025-03-28`, `SDTM 2025-03-28`, `SDTM CT 2025-03-28`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let trimmed = text.trim();
        let missing = || NameError::Date { text: text.to_owned() };
        let at = trimmed.len().checked_sub(10).ok_or_else(missing)?;
        let (product, date) = trimmed.split_at_checked(at).ok_or_else(missing)?;
        if !is_date(date) {
            return Err(missing());
        }
        let product = product.strip_suffix(['-', ' ', '_', '.']).unwrap_or_default();
        Self::new(product, date).map_err(|_| NameError::Product { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_as_people_write_it() {
        for text in
            ["sdtmct-2025-03-28", "SDTM 2025-03-28", "SDTM CT 2025-03-28", "sdtm-2025-03-28", " SDTMCT_2025-03-28 "]
        {
            assert_eq!(text.parse::<PackageName>().unwrap().to_string(), "sdtmct-2025-03-28", "{text}");
        }
        let define: PackageName = "define-xmlct-2026-03-27".parse().unwrap();
        assert_eq!(
            (define.product(), define.date(), define.title().as_str()),
            ("define-xmlct", "2026-03-27", "Define-XML CT 2026-03-27")
        );
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            "sdtmct",
            "sdtmct-2025",
            "2025-03-28",
            "sdtmct2025-03-28",
            "sdtmct-2025-13-28",
            "sdtmct-2025-03-32",
            "../x-2025-03-28",
            "é-2025-03-28",
            "ct-2025-03-28",
            "sdtmct-é025-03-28",
        ] {
            assert!(text.parse::<PackageName>().is_err(), "{text}");
        }
    }
}
