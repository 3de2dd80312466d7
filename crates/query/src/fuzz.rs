//! Entry points for fuzzing: none may panic on any input.

use crate::session::Limits;
use crate::{Session, check};
use croft_core::{Cell, Dataset, Variable};

/// Arbitrary text through the gate and, when it passes, through a tiny session.
pub fn fuzz_sql(data: &[u8]) {
    let Ok(sql) = std::str::from_utf8(data) else { return };
    let Some(session) = tiny_session() else { return };
    match check(sql, session.catalog(), &[]) {
        Ok(checked) => {
            let first = session.run(&checked, "X").map_err(|e| e.to_string());
            let second = session.run(&checked, "X").map_err(|e| e.to_string());
            assert_eq!(first, second, "the same statement on the same data gives the same result");
        }
        Err(errors) => assert!(!errors.is_empty(), "a refusal says why"),
    }
}

fn tiny_session() -> Option<Session> {
    let mut session = Session::with_limits(Limits { steps: 1_000_000, rows: 10_000 }).ok()?;
    let variables = || vec![Variable::char("K", ""), Variable::num("N", ""), Variable::char("C", "")];
    for name in ["A", "B"] {
        let mut data = Dataset::new(name, "", variables());
        data.keys = vec!["K".to_owned()];
        data.push_row([Cell::Text("1"), Cell::Num(1.5), Cell::Text("x")]);
        data.push_row([Cell::Text("2"), Cell::Null, Cell::Text("")]);
        data.push_row([Cell::Text("3"), Cell::Num(-2.0), Cell::Null]);
        session.add(&data).ok()?;
    }
    Some(session)
}
