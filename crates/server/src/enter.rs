//! How does a form that was sent become a command of the record?
//!
//! A field's name says what it is and where: `v:vital_signs/2/SYSBP` is a text, `u:` a unit, `m:` a reason why there is no value, `r:` a reason for
//! a change, and `w:` what stood there when the page was made, so that only what the person changed is handed in. Two people who change
//! different items of one form therefore never meet.

use croft_record::capture::{Entered, Place, Save, VoidRow};
use std::collections::BTreeMap;

/// Names and values as they were sent, in their order.
pub(crate) type Posted = Vec<(String, String)>;

/// The first value of a name.
pub(crate) fn value<'p>(posted: &'p [(String, String)], name: &str) -> &'p str {
    posted.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

/// All values of a name: boxes that were ticked.
pub(crate) fn values<'p>(posted: &'p [(String, String)], name: &'p str) -> impl Iterator<Item = &'p str> {
    posted.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// Where an item stands in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub group: String,
    pub row: u32,
    pub item: String,
}

impl Spot {
    pub fn new(group: &str, row: u32, item: &str) -> Self {
        Self { group: group.to_owned(), row, item: item.to_owned() }
    }

    /// `group/row/item`, as the record names it too.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.group, self.row, self.item)
    }

    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.splitn(3, '/');
        let (group, row, item) = (parts.next()?, parts.next()?, parts.next()?);
        (!group.is_empty() && !item.is_empty()).then_some(())?;
        Some(Self::new(group, row.parse().ok().filter(|row| *row > 0)?, item))
    }

    /// The name of one of its fields.
    pub fn field(&self, kind: char) -> String {
        format!("{kind}:{}", self.path())
    }
}

/// What stands, or stood, in the fields of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub text: String,
    pub unit: String,
    pub missing: String,
}

impl Content {
    pub fn is_blank(&self) -> bool {
        self.text.is_empty() && self.missing.is_empty()
    }

    /// As the hidden field bears it.
    pub fn seal(&self) -> String {
        serde_json::json!([self.text, self.unit, self.missing]).to_string()
    }

    fn open(sealed: &str) -> Option<Self> {
        let (text, unit, missing) = serde_json::from_str(sealed).ok()?;
        Some(Self { text, unit, missing })
    }

    /// Whether another person would see a difference. The unit of nothing is none.
    fn differs(&self, other: &Self) -> bool {
        let unit = |c: &Self| if c.is_blank() { String::new() } else { c.unit.clone() };
        self.text != other.text || self.missing != other.missing || unit(self) != unit(other)
    }
}

/// One item as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub now: Content,
    pub was: Content,
    pub reason: String,
    /// Whether a text was sent at all; choices of which none is chosen send nothing.
    told: bool,
}

impl Sent {
    /// What a draft holds.
    pub fn of(now: Content, was: Content) -> Self {
        Self { now, was, reason: String::new(), told: true }
    }

    pub fn is_changed(&self) -> bool {
        self.now.differs(&self.was)
    }
}

/// A form as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filled {
    pub items: BTreeMap<Spot, Sent>,
    pub voids: BTreeMap<(String, u32), String>,
    pub base: u64,
    pub version: u32,
    pub complete: bool,
    pub reason: String,
}

/// Reads a form that was sent. What has no name of ours is passed over.
pub(crate) fn parse(posted: &[(String, String)]) -> Filled {
    let mut filled = Filled {
        base: value(posted, "base").parse().unwrap_or(0),
        version: value(posted, "version").parse().unwrap_or(0),
        complete: value(posted, "complete") == "yes",
        reason: value(posted, "reason").trim().to_owned(),
        ..Filled::default()
    };
    for (name, value) in posted {
        // A browser sends line ends of a text area as CR LF.
        let text = || value.replace("\r\n", "\n");
        if let Some(row) = name.strip_prefix("void:").and_then(row_of) {
            filled.voids.insert(row, value.trim().to_owned());
            continue;
        }
        let Some((kind, path)) = name.split_once(':').filter(|(kind, _)| matches!(*kind, "v" | "u" | "m" | "r" | "w"))
        else {
            continue;
        };
        let Some(spot) = Spot::parse(path) else { continue };
        let sent = filled.items.entry(spot).or_default();
        match kind {
            "v" => (sent.now.text, sent.told) = (text(), true),
            "u" => sent.now.unit = text(),
            "m" => (sent.now.missing, sent.told) = (text(), true),
            "r" => sent.reason = value.trim().to_owned(),
            _ => sent.was = Content::open(value).unwrap_or_default(),
        }
    }
    filled.voids.retain(|(group, row), _| values(posted, "void").any(|ticked| ticked == format!("{group}/{row}")));
    filled.items.retain(|_, sent| sent.told);
    for sent in filled.items.values_mut() {
        settle(sent);
    }
    filled
}

/// Whoever chooses a reason why there is no value, and leaves the old value standing beside it, means the reason.
fn settle(sent: &mut Sent) {
    let newly_missing = !sent.now.missing.is_empty() && sent.was.missing.is_empty();
    if newly_missing && sent.now.text == sent.was.text {
        sent.now.text.clear();
    }
}

fn row_of(path: &str) -> Option<(String, u32)> {
    let (group, row) = path.rsplit_once('/')?;
    Some((group.to_owned(), row.parse().ok()?))
}

impl Filled {
    /// What was changed, as the record takes it.
    pub fn entries(&self) -> Vec<Entered> {
        let changed = self.items.iter().filter(|(_, sent)| sent.is_changed());
        let entered = |(spot, sent): (&Spot, &Sent)| Entered {
            group: spot.group.clone(),
            row: spot.row,
            item: spot.item.clone(),
            text: sent.now.text.clone(),
            unit: sent.now.unit.clone(),
            missing: sent.now.missing.clone(),
            reason: sent.reason.clone(),
        };
        changed.map(entered).collect()
    }

    /// The command.
    pub fn save(&self, study: &str, place: &Place) -> Save {
        let voids = self.voids.iter().map(|((group, row), reason)| VoidRow {
            group: group.clone(),
            row: *row,
            reason: reason.clone(),
        });
        Save {
            study: study.to_owned(),
            place: place.clone(),
            version: self.version,
            base: Some(self.base),
            complete: self.complete,
            entries: self.entries(),
            voids: voids.collect(),
            reason: self.reason.clone(),
            import: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn posted(pairs: &[(&str, &str)]) -> Posted {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn only_what_was_changed_is_handed_in() {
        let filled = parse(&posted(&[
            ("csrf", "x"),
            ("base", "17"),
            ("version", "2"),
            ("v:dm/1/SEX", "M"),
            ("w:dm/1/SEX", r#"["M","",""]"#),
            ("v:dm/1/RACE", "ASIAN"),
            ("v:dm/1/ETHNIC", ""),
            ("v:nonsense", "1"),
            ("complete", "yes"),
        ]));
        let save = filled.save("S", &Place::first("1", "V", "DM"));
        assert_eq!((save.base, save.version, save.complete), (Some(17), 2, true));
        assert_eq!(
            save.entries.iter().map(|e| (e.item.as_str(), e.text.as_str())).collect::<Vec<_>>(),
            [("RACE", "ASIAN")]
        );
    }

    #[test]
    fn a_reason_why_there_is_no_value_replaces_the_value_that_was_left_standing() {
        let filled = parse(&posted(&[
            ("v:vs/1/W", "70"),
            ("u:vs/1/W", "kg"),
            ("m:vs/1/W", "ND"),
            ("w:vs/1/W", r#"["70","kg",""]"#),
        ]));
        let entries = filled.entries();
        assert_eq!((entries[0].text.as_str(), entries[0].missing.as_str()), ("", "ND"));
        // A text that was typed together with a reason is a contradiction, which the record shall see.
        let filled = parse(&posted(&[("v:vs/1/W", "71"), ("m:vs/1/W", "ND")]));
        assert_eq!(filled.entries()[0].text, "71");
    }

    #[test]
    fn a_row_is_voided_only_where_its_box_is_ticked() {
        let filled = parse(&posted(&[("void:ae/1", "wrong subject"), ("void:ae/2", "unsure"), ("void", "ae/1")]));
        assert_eq!(filled.save("S", &Place::default()).voids.len(), 1);
        assert_eq!(filled.voids[&("ae".to_owned(), 1)], "wrong subject");
    }

    proptest! {
        /// What a page shows, sent back as it is, changes nothing; what is typed into it arrives to the letter.
        #[test]
        fn a_page_sent_back_says_what_was_typed(
            was in prop::collection::btree_map("[A-Z]{1,8}", ("[^\r]{0,12}", "[a-z/%]{0,4}", "(|ND|UNK)"), 0..6),
            typed in prop::collection::btree_map("[A-Z]{1,8}", "[^\r]{0,12}", 0..6),
        ) {
            let mut pairs = Vec::new();
            for (item, (text, unit, missing)) in &was {
                let spot = Spot::new("g", 1, item);
                let content = Content { text: text.clone(), unit: unit.clone(), missing: missing.clone() };
                pairs.push((spot.field('w'), content.seal()));
                // As a browser sends it.
                pairs.push((spot.field('v'), typed.get(item).unwrap_or(text).replace('\n', "\r\n")));
                pairs.push((spot.field('u'), unit.clone()));
                pairs.push((spot.field('m'), missing.clone()));
            }
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let back: Posted = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            let entries = parse(&back).entries();
            let changed: Vec<_> = was.iter().filter(|(item, (text, ..))| typed.get(*item).is_some_and(|t| t != text)).collect();
            prop_assert_eq!(entries.len(), changed.len());
            for (entered, (item, _)) in entries.iter().zip(changed) {
                prop_assert_eq!(&entered.item, item);
                prop_assert_eq!(&entered.text, &typed[item]);
            }
        }

        #[test]
        fn whatever_is_sent_is_read_without_panic(pairs in prop::collection::vec(("[vumrw]?:?[a-z/0-9]{0,12}", ".{0,20}"), 0..20)) {
            let _ = parse(&pairs).save("S", &Place::default());
        }
    }
}
