//! Where the program keeps what a user gave it, and how a file is written whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folder for data of programs that the system names, and croft's in it: `$XDG_DATA_HOME`, or `~/.local/share`;
/// `%LOCALAPPDATA%` on Windows.
pub fn data_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = variable("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let local = || variable("LOCALAPPDATA").or_else(|| Some(variable("HOME")?.join(".local").join("share")));
    Some(data.or_else(local)?.join("croft"))
}

/// Writes a file whole or not at all: under another name in the same folder, which is made where it is not there, then renamed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let unfinished = path.with_extension(format!("new-{}", std::process::id()));
    let written = fs::File::create(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&unfinished, path)).inspect_err(|_| {
        // What is left of a failed write helps nobody; that it cannot be removed either adds nothing.
        let _ = fs::remove_file(&unfinished);
    })
}
