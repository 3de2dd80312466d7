//! `croft randomise verify`.

use super::{bytes, refused, scheme, seed};
use crate::output::{Failure, Outcome, print_json};
use croft_trial::randomisation::GivenList;
use croft_trial::randomisation::verify::{Finding, Verification, verify, verify_blocks, verify_seed};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The list: CSV with a column `arm` or `treatment`; `stratum`, `number`, `block`, `block_length` where there are
    list: PathBuf,
    /// The scheme that the list should keep to, a TOML file [default: blocks in which each arm is as frequent]
    #[arg(long, value_name = "FILE")]
    scheme: Option<PathBuf>,
    /// The seed that the list should come from
    #[arg(long, value_name = "FILE", requires = "scheme")]
    seed_file: Option<PathBuf>,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let name = args.list.display().to_string();
    let list = GivenList::from_csv(&bytes(&args.list, "a list in CSV")?).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(format!("{name}: {error}")).hint(hint)
    })?;
    let found = match &args.scheme {
        None if list.rows.iter().all(|row| row.block.is_none()) => {
            return Err(Failure::misuse(format!("{name}: the list names no blocks"))
                .hint("say what it should keep to with --scheme FILE"));
        }
        None => verify_blocks(&list),
        Some(path) => {
            let randomisation = scheme(path)?;
            let mut found = verify(&list, &randomisation);
            if let Some(path) = &args.seed_file {
                found.findings.extend(verify_seed(&list, &randomisation, &seed(path)?).map_err(refused)?);
                found.findings.sort_by_key(|finding| finding.row);
            }
            found
        }
    };
    if as_json {
        print_json(&facts(&name, &found))
    } else {
        tell(&name, &found, args)
    }
    let wrong = found.findings.iter().any(|finding| !finding.is_remark());
    Ok(if wrong { Outcome::Findings } else { Outcome::Done })
}

fn tell(name: &str, found: &Verification, args: &Args) {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let strata = if found.strata == 1 { "1 stratum".to_owned() } else { format!("{} strata", found.strata) };
    let blocks: usize = found.blocks.values().sum();
    outln!("{name}: {}, {strata}, {}", count(found.rows, "row"), count(blocks, "block"));
    for (length, blocks) in &found.blocks {
        outln!("  {} of {length}", count(*blocks, "block"));
    }
    for (arm, n) in &found.arms {
        outln!("  arm {arm}: {n}");
    }
    for finding in &found.findings {
        let kind = if finding.is_remark() { "remark" } else { "finding" };
        let stratum = if finding.stratum.is_empty() { String::new() } else { format!(", stratum {}", finding.stratum) };
        outln!("{kind}: row {}{stratum}: {}", finding.row, finding.what);
    }
    let wrong = found.findings.iter().filter(|finding| !finding.is_remark()).count();
    let against = match (&args.scheme, &args.seed_file) {
        (None, _) => "blocks with arms in equal shares".to_owned(),
        (Some(scheme), None) => format!("the scheme {}", scheme.display()),
        (Some(scheme), Some(_)) => format!("the scheme {} and its seed", scheme.display()),
    };
    match wrong {
        0 => outln!("the list keeps to {against}"),
        _ => outln!("{} against {against}", count(wrong, "finding")),
    }
}

fn facts(name: &str, found: &Verification) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "row": finding.row,
            "stratum": finding.stratum,
            "message": finding.what.to_string(),
            "remark": finding.is_remark(),
        })
    };
    let blocks: Vec<Value> =
        found.blocks.iter().map(|(length, count)| json!({ "length": length, "count": count })).collect();
    json!({
        "program": concat!("croft ", env!("CARGO_PKG_VERSION")),
        "file": name,
        "rows": found.rows,
        "strata": found.strata,
        "blocks": blocks,
        "arms": found.arms,
        "findings": found.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}
