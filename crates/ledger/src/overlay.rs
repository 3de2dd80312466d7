//! What a work has written and nobody else sees yet, over what is stored.

use crate::error::LedgerError;
use crate::event::Event;
use crate::state::{EachRow, Head, Space};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Rows by space and key; `None`: removed.
type Rows = BTreeMap<(&'static str, Vec<u8>), Option<Vec<u8>>>;

/// Everything that one commit writes.
#[derive(Default)]
pub(crate) struct Batch {
    pub events: Vec<Event>,
    pub rows: Rows,
    pub heads: BTreeMap<String, Head>,
    /// Sealed; `None`: erased.
    pub identities: BTreeMap<String, Option<Vec<u8>>>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.rows.is_empty() && self.identities.is_empty()
    }

    /// Takes in what a later work wrote.
    pub fn absorb(&mut self, later: Self) {
        self.events.extend(later.events);
        self.rows.extend(later.rows);
        self.heads.extend(later.heads);
        self.identities.extend(later.identities);
    }

    pub fn row(&self, space: Space, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        if self.rows.is_empty() { None } else { self.rows.get(&(space.0, key.to_vec())) }
    }

    fn range<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Rows2<'a> {
        if from >= to {
            return Box::new(std::iter::empty());
        }
        let range = (space.0, from.to_vec())..(space.0, to.to_vec());
        Box::new(self.rows.range(range).map(|((_, key), value)| (key.as_slice(), value.as_deref())))
    }
}

type Rows2<'a> = Box<dyn Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + 'a>;

/// The rows of a range as they would be after both batches: `stored` gives those in the database, in order.
pub(crate) fn scan(
    layers: [&Batch; 2],
    space: Space,
    (from, to): (&[u8], &[u8]),
    each: &mut EachRow<'_>,
    stored: impl FnOnce(&mut EachRow<'_>) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    // Later layers win; they are small: what this batch has written so far.
    let mut written: BTreeMap<&[u8], Option<&[u8]>> = BTreeMap::new();
    for layer in layers {
        written.extend(layer.range(space, from, to));
    }
    let mut written = written.into_iter().peekable();
    let mut stopped = false;
    stored(&mut |key, value| {
        while let Some((written_key, written_value)) = written.next_if(|(k, _)| *k < key) {
            if let Some(value) = written_value
                && each(written_key, value).is_break()
            {
                stopped = true;
                return ControlFlow::Break(());
            }
        }
        let flow = match written.next_if(|(k, _)| *k == key) {
            Some((_, Some(value))) => each(key, value),
            Some((_, None)) => ControlFlow::Continue(()),
            None => each(key, value),
        };
        stopped |= flow.is_break();
        flow
    })?;
    if !stopped {
        for (key, value) in written {
            if let Some(value) = value
                && each(key, value).is_break()
            {
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: Space = Space("s");

    fn batch(rows: &[(&str, Option<&str>)]) -> Batch {
        let rows = rows.iter().map(|(k, v)| ((SPACE.0, k.as_bytes().to_vec()), v.map(|v| v.as_bytes().to_vec())));
        Batch { rows: rows.collect(), ..Batch::default() }
    }

    fn seen(limit: usize) -> Vec<String> {
        let (below, above) =
            (batch(&[("b", Some("1")), ("d", None)]), batch(&[("a", Some("2")), ("b", Some("3")), ("z", Some("4"))]));
        let mut seen = Vec::new();
        scan(
            [&below, &above],
            SPACE,
            (b"a", b"zz"),
            &mut |k, v| {
                seen.push(format!("{}{}", String::from_utf8_lossy(k), String::from_utf8_lossy(v)));
                if seen.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
            |each| {
                for key in ["b", "c", "d", "e"] {
                    if each(key.as_bytes(), b"0").is_break() {
                        break;
                    }
                }
                Ok(())
            },
        )
        .unwrap();
        seen
    }

    #[test]
    fn later_writes_stand_over_earlier_ones_in_the_order_of_keys() {
        assert_eq!(seen(99), ["a2", "b3", "c0", "e0", "z4"]);
        for limit in 1..5 {
            assert_eq!(seen(limit).len(), limit);
        }
    }
}
