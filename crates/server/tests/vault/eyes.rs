//! What no blinded eye may see, and how it is looked for: in text, in archives and documents, in files, in the log.

use crate::house::House;
use crate::scene::{ARMS, STUDY};
use croft_record::Caller;
use croft_record::access::Proof;
use data_encoding::{BASE64, HEXLOWER};
use std::collections::BTreeSet;
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

/// Bytes before and after a word by which its place is known.
const AROUND: usize = 12;

/// Words that must not be seen: arms, and from what the lists can be made again.
pub struct Secrets {
    words: Vec<String>,
    seeds: Vec<Vec<u8>>,
}

impl Secrets {
    /// Those of the schemes that are sealed now.
    pub fn of(house: &House) -> Self {
        let schemes = house.vault.codes(&Caller::system(), STUDY, "a test", Proof::system()).unwrap().schemes;
        let mut words: Vec<String> = ARMS.map(str::to_owned).into();
        words.extend(["random_block".to_owned(), "lengths = [".to_owned()]);
        let mut seeds = Vec::new();
        for (_, secret) in schemes {
            for hex in [&secret.seed, &secret.salt] {
                let bytes = HEXLOWER.decode(hex.as_bytes()).unwrap();
                words.extend([hex.clone(), BASE64.encode(&bytes)]);
                seeds.push(bytes);
            }
        }
        Self { words, seeds }
    }

    /// The first that stands in a text.
    pub fn seen_in(&self, text: &str) -> Option<&str> {
        self.words.iter().map(String::as_str).find(|word| text.contains(word))
    }

    /// The same of an answer, an export or a document, whatever is packed in it. Definitions, and the events that publish them, say which arms there are.
    pub fn seen_in_bytes(&self, bytes: &[u8]) -> Option<String> {
        contents(bytes).into_iter().filter(|(name, _)| !name.starts_with("definition/")).find_map(|(name, text)| {
            let text: String = text.lines().filter(|line| !line.contains("version.published/1")).collect();
            self.seen_in(&text).map(|word| format!("{word} in {name}"))
        })
    }

    /// Where they stand in the files of a folder, as words and as bytes, each with what stands around it; keys left out. A database writes a page again when
    /// something else changes on it: how often a word stands there says nothing, among what it stands does.
    pub fn in_files(&self, folder: &Path) -> BTreeSet<String> {
        let words = || self.words.iter().map(String::as_bytes).chain(self.seeds.iter().map(Vec::as_slice));
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "keys") {
                found.extend(self.in_files(&path));
            } else if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                for (at, byte) in bytes.iter().enumerate() {
                    for word in words().filter(|word| word[0] == *byte && bytes[at..].starts_with(word)) {
                        let around = at.saturating_sub(AROUND)..(at + word.len() + AROUND).min(bytes.len());
                        found.insert(String::from_utf8_lossy(&bytes[around]).into_owned());
                    }
                }
            }
        }
        found
    }
}

/// What an archive, a document or a file holds, as text.
fn contents(bytes: &[u8]) -> Vec<(String, String)> {
    if bytes.starts_with(b"%PDF") {
        return vec![("document".to_owned(), words_of(bytes))];
    }
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return vec![(String::new(), String::from_utf8_lossy(bytes).into_owned())];
    };
    let mut all = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut inner = Vec::new();
        file.read_to_end(&mut inner).unwrap();
        all.extend(contents(&inner).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
    }
    all
}

/// The words of a document, where there is a reader of them.
fn words_of(pdf: &[u8]) -> String {
    static COUNT: LazyLock<Mutex<u32>> = LazyLock::new(Mutex::default);
    let mut count = COUNT.lock().unwrap();
    *count += 1;
    let path = std::env::temp_dir().join(format!("croft-vault-{}-{count}.pdf", std::process::id()));
    std::fs::write(&path, pdf).unwrap();
    let read = std::process::Command::new("pdftotext").arg(&path).arg("-").output();
    std::fs::remove_file(&path).unwrap();
    read.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// Everything that the program logs, at its most talkative.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was logged so far, by every test of this program.
pub fn log() -> String {
    static LOG: LazyLock<Log> = LazyLock::new(|| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    });
    String::from_utf8_lossy(&LOG.0.lock().unwrap()).into_owned()
}
