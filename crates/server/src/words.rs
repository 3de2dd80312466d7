//! What does croft say, and in which language?
//!
//! Every word of a page stands in `words/LANGUAGE.ftl` ([Fluent](https://projectfluent.org)); a file more is a language more. Code names a
//! message by its key through [`t!`](crate::t), with values by name: `t!(c, "queries-open", count = 3)`. A test walks the source: each key that
//! is used stands in `en.ftl`, each key that stands there is used. A message that another language lacks is said in English.
//!
//! The person's own choice decides (a cookie that the preferences page sets), then the browser's `Accept-Language`.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

/// The language that has every message.
pub const ENGLISH: &str = "en";

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/words");

/// One language, as one page speaks it. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Words {
    own: &'static Language,
    english: &'static Language,
}

struct Language {
    tag: String,
    bundle: FluentBundle<FluentResource>,
}

/// A value that stands in a message.
pub struct Value(FluentValue<'static>);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(FluentValue::from(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(FluentValue::from(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self(FluentValue::from(text.clone()))
    }
}

macro_rules! value_from_number {
    ($($number:ty),*) => { $(impl From<$number> for Value {
        fn from(number: $number) -> Self { Self(FluentValue::from(number)) }
    })* };
}
value_from_number!(u8, u16, u32, u64, usize, i32, i64, f64);

/// A message by its key: `t!(c, "key")`, `t!(c, "key", name = value)`. The first argument is anything that knows its [`Words`].
#[macro_export]
macro_rules! t {
    ($who:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        ::core::convert::AsRef::<$crate::words::Words>::as_ref(&$who)
            .say($key, &[$((stringify!($name), $crate::words::Value::from($value))),*])
    };
}

impl AsRef<Words> for Words {
    fn as_ref(&self) -> &Words {
        self
    }
}

impl Words {
    /// The language of this tag (`de`, `pt-BR`), or English.
    pub fn of(tag: &str) -> Self {
        let languages = languages();
        let primary = tag.split('-').next().unwrap_or(tag);
        let own = languages.get(&tag.to_ascii_lowercase()).or_else(|| languages.get(&primary.to_ascii_lowercase()));
        let english = english();
        Self { own: own.unwrap_or(english), english }
    }

    /// The language that suits the choices best, first the most wanted; each may be a list as in `Accept-Language`.
    pub fn choose(choices: &[&str]) -> Self {
        let wanted = choices.iter().flat_map(|choice| by_quality(choice));
        let known = wanted.map(Self::of_known).find(Option::is_some).flatten();
        known.unwrap_or_else(|| Self::of(ENGLISH))
    }

    fn of_known(tag: &str) -> Option<Self> {
        let words = Self::of(tag);
        let primary = |t: &str| t.split('-').next().map(str::to_ascii_lowercase);
        (primary(words.tag()) == primary(tag)).then_some(words)
    }

    /// The language's tag, for `<html lang>`.
    pub fn tag(&self) -> &'static str {
        &self.own.tag
    }

    /// All tags that can be chosen, with the language's name for itself.
    pub fn all() -> Vec<(&'static str, String)> {
        languages().keys().map(|tag| (tag.as_str(), Self::of(tag).say("language-name", &[]))).collect()
    }

    /// The message of a key; see [`t!`](crate::t).
    pub fn say(&self, key: &str, values: &[(&'static str, Value)]) -> String {
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.0.clone())).collect();
        let said = self.own.say(key, &args).or_else(|| self.english.say(key, &args));
        said.unwrap_or_else(|| format!("[{key}]"))
    }
}

impl Language {
    fn parse(tag: &str, text: &str) -> Result<Self, String> {
        let id: LanguageIdentifier = tag.parse().map_err(|e| format!("{tag} is no language: {e}"))?;
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| format!("{tag}: {errors:?}"))?;
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks of direction around each value would be read out and copied along; pages mark direction themselves.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).map_err(|errors| format!("{tag}: {errors:?}"))?;
        Ok(Self { tag: tag.to_owned(), bundle })
    }

    fn say(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
    }
}

/// Languages by tag in small letters. A file that does not parse is left out; the test below says so.
fn languages() -> &'static BTreeMap<String, Language> {
    static LANGUAGES: OnceLock<BTreeMap<String, Language>> = OnceLock::new();
    LANGUAGES.get_or_init(|| {
        files().filter_map(|(tag, text)| Some((tag.to_ascii_lowercase(), Language::parse(tag, text).ok()?))).collect()
    })
}

fn english() -> &'static Language {
    static NONE: OnceLock<Language> = OnceLock::new();
    languages().get(ENGLISH).unwrap_or_else(|| {
        NONE.get_or_init(|| Language { tag: ENGLISH.to_owned(), bundle: FluentBundle::new_concurrent(Vec::new()) })
    })
}

fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.files().filter_map(|file| Some((file.path().to_str()?.strip_suffix(".ftl")?, file.contents_utf8()?)))
}

/// The tags of an `Accept-Language` list, the most wanted first; what is not wanted (`q=0`) left out.
fn by_quality(list: &str) -> Vec<&str> {
    let mut tags: Vec<(f32, &str)> = list.split(',').take(16).filter_map(tag_and_quality).collect();
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    tags.into_iter().filter(|(quality, _)| *quality > 0.0).map(|(_, tag)| tag).collect()
}

fn tag_and_quality(entry: &str) -> Option<(f32, &str)> {
    let (tag, rest) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let quality = rest.trim().strip_prefix("q=").and_then(|q| q.trim().parse().ok()).unwrap_or(1.0);
    let tag = tag.trim();
    (!tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')).then_some((quality, tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn keys_of(text: &str) -> BTreeSet<String> {
        let key = |line: &str| {
            let (key, _) = line.split_once(" =")?;
            key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-').then(|| key.to_owned())
        };
        text.lines().filter_map(key).collect()
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }

    /// Keys named in `t!(…, "key"` and `.say("key"`, white space and lines between left out.
    fn keys_used(code: &str) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for (mark, after_comma) in [("t!(", true), (".say(", false)] {
            for (at, _) in code.match_indices(mark) {
                // `assert!(` ends in the mark as well.
                if code[..at].chars().next_back().is_some_and(|c| after_comma && (c.is_alphanumeric() || c == '_')) {
                    continue;
                }
                let rest = &code[at + mark.len()..];
                let start = if after_comma { rest.find(',').map(|c| c + 1) } else { Some(0) };
                let Some(rest) = start.map(|s| rest[s..].trim_start()) else { continue };
                if let Some(key) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) {
                    used.insert(key.to_owned());
                }
            }
        }
        used
    }

    #[test]
    fn every_key_used_exists_and_every_key_is_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut paths = Vec::new();
        sources(&root, &mut paths);
        let mut used = BTreeSet::new();
        for path in paths.iter().filter(|p| !p.ends_with("words.rs")) {
            used.extend(keys_used(&std::fs::read_to_string(path).unwrap()));
        }
        used.insert("language-name".to_owned());
        let english = files().find(|(tag, _)| *tag == ENGLISH).unwrap().1;
        let known = keys_of(english);
        let unknown: Vec<_> = used.difference(&known).collect();
        assert!(unknown.is_empty(), "not in words/en.ftl: {unknown:?}");
        let unused: Vec<_> = known.difference(&used).collect();
        assert!(unused.is_empty(), "in words/en.ftl and never said: {unused:?}");
    }

    #[test]
    fn every_language_parses_and_says_nothing_that_english_does_not() {
        let english = keys_of(files().find(|(tag, _)| *tag == ENGLISH).unwrap().1);
        for (tag, text) in files() {
            Language::parse(tag, text).unwrap();
            let strange: Vec<_> = keys_of(text).difference(&english).cloned().collect();
            assert!(strange.is_empty(), "{tag}: not in English: {strange:?}");
        }
    }

    #[test]
    fn a_message_that_is_lacking_is_said_in_english() {
        let other = Box::leak(Box::new(Language::parse("de", "language-name = Deutsch\n").unwrap()));
        let words = Words { own: other, english: english() };
        assert_eq!(words.say("language-name", &[]), "Deutsch");
        assert_eq!(words.say("skip-to-content", &[]), "Skip to the content");
        assert_eq!(words.say("nowhere", &[]), "[nowhere]");
    }

    #[test]
    fn the_most_wanted_language_that_is_there_is_chosen() {
        assert_eq!(by_quality("de;q=0.5, en-GB, fr;q=0, x*;q=1"), ["en-GB", "de"]);
        assert_eq!(Words::choose(&["xx, en;q=0.1"]).tag(), "en");
        assert_eq!(Words::choose(&["", "zz"]).tag(), "en");
    }

    #[test]
    fn keys_are_found_where_they_are_used() {
        let code = "t!(c, \"one\") t!(\n  self.words,\n \"two\", n = 1) words.say(\"three\", &[])";
        assert_eq!(keys_used(code).into_iter().collect::<Vec<_>>(), ["one", "three", "two"]);
    }
}
