//! Where installed packages of controlled terminology lie.
//!
//! One folder, one file a package (`sdtmct-2025-03-28.ct`): that of `--ct-dir`, else `croft/ct` below the system's folder for data of programs
//! (`$XDG_DATA_HOME`, or `~/.local/share`; `%LOCALAPPDATA%` on Windows). Installed packages stand ahead of those that come with croft.

use crate::output::Failure;
use croft_cdisc::terminology::{Package, PackageName, StoreError, Terminology};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of installed packages.
#[derive(Clone, clap::Args)]
pub struct Folder {
    /// Folder of installed terminology [default: croft/ct in your folder for data of programs]
    #[arg(long, value_name = "DIR")]
    ct_dir: Option<PathBuf>,
}

impl Folder {
    /// The folder, whether or not it is there. `None`: none was given, and the system names none.
    pub fn path(&self) -> Option<PathBuf> {
        self.ct_dir.clone().or_else(|| Some(crate::place::data_folder()?.join("ct")))
    }

    /// All packages at hand.
    pub fn open(&self) -> Result<Terminology, Failure> {
        let Some(folder) = self.path() else { return Ok(Terminology::default()) };
        let installed = match installed(&folder) {
            Ok(installed) => installed,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.ct_dir.is_none() => Vec::new(),
            Err(error) => {
                let cause = format!("the folder of terminology {} cannot be read: {error}", folder.display());
                return Err(Failure::misuse(cause).hint("name another folder with `--ct-dir`"));
            }
        };
        Ok(Terminology::new(installed, move |name| fs::read(file(&folder, name)).map_err(|error| error.to_string())))
    }
}

/// The file of a package.
pub fn file(folder: &Path, name: &PackageName) -> PathBuf {
    folder.join(format!("{name}.ct"))
}

/// The packages whose files lie in a folder. Other files are none of them.
fn installed(folder: &Path) -> io::Result<Vec<PackageName>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".ct"));
        names.extend(
            stem.and_then(|stem| stem.parse::<PackageName>().ok()).filter(|p| Some(p.to_string().as_str()) == stem),
        );
    }
    Ok(names)
}

/// The package that an argument names: `sdtmct-2025-03-28`, or `sdtmct` for the newest at hand.
pub fn named(all: &Terminology, text: &str) -> Result<PackageName, Failure> {
    let known = |name: &PackageName| all.names().contains_key(name);
    if let Ok(name) = text.parse::<PackageName>() {
        return if known(&name) { Ok(name) } else { Err(absent(all, &name)) };
    }
    // Any day will do to have the product's code from its name.
    let product = PackageName::new(text, "2000-01-01").map(|name| name.product().to_owned()).unwrap_or_default();
    all.latest(&product).ok_or_else(|| {
        let products: Vec<String> = products(all);
        Failure::misuse(format!("`{text}` names no package of terminology at hand")).hint(format!(
            "give a package such as sdtmct-2025-03-28, or a product for its newest: {}; a code list stands behind its package (croft ct show sdtmct SEX)",
            products.join(", ")
        ))
    })
}

fn absent(all: &Terminology, name: &PackageName) -> Failure {
    let dates: Vec<String> =
        all.names().into_keys().filter(|n| n.product() == name.product()).map(|n| n.to_string()).collect();
    let at_hand = if dates.is_empty() {
        format!("there is no package of {}", name.product())
    } else {
        format!("at hand: {}", dates.join(", "))
    };
    Failure::misuse(format!("{name} is not at hand"))
        .hint(format!("{at_hand}; `croft ct import` takes the file that NCI EVS publish"))
}

/// The products at hand, each once.
pub fn products(all: &Terminology) -> Vec<String> {
    let mut products: Vec<String> = all.names().into_keys().map(|name| name.product().to_owned()).collect();
    products.dedup();
    products
}

/// The package of a name that is at hand.
pub fn load<'a>(all: &'a Terminology, name: &PackageName) -> Result<&'a Package, Failure> {
    match all.package(name) {
        Ok(Some(package)) => Ok(package),
        Ok(None) => Err(absent(all, name)),
        Err(error) => Err(damaged(name, error)),
    }
}

fn damaged(name: &PackageName, error: &StoreError) -> Failure {
    Failure::misuse(format!("the installed package {name}: {error}")).hint(error.hint())
}
