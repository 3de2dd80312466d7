//! `croft demo`: an organisation to look at, made, built and served.

use super::{serve, study};
use crate::demo::{PASSWORD, PEOPLE, make};
use crate::output::{Failure, Outcome};
use croft_ledger::SystemClock;
use croft_server::Config;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Folder that is made; it must be empty or not exist
    dir: PathBuf,
    /// Stop before serving
    #[arg(long)]
    once: bool,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8460", value_name = "ADDRESS")]
    listen: SocketAddr,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let config = Config::loopback();
    config.check(args.listen).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(error).hint(hint)
    })?;
    eprintln!("recording two studies as their staff would: this takes some seconds");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failure)?;
    let folder = runtime.block_on(make(&args.dir))?;
    drop(runtime);
    let built = study::build(&folder, None, as_json)?;
    if !as_json {
        tell(args);
    }
    if args.once {
        return Ok(built);
    }
    // The story has ended; from here on the time is the reader's own.
    let record = super::record::Home::new(&args.dir, None).make(Arc::new(SystemClock))?;
    serve::serve(record, config, args.listen, as_json)
}

fn tell(args: &Args) {
    outln!("\naccounts (password of each: {PASSWORD})");
    for (login, name, role, site) in PEOPLE {
        outln!(
            "  {login:16} {name}, {}{}",
            role.replace('_', " "),
            site.map(|s| format!(" at {s}")).unwrap_or_default()
        );
    }
    if args.once {
        outln!("\nserve it with: croft serve {}", args.dir.display());
    } else {
        outln!("\nopen http://{} and sign in", args.listen);
    }
}
