//! How is a row of the state addressed?
//!
//! A key is a list of segments: texts, and numbers of fixed width. Segments are joined by a zero byte, which no identifier
//! holds, so that rows under a common head stand together and in the order of their segments.

/// A key, built segment by segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key(Vec<u8>);

/// The key of these texts.
pub fn key(texts: &[&str]) -> Key {
    texts.iter().fold(Key::default(), |key, text| key.text(text))
}

impl Key {
    /// Adds a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(0);
        }
        // A zero byte within a text would let it pose as two segments.
        self.0.extend(text.bytes().map(|b| if b == 0 { 1 } else { b }));
        self
    }

    /// Adds a number; keys sort by its value.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.text(&format!("{number:012}"))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// From and to (exclusive) of the keys that begin with these segments and have more.
    pub fn range(&self) -> (Vec<u8>, Vec<u8>) {
        let (mut from, mut to) = (self.0.clone(), self.0.clone());
        if self.0.is_empty() {
            return (Vec::new(), vec![0xff; 8]);
        }
        from.push(0);
        to.push(1);
        (from, to)
    }

    /// From just behind this key to the end of the keys that begin with `head`: the rest of a list that was read up to here.
    pub fn after(&self, head: &Self) -> (Vec<u8>, Vec<u8>) {
        let mut from = self.0.clone();
        from.push(0);
        (from, head.range().1)
    }
}

/// The segments of a key's bytes.
pub fn segments(bytes: &[u8]) -> Vec<String> {
    bytes.split(|b| *b == 0).map(|s| String::from_utf8_lossy(s).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_under_one_head_stand_together_and_numbers_sort_by_value() {
        let study = key(&["S1"]);
        let (from, to) = study.range();
        let nine = key(&["S1", "Q"]).number(9);
        let ten = key(&["S1", "Q"]).number(10);
        assert!(nine.bytes() < ten.bytes());
        for inside in [&nine, &ten] {
            assert!(inside.bytes() >= from.as_slice() && inside.bytes() < to.as_slice());
        }
        for outside in [key(&["S1"]), key(&["S10", "Q"]), key(&["S2"])] {
            assert!(outside.bytes() < from.as_slice() || outside.bytes() >= to.as_slice());
        }
        assert_eq!(segments(key(&["a", "b"]).bytes()), ["a", "b"]);
    }
}
