//! `croft randomise list`.

use super::{refused, scheme, seed};
use crate::output::{Failure, Outcome, print_json};
use crate::place::write_whole;
use croft_server::random::{SystemRandom, draw};
use croft_trial::randomisation::{Length, List, Seed};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Said with every list: who sees it, or its seed, knows the arms to come.
const WARNING: &str =
    "who holds this list or its seed knows every allocation to come: for planning and open-label trials";

#[derive(clap::Args)]
pub struct Args {
    /// The scheme, a TOML file
    #[arg(long, value_name = "FILE")]
    scheme: PathBuf,
    /// Subjects in each stratum; the last block is made whole
    #[arg(long, value_name = "N")]
    n: u32,
    /// So many subjects and no more, even where that cuts the last block
    #[arg(long)]
    exact: bool,
    /// The seed, a file of 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    seed_file: PathBuf,
    /// Draw a seed and keep it in the seed file, which must not be there yet
    #[arg(long)]
    new_seed: bool,
    /// Where the list is written, CSV [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let randomisation = scheme(&args.scheme)?;
    let length = if args.exact { Length::Exactly(args.n) } else { Length::WholeBlocks(args.n) };
    let seed = if args.new_seed {
        // a scheme without a list makes no seed either
        List::make(&randomisation, &Seed::new([0; 32]), length).map_err(refused)?;
        new_seed(&args.seed_file)?
    } else {
        seed(&args.seed_file)?
    };
    let list = List::make(&randomisation, &seed, length).map_err(refused)?;
    if let Some(path) = &args.out {
        write_whole(path, list.to_csv().as_bytes())
            .map_err(|error| Failure::failure(format!("{}: {error}", path.display())))?;
    }
    if as_json {
        print_json(&facts(args, &list, randomisation.strata().len()));
    } else if args.out.is_none() {
        out!("{}", list.to_csv());
    }
    eprintln!("{} allocations in {} strata, digest {}", list.slots.len(), randomisation.strata().len(), list.digest());
    if args.new_seed {
        eprintln!("wrote {} (the seed: keep it, the list can be made again from it)", args.seed_file.display());
    }
    if let Some(path) = &args.out {
        eprintln!("wrote {}", path.display());
    }
    eprintln!("note: {WARNING}");
    Ok(Outcome::Done)
}

fn facts(args: &Args, list: &List, strata: usize) -> Value {
    let slots: Vec<Value> = list
        .slots
        .iter()
        .map(|slot| {
            json!({
                "stratum": slot.stratum,
                "number": slot.number,
                "block": slot.block.map(|block| block.number),
                "block_length": slot.block.map(|block| block.length),
                "arm": slot.arm,
            })
        })
        .collect();
    json!({
        "program": concat!("croft ", env!("CARGO_PKG_VERSION")),
        "scheme": serde_json::from_str::<Value>(&list.scheme).unwrap_or_default(),
        "n": args.n,
        "exact": args.exact,
        "strata": strata,
        "digest": list.digest(),
        "note": WARNING,
        "list": slots,
    })
}

/// Draws a seed into a new file that only its owner reads.
fn new_seed(path: &Path) -> Result<Seed, Failure> {
    let seed = Seed::new(draw::<32>(&SystemRandom).map_err(Failure::failure)?);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::misuse(format!("{}: the file is there already", path.display()))
            .hint("leave out --new-seed to use the seed in it, or name another file"),
        _ => Failure::misuse(format!("{}: {error}", path.display())).hint("name a file in a folder that you can write"),
    })?;
    writeln!(file, "{}", seed.to_hex())
        .and_then(|()| file.sync_all())
        .map_err(|error| Failure::failure(format!("{}: {error}", path.display())))?;
    Ok(seed)
}
