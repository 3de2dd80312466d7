//! Repeat keys, as numbers.

use std::collections::BTreeMap;

/// The number that a key is by itself: `3`, `VISIT[2]`, none for other texts; no key is 1.
pub(in crate::import) fn number_in(key: &str) -> Option<u32> {
    let digits = match key.strip_suffix(']').and_then(|k| k.rsplit_once('[')) {
        Some((head, digits)) if !head.contains('/') => digits,
        Some(_) => return None,
        None => key,
    };
    if key.is_empty() {
        return Some(1);
    }
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|n| plain && *n > 0)
}

/// The keys of each place, with their numbers.
#[derive(Default)]
pub(super) struct Keys {
    places: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Keys {
    /// The number of a key at a place; what does not repeat is always the first, unless its key says another number.
    pub fn number(&mut self, place: &str, key: Option<&str>, repeats: bool) -> u32 {
        let key = key.unwrap_or_default().trim();
        if let Some(number) = number_in(key).filter(|_| !self.is_taken(place, key)) {
            self.places.entry(place.to_owned()).or_default().insert(key.to_owned(), number);
            return number;
        }
        let keys = self.places.entry(place.to_owned()).or_default();
        if let Some(number) = keys.get(key) {
            return *number;
        }
        let free = |n: &u32| !keys.values().any(|taken| taken == n);
        let number = if repeats { (1..).find(free).unwrap_or(1) } else { 1 };
        keys.insert(key.to_owned(), number);
        number
    }

    /// Whether the number that the key is by itself went to another key.
    fn is_taken(&self, place: &str, key: &str) -> bool {
        let Some(keys) = self.places.get(place) else { return false };
        keys.iter().any(|(other, number)| other != key && Some(*number) == number_in(key) && number_in(other).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_numbers() {
        let mut keys = Keys::default();
        let mut number = |key| keys.number("P", Some(key), true);
        assert_eq!([number("2"), number("SCREEN[1]"), number("YEAR1[1]/CYCLE1[1]")], [2, 1, 3]);
        assert_eq!([number("YEAR1[1]/CYCLE1[1]"), number("0"), number("x"), number("2")], [3, 4, 5, 2]);
        assert_eq!([number("3"), number("3")], [6, 6], "3 went to another key before");
        assert_eq!(keys.number("Q", None, true), 1);
        assert_eq!(keys.number("Q", Some("only"), false), 1);
    }
}
