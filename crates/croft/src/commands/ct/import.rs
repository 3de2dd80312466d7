//! `croft ct import`: published terminology into the folder of installed packages.

use super::count;
use crate::output::{Failure, Outcome, Progress, print_json};
use crate::terminology::{self, Folder};
use croft_cdisc::terminology::{self as ct, Package, PackageName, published, store};
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// Files as NCI EVS publish them: `SDTM Terminology 2025-03-28.txt`, `… .odm.xml`; also packed as .xz, or a package in croft's own form
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Which package the file is, such as sdtmct-2025-03-28, where neither its name nor its content tells
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Put it in the place of a package of the same name with another content
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    folder: Folder,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let folder = args.folder.path().ok_or_else(|| {
        Failure::misuse("there is no folder for installed terminology").hint("name one with `--ct-dir`")
    })?;
    let name = args
        .package
        .as_deref()
        .map(str::parse::<PackageName>)
        .transpose()
        .map_err(|error| Failure::misuse(error).hint("give product and date, for instance sdtmct-2025-03-28"))?;
    if name.is_some() && args.files.len() > 1 {
        return Err(Failure::misuse("`--package` names one package, and there are several files")
            .hint("import one file at a time"));
    }
    // All files are read before the first is written, so that a bad one leaves nothing half done.
    let progress = Progress::start();
    let mut packages = Vec::new();
    for file in &args.files {
        progress.say(format!("reading {}", file.display()));
        let package = read(file, name.clone())?;
        let bytes = store::write(&package).map_err(|e| in_file(file, &e, e.hint()))?;
        packages.push((package, bytes));
    }
    progress.end();
    let mut facts = Vec::new();
    for (package, bytes) in &packages {
        let path = terminology::file(&folder, &package.name);
        let was = install(&path, bytes, &package.name, args.replace)?;
        let known = published(package.name.product()).contains(&package.name.date());
        let without_code = package.codelists().iter().flat_map(|l| l.terms()).filter(|t| t.code.is_none()).count();
        if as_json {
            facts.push(json!({
                "package": package.name.to_string(), "file": path.display().to_string(), "was": was,
                "code_lists": package.codelists().len(), "terms": package.term_count(),
                "terms_without_code": without_code, "date_known": known,
            }));
            continue;
        }
        let (lists, terms) = (count(package.codelists().len(), "code list"), count(package.term_count(), "term"));
        outln!("{}: {lists}, {terms}", package.name.title());
        if without_code > 0 {
            eprintln!("note: {} without an NCI code", count(without_code, "term"));
        }
        if !known {
            eprintln!(
                "note: this version of croft knows no package of {} of {}; is the date right?",
                package.name.product(),
                package.name.date()
            );
        }
        match was {
            "same" => eprintln!("{} was there already", path.display()),
            _ => eprintln!("wrote {}", path.display()),
        }
    }
    if as_json {
        print_json(&json!({ "packages": facts }));
    }
    Ok(Outcome::Done)
}

fn read(file: &Path, name: Option<PackageName>) -> Result<Package, Failure> {
    let bytes = std::fs::read(file).map_err(|e| {
        Failure::misuse(format!("{}: {e}", file.display())).hint("give the path of a file as NCI EVS publish it")
    })?;
    ct::read(&file.to_string_lossy(), &bytes, name).map_err(|e| {
        let hint = e.hint();
        in_file(file, &e, hint)
    })
}

/// The whole chain of causes in one line with the file's name.
fn in_file(file: &Path, error: &dyn std::error::Error, hint: &str) -> Failure {
    let mut text = format!("{}: {error}", file.display());
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    Failure::misuse(text).hint(hint)
}

/// Writes the file unless it is there with the same content. Says what was there: `absent`, `same`, `other`.
fn install(path: &Path, bytes: &[u8], name: &PackageName, replace: bool) -> Result<&'static str, Failure> {
    let failed = |e: io::Error| {
        Failure::failure(format!("{} cannot be written: {e}", path.display()))
            .hint("name another folder with `--ct-dir`")
    };
    let was = match std::fs::read(path) {
        Ok(there) if there == bytes => return Ok("same"),
        Ok(_) if !replace => {
            return Err(Failure::misuse(format!("{name} is installed already, with another content"))
                .hint(format!("`--replace` puts this one in its place ({})", path.display())));
        }
        Ok(_) => "other",
        Err(e) if e.kind() == io::ErrorKind::NotFound => "absent",
        Err(e) => return Err(failed(e)),
    };
    crate::place::write_whole(path, bytes).map_err(failed)?;
    Ok(was)
}
