//! The designs of the reference set.

use croft_trial::randomisation::{Design, Rule};

fn setting<'a>(params: &'a str, name: &str) -> &'a str {
    // `bc=2;4` is one setting, `N=6;mti=2;p=2/3` are three
    let from = params.find(&format!("{name}=")).unwrap() + name.len() + 1;
    let rest = &params[from..];
    if name == "bc" { rest } else { rest.split(';').next().unwrap() }
}

fn number(params: &str, name: &str) -> u32 {
    setting(params, name).parse().unwrap()
}

fn probability(params: &str) -> f64 {
    let (a, b) = setting(params, "p").split_once('/').unwrap();
    a.parse::<f64>().unwrap() / b.parse::<f64>().unwrap()
}

/// A design of the reference set with its number of subjects.
pub fn design(name: &str, params: &str) -> (Rule, usize) {
    let lengths = || setting(params, "bc").split(';').map(|b| b.parse().unwrap()).collect::<Vec<u32>>();
    let subjects = || number(params, "N");
    let tolerance = || number(params, "mti");
    let design = match name {
        "CR" => Design::Simple {},
        "RAR" => Design::RandomAllocation { subjects: subjects() },
        "PBR" => Design::PermutedBlock { lengths: lengths() },
        "TBD" => Design::TruncatedBinomial { lengths: lengths() },
        "EBC" => Design::BiasedCoin { probability: probability(params) },
        "CHEN" => Design::ToleranceCoin { probability: probability(params), tolerance: tolerance() },
        "BSD" => Design::BigStick { tolerance: tolerance() },
        "MP" => Design::MaximalProcedure { subjects: subjects(), tolerance: tolerance() },
        "UD" => Design::Urn { initial: number(params, "ini"), added: number(params, "add") },
        other => panic!("{other}"),
    };
    let n = if params.starts_with("bc") { lengths().iter().sum() } else { subjects() };
    (Rule::new(&[1, 1], &design).unwrap(), n as usize)
}
