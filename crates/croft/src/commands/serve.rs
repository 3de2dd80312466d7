//! `croft serve`: the record's pages and its interface for programs, until somebody stops it.

use super::record::Home;
use crate::output::{Failure, Outcome, print_json};
use crate::vault_key;
use croft_ledger::SystemClock;
use croft_record::{Caller, Record};
use croft_server::random::SystemRandom;
use croft_server::{App, Config};
use serde_json::json;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the record; made when there is none
    dir: PathBuf,
    /// Where to listen. Anything but this machine itself needs a proxy that speaks TLS in front
    #[arg(long, default_value = "127.0.0.1:8460", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A proxy that speaks TLS stands in front and says who asks
    #[arg(long)]
    behind_proxy: bool,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let config = if args.behind_proxy { Config::behind_proxy() } else { Config::loopback() };
    config.check(args.listen).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(error).hint(hint)
    })?;
    let record = Home::new(&args.dir, args.database.as_deref()).make(Arc::new(SystemClock))?;
    serve(record, config, args.listen, as_json)
}

/// Serves a record until the process is told to stop.
pub fn serve(record: Record, config: Config, listen: SocketAddr, as_json: bool) -> Result<Outcome, Failure> {
    log_to_stderr(as_json);
    let nobody = record.view(&Caller::system(), |r| r.accounts())?.is_empty();
    let limits = config.limits;
    let vault = vault_key::vault(&record)?;
    let app = App::with_vault(config, record, vault, Arc::new(SystemRandom));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failure)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| {
            Failure::misuse(format!("cannot listen on {listen}: {error}"))
                .hint("another program has the port; choose one with --listen")
        })?;
        let address = listener.local_addr().map_err(Failure::failure)?;
        tell(address, nobody, as_json);
        croft_server::serve(listener, croft_server::app(app), limits, stopped()).await;
        Ok(Outcome::Done)
    })
}

fn tell(address: SocketAddr, nobody: bool, as_json: bool) {
    if as_json {
        print_json(&json!({ "address": format!("http://{address}"), "accounts": !nobody }));
        return;
    }
    eprintln!("serving http://{address} until Ctrl-C");
    if nobody {
        eprintln!(
            "nobody has an account yet: make the first one with `croft user add DIR LOGIN --name NAME --role administrator`"
        );
    }
}

/// One line a request on standard error. `CROFT_LOG` names the least level: error, warn, info, debug.
fn log_to_stderr(as_json: bool) {
    let level = std::env::var("CROFT_LOG")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(tracing_subscriber::filter::LevelFilter::WARN);
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second call in one process keeps the first log.
    let _ = if as_json { builder.json().try_init() } else { builder.try_init() };
}

/// Ctrl-C, or the system's word to end.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
