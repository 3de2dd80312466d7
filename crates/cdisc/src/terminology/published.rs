//! On which days was terminology published?
//!
//! The table (`terminology/published.txt`) is a fact sheet: product and dates of every package, whether or not croft holds it.

/// A line a product: its code and its dates, in order.
const TABLE: &str = include_str!("../../terminology/published.txt");

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

/// The dates of the packages of a product (`sdtmct`, or `SDTM`), oldest first. Empty: no such product.
pub fn published(product: &str) -> Vec<&'static str> {
    let code = super::name::product_code(product);
    let found = lines().find(|(product, _)| Some(*product) == code.as_deref());
    found.map(|(_, dates)| dates.split(' ').collect()).unwrap_or_default()
}

/// Every product that was published: `adamct`, …
pub fn published_products() -> impl Iterator<Item = &'static str> {
    lines().map(|(product, _)| product)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminology::PackageName;

    #[test]
    fn every_date_names_a_package_and_dates_rise() {
        let mut packages = 0;
        for product in published_products() {
            let dates = published(product);
            assert!(dates.is_sorted_by(|a, b| a < b), "{product}");
            for date in dates {
                assert_eq!(PackageName::new(product, date).unwrap().product(), product);
                packages += 1;
            }
        }
        assert_eq!(packages, 206);
        assert!(published("SDTM").contains(&"2020-11-06"));
        assert!(published("nothing").is_empty());
    }

    #[test]
    fn what_comes_with_croft_was_published() {
        for name in crate::terminology::embedded_names() {
            assert!(published(name.product()).contains(&name.date()), "{name}");
        }
    }
}
