//! May this room know that one?
//!
//! Each manifest states its floor (`[package.metadata.croft] floor = 2`). A room may know rooms on lower floors, and
//! on its own floor those it lists (`sideways = ["croft-x"]`). A tool (`tool = true`: testkit, xtask, fuzz) may know all rooms,
//! and is itself known to tests and tools only. Some libraries belong to one room. Rooms that compute (floors 0 to 2)
//! touch no file, network, process, environment or clock.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Libraries that one room wraps for all others. Report takes libm itself for the axes of figures: it knows no `num`.
const BELONGS_TO: [(&str, &[&str]); 14] = [
    ("libm", &["croft-num", "croft-report"]),
    ("nalgebra", &["croft-num"]),
    ("rand_chacha", &["croft-num"]),
    ("rusqlite", &["croft-query", "croft-ledger"]),
    ("sqlparser", &["croft-query"]),
    ("octofhir-ucum", &["croft-core"]),
    ("krilla", &["croft-report"]),
    ("clap", &["croft"]),
    ("postgres", &["croft-ledger"]),
    ("ed25519-dalek", &["croft-ledger"]),
    ("argon2", &["croft-record"]),
    ("totp-rs", &["croft-record"]),
    ("axum", &["croft-server"]),
    ("maud", &["croft-server"]),
];

/// What code that computes must not reach for.
const OUTSIDE: [&str; 11] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::env::",
    "std::os",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime",
    "Instant",
    "thread::sleep",
    "getrandom",
];

/// The same by their names within `use std::{…}`.
const OUTSIDE_MODULES: [&str; 5] = ["fs", "net", "process", "env", "os"];

struct Room {
    floor: u64,
    tool: bool,
    sideways: Vec<String>,
    folder: PathBuf,
    /// Name and whether only tests use it.
    knows: Vec<(String, bool)>,
}

fn rooms() -> BTreeMap<String, Room> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(room).collect()
}

fn room(package: &Value) -> (String, Room) {
    let name = package["name"].as_str().unwrap().to_owned();
    let croft = &package["metadata"]["croft"];
    let floor = croft["floor"].as_u64();
    let floor = floor.unwrap_or_else(|| panic!("{name}: Cargo.toml states no `[package.metadata.croft] floor`"));
    let strings = |value: &Value| {
        value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let dependencies = package["dependencies"].as_array().unwrap();
    let knows = dependencies.iter().map(|d| (d["name"].as_str().unwrap().to_owned(), d["kind"] == "dev")).collect();
    let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
    let tool = croft["tool"].as_bool().unwrap_or(false);
    (name, Room { floor, tool, sideways: strings(&croft["sideways"]), folder, knows })
}

/// One sentence for each arrow that must not be.
fn forbidden_arrows(rooms: &BTreeMap<String, Room>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, room) in rooms {
        for (known, only_tests) in &room.knows {
            if let Some((_, owners)) = BELONGS_TO.iter().find(|(library, _)| library == known)
                && !owners.contains(&name.as_str())
                && !room.tool
            {
                wrong.push(format!("{name} knows {known}, which belongs to {}", owners.join(", ")));
            }
            let Some(other) = rooms.get(known) else { continue };
            if other.tool && !only_tests && !room.tool {
                wrong.push(format!("{name} knows the tool {known} outside its tests"));
            }
            if room.tool || other.tool {
                continue;
            }
            if other.floor > room.floor {
                wrong.push(format!("{name} (floor {}) knows {known} above it (floor {})", room.floor, other.floor));
            } else if other.floor == room.floor && !room.sideways.contains(known) {
                wrong.push(format!("{name} knows {known} beside it (floor {}), which is not listed", room.floor));
            }
        }
    }
    wrong
}

#[test]
fn no_room_knows_one_above_or_an_unlisted_one_beside() {
    let rooms = rooms();
    assert!(rooms.len() >= 11, "the workspace has its rooms");
    let wrong = forbidden_arrows(&rooms);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_arrow_up_sideways_or_to_a_tool_is_found() {
    let room = |floor, tool, knows: &[&str]| Room {
        floor,
        tool,
        sideways: Vec::new(),
        folder: PathBuf::new(),
        knows: knows.iter().map(|k| ((*k).to_owned(), false)).collect(),
    };
    let rooms = BTreeMap::from([
        ("low".to_owned(), room(0, false, &["high", "libm"])),
        ("beside".to_owned(), room(0, false, &["low"])),
        ("high".to_owned(), room(1, false, &["kit", "low"])),
        ("kit".to_owned(), room(0, true, &["high"])),
    ]);
    assert_eq!(
        forbidden_arrows(&rooms),
        [
            "beside knows low beside it (floor 0), which is not listed",
            "high knows the tool kit outside its tests",
            "low (floor 0) knows high above it (floor 1)",
            "low knows libm, which belongs to croft-num, croft-report",
        ]
    );
}

/// Line and word of each reach outside, tests and comments left out.
fn reaches_outside(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut group: Option<usize> = None;
    for (i, line) in code.lines().enumerate() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        let line = line.split("//").next().unwrap_or_default();
        found.extend(OUTSIDE.iter().filter(|word| line.contains(*word)).map(|word| (i + 1, (*word).to_owned())));
        if line.contains("use std::{") {
            group = Some(i);
        }
        if group.is_some() {
            let words: Vec<_> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let modules = OUTSIDE_MODULES.iter().filter(|module| words.contains(module));
            found.extend(modules.map(|module| (i + 1, format!("std::{module}"))));
        }
        if line.contains(';') {
            group = None;
        }
    }
    found
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

#[test]
fn rooms_that_compute_touch_nothing_outside() {
    let mut scanned = 0;
    let mut wrong = Vec::new();
    for (_, room) in rooms().iter().filter(|(name, r)| r.floor <= 2 && !r.tool && *name != "croft-ledger") {
        let mut files = Vec::new();
        rust_files(&room.folder.join("src"), &mut files);
        for file in files {
            scanned += 1;
            let code = std::fs::read_to_string(&file).unwrap();
            let reaches = reaches_outside(&code);
            wrong.extend(reaches.into_iter().map(|(line, word)| format!("{}:{line}: {word}", file.display())));
        }
    }
    assert!(scanned > 20, "only {scanned} files scanned");
    assert!(
        wrong.is_empty(),
        "engines take bytes and arguments; files and clocks are their callers':\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_reach_outside_is_found() {
    let code = "use std::{\n    fmt,\n    fs,\n};\n// std::fs in a comment\nlet t = Instant::now();\n#[cfg(test)]\nuse std::process;\n";
    assert_eq!(reaches_outside(code), [(3, "std::fs".to_owned()), (6, "Instant".to_owned())]);
    assert_eq!(reaches_outside("let dir = env!(\"CARGO_MANIFEST_DIR\"); let of = offset;"), []);
}
