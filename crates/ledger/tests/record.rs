//! The ledger through its public face, on SQLite.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_ledger::*;
use std::path::PathBuf;
use std::sync::Arc;

/// Counts the events of each stream.
struct Counts;
const COUNTS: Space = Space("counts");
const DRAFTS: Space = Space("drafts");

impl Projector for Counts {
    fn version(&self) -> u32 {
        1
    }

    fn spaces(&self) -> Vec<Space> {
        vec![COUNTS]
    }

    fn apply(&self, event: &Event, state: &mut dyn State) -> Result<(), ProjectError> {
        if event.kind == "refused/1" {
            return Err(ProjectError::new("as asked"));
        }
        let count = state.get(COUNTS, event.stream.as_bytes())?.map_or(0, |b| b[0]);
        state.put(COUNTS, event.stream.as_bytes(), &[count.wrapping_add(1)])?;
        Ok(())
    }
}

struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
}

impl Scene {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-ledger-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder, clock: Arc::new(ManualClock::new(1_000)) }
    }

    fn place(&self) -> Place {
        Place::Sqlite(self.folder.join("croft.db"))
    }

    fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    fn open(&self) -> Result<Ledger, LedgerError> {
        let (clock, projector) = (Arc::clone(&self.clock) as Arc<dyn Clock>, Arc::new(Counts));
        Ledger::open(Options { place: self.place(), keys: self.keys(), clock, projector })
    }

    fn verify(&self) -> Report {
        verify(&self.place(), &self.keys(), Some(&Counts)).unwrap()
    }

    /// Changes the database as somebody with the file would, triggers out of the way.
    fn tamper(&self, sql: &str) {
        let file = rusqlite::Connection::open(self.folder.join("croft.db")).unwrap();
        file.execute_batch("DROP TRIGGER event_is_never_changed; DROP TRIGGER event_is_never_removed;").unwrap();
        file.execute_batch(sql).unwrap();
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn event(stream: &str) -> NewEvent {
    NewEvent {
        chain: "S1".into(),
        stream: stream.into(),
        kind: "noted/1".into(),
        payload: r#"{"a":1}"#.into(),
        actor: "anna".into(),
        ..NewEvent::default()
    }
}

fn note(ledger: &Ledger, stream: &str) -> Result<u64, LedgerError> {
    let event = event(stream);
    ledger.write(move |tx| tx.append(event).map(|e| e.seq))
}

#[test]
fn what_was_acknowledged_is_there_after_opening_again() {
    let scene = Scene::new("reopen");
    let ledger = scene.open().unwrap();
    for n in 1..=3 {
        assert_eq!(note(&ledger, "a").unwrap(), n);
    }
    drop(ledger);
    let ledger = scene.open().unwrap();
    assert_eq!(note(&ledger, "a").unwrap(), 4);
    assert_eq!(ledger.read(|v| v.get(COUNTS, b"a")).unwrap(), Some(vec![4]));
    drop(ledger);
    let report = scene.verify();
    assert!(report.is_whole(), "{report:?}");
    assert!(report.anchored && report.state_compared);
    assert_eq!(report.events(), 4);
}

#[test]
fn a_work_that_fails_leaves_nothing() {
    let scene = Scene::new("fails");
    let ledger = scene.open().unwrap();
    let failed: Result<(), LedgerError> = ledger.write(|tx| {
        tx.append(event("a"))?;
        tx.put(DRAFTS, b"d", b"1");
        Err(LedgerError::Closed)
    });
    assert_eq!(failed, Err(LedgerError::Closed));
    let panicked: Result<(), LedgerError> = ledger.write(|_| panic!("on purpose"));
    assert_eq!(panicked, Err(LedgerError::Panicked));
    let refused: Result<(), LedgerError> =
        ledger.write(|tx| tx.append(NewEvent { kind: "refused/1".into(), ..event("a") }).map(|_| ()));
    assert_eq!(refused, Err(LedgerError::Project("as asked".into())));
    assert_eq!(note(&ledger, "a").unwrap(), 1);
    assert_eq!(ledger.read(|v| v.get(DRAFTS, b"d")).unwrap(), None);
}

#[test]
fn many_threads_get_numbers_without_gaps() {
    let scene = Scene::new("threads");
    let ledger = scene.open().unwrap();
    let threads: Vec<_> = (0..64)
        .map(|t| {
            let ledger = ledger.clone();
            std::thread::spawn(move || (0..10).map(|_| note(&ledger, &t.to_string()).unwrap()).collect::<Vec<_>>())
        })
        .collect();
    let mut all: Vec<u64> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=640).collect::<Vec<_>>());
    drop(ledger);
    assert!(scene.verify().is_whole());
}

#[test]
fn time_never_goes_back() {
    let scene = Scene::new("time");
    let ledger = scene.open().unwrap();
    scene.clock.set(5_000);
    note(&ledger, "a").unwrap();
    scene.clock.set(2_000);
    let late = ledger.write(|tx| tx.append(event("a")).map(|e| e.time_ms)).unwrap();
    assert_eq!(late, 5_000);
}

#[test]
fn a_second_writer_is_refused() {
    let scene = Scene::new("lease");
    let _first = scene.open().unwrap();
    assert!(matches!(scene.open(), Err(LedgerError::Held { .. })));
}

#[test]
fn identities_are_sealed_and_erased_and_events_stay_whole() {
    let scene = Scene::new("identity");
    let ledger = scene.open().unwrap();
    ledger
        .write(|tx| {
            tx.append(event("1001"))?;
            tx.put_identity("1001", b"Anna Berg, 4 May 1961")
        })
        .unwrap();
    assert_eq!(ledger.read(|v| v.identity("1001")).unwrap().as_deref(), Some(b"Anna Berg, 4 May 1961".as_slice()));
    let holds = |text: &[u8]| {
        ["croft.db", "croft.db-wal"].iter().any(|name| {
            let bytes = std::fs::read(scene.folder.join(name)).unwrap_or_default();
            bytes.windows(text.len()).any(|w| w == text)
        })
    };
    assert!(!holds(b"Anna Berg"));
    ledger
        .write(|tx| {
            tx.erase_identity("1001");
            Ok::<(), LedgerError>(())
        })
        .unwrap();
    assert_eq!(ledger.read(|v| v.identity("1001")).unwrap(), None);
    drop(ledger);
    assert!(scene.verify().is_whole());
}

#[test]
fn a_backup_made_while_writing_is_whole_and_can_be_put_back() {
    let scene = Scene::new("backup");
    let ledger = scene.open().unwrap();
    note(&ledger, "a").unwrap();
    let copy = scene.folder.join("copy.db");
    backup(&scene.place(), &copy).unwrap();
    note(&ledger, "a").unwrap();
    drop(ledger);
    // Beside the anchors of the record it is an old copy; by itself it is whole.
    let old = verify(&Place::Sqlite(copy.clone()), &scene.keys(), Some(&Counts)).unwrap();
    assert_eq!(old.faults.first().map(|f| (f.seq, f.kind)), Some((2, FaultKind::Old)));
    let back = Place::Sqlite(scene.folder.join("back.db"));
    restore(&copy, &back).unwrap();
    assert!(matches!(restore(&copy, &back), Err(LedgerError::Place { .. })));
    std::fs::remove_file(scene.keys().join("anchors.jsonl")).unwrap();
    assert!(verify(&back, &scene.keys(), Some(&Counts)).unwrap().is_whole());
}

#[test]
fn a_record_without_its_keys_is_not_continued() {
    let scene = Scene::new("keys");
    note(&scene.open().unwrap(), "a").unwrap();
    std::fs::remove_dir_all(scene.keys()).unwrap();
    assert!(matches!(scene.open(), Err(LedgerError::Keys { .. })));
}

#[test]
fn the_database_itself_refuses_to_change_events() {
    let scene = Scene::new("triggers");
    note(&scene.open().unwrap(), "a").unwrap();
    let file = rusqlite::Connection::open(scene.folder.join("croft.db")).unwrap();
    for sql in ["UPDATE event SET reason = 'x'", "DELETE FROM event"] {
        assert!(file.execute_batch(sql).unwrap_err().to_string().contains("events are never"), "{sql}");
    }
}

#[test]
fn whatever_is_changed_is_found_at_the_first_bad_event() {
    let cases = [
        ("UPDATE event SET payload = '{\"a\":2}' WHERE seq = 3", 3, FaultKind::Changed),
        ("UPDATE event SET actor = 'eve' WHERE seq = 2", 2, FaultKind::Changed),
        ("UPDATE event SET time_ms = time_ms + 1 WHERE seq = 4", 4, FaultKind::Changed),
        ("UPDATE event SET hash = zeroblob(32) WHERE seq = 2", 2, FaultKind::Changed),
        ("UPDATE event SET format = 9 WHERE seq = 2", 2, FaultKind::Format),
        ("DELETE FROM event WHERE seq = 3", 4, FaultKind::Gap),
        ("DELETE FROM event WHERE seq >= 4", 4, FaultKind::Cut),
        ("DELETE FROM head", 5, FaultKind::Unsigned),
        ("UPDATE head SET signature = replace(signature, 'a', 'b')", 5, FaultKind::Unsigned),
        ("UPDATE state SET value = x'63'", 0, FaultKind::State),
    ];
    for (i, (sql, seq, kind)) in cases.into_iter().enumerate() {
        let scene = Scene::new(&format!("tamper{i}"));
        let ledger = scene.open().unwrap();
        for _ in 0..5 {
            note(&ledger, "a").unwrap();
        }
        drop(ledger);
        scene.tamper(sql);
        let report = scene.verify();
        assert_eq!(
            report.faults.iter().map(|f| (f.seq, f.kind)).collect::<Vec<_>>(),
            [(seq, kind)],
            "{sql}: {report:?}"
        );
    }
}

/// Every field of every event, one byte or one number changed with access to the file; the event that it was done to is named.
#[test]
fn any_field_of_any_event_changed_by_one_byte_is_found() {
    let texts = ["stream", "kind", "payload", "actor", "on_behalf", "reason", "session", "program"];
    let numbers = ["format", "time_ms", "offset_min", "seq"];
    let hashes = ["prev", "hash"];
    let mut statements: Vec<(String, u64)> = Vec::new();
    for seq in 1..=4_u64 {
        for field in texts {
            let changed =
                format!("CASE WHEN {field} = '' THEN 'x' ELSE char(unicode({field}) + 1) || substr({field}, 2) END");
            statements.push((format!("UPDATE event SET {field} = {changed} WHERE seq = {seq}"), seq));
        }
        for field in numbers {
            // A number that is taken elsewhere leaves a gap; the event behind it is where the chain no longer fits.
            let by = if field == "seq" { 100 } else { 1 };
            statements.push((format!("UPDATE event SET {field} = {field} + {by} WHERE seq = {seq}"), seq));
        }
        for field in hashes {
            let flipped = format!(
                "CAST(CASE WHEN substr({field}, 1, 1) = x'00' THEN x'01' ELSE x'00' END || substr({field}, 2) AS BLOB)"
            );
            statements.push((format!("UPDATE event SET {field} = {flipped} WHERE seq = {seq}"), seq));
        }
        statements.push((format!("UPDATE event SET chain = 'S2' WHERE seq = {seq}"), seq));
    }
    let mut tried = 0;
    for (i, (sql, seq)) in statements.iter().enumerate() {
        let scene = Scene::new(&format!("byte{i}"));
        let ledger = scene.open().unwrap();
        for _ in 0..4 {
            note(&ledger, "a").unwrap();
        }
        drop(ledger);
        scene.tamper(sql);
        let report = scene.verify();
        let first = report.faults.first().unwrap_or_else(|| panic!("not found: {sql}"));
        // Where the event itself is gone from its place, the next one or the cut end names the place.
        let near = [*seq, seq + 1, seq + 100, 1, 4];
        let moved = sql.contains(" seq = seq") || sql.contains("chain =");
        assert!(if moved { near.contains(&first.seq) } else { first.seq == *seq }, "{sql}: {:?}", report.faults);
        tried += 1;
    }
    assert_eq!(tried, 60);
}

#[test]
fn a_file_of_events_is_verified_by_itself() {
    let scene = Scene::new("file");
    let ledger = scene.open().unwrap();
    for _ in 0..3 {
        note(&ledger, "a").unwrap();
    }
    let mut file = Vec::new();
    ledger.read(|view| export_events(view, "S1", &mut file)).unwrap();
    assert!(verify_file(&mut file.as_slice()).unwrap().is_whole());
    let text = String::from_utf8(file).unwrap();
    let changed = text.replacen("anna", "anne", 2).replacen("anne", "anna", 1);
    let report = verify_file(&mut changed.as_bytes()).unwrap();
    assert_eq!(report.faults.iter().map(|f| (f.seq, f.kind)).collect::<Vec<_>>(), [(2, FaultKind::Changed)]);
    let report = verify_file(&mut "no event\n".as_bytes()).unwrap();
    assert!(report.faults[0].message.starts_with("line 1"), "{report:?}");
}
