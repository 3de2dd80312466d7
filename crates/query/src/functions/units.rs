//! Units by UCUM and rounding by the trade's rules.

use super::{Arg, Body, Function, FunctionError, Gives, Kind, Use, Value, num, text};
use croft_core::round::{Rounding, round};
use croft_core::unit::{Conversion, Unit, convert_molar};
use std::cell::RefCell;

const ROUND: Function = Function {
    name: "round_half_away",
    used: Use::Row,
    params: &[("x", Kind::Num), ("digits", Kind::Num)],
    optional: 1,
    repeats: false,
    gives: Gives::Num,
    doc: "Rounded to this many decimals (0 unless said; negative: tens, hundreds), halves away from zero, on the decimal that the number is \
          written as: 2.675 gives 2.68.",
    source: "croft_core::round; SAS `ROUND`",
    body: Body::Strict(|a| rounded("round_half_away", a, Rounding::HalfAwayFromZero)),
};

pub(super) const FUNCTIONS: &[Function] = &[
    ROUND,
    Function {
        name: "round_half_even",
        doc: "As round_half_away, but halves to the even neighbour: 0.125 gives 0.12, 0.375 gives 0.38.",
        source: "croft_core::round; SAS `ROUNDE`",
        body: Body::Strict(|a| rounded("round_half_even", a, Rounding::HalfToEven)),
        ..ROUND
    },
    Function {
        name: "convert_unit",
        params: &[("x", Kind::Num), ("from", Kind::Char), ("to", Kind::Char), ("molar_mass", Kind::Num)],
        doc: "x in another unit, both written as CDISC or UCUM write them; between mass and amount of substance with the molar mass in g/mol. \
              Exact factors, rounded once. An unknown unit, or one that measures something else, stops the statement.",
        source: "UCUM 2.2; croft_core::unit",
        body: Body::Strict(converted),
        ..ROUND
    },
];

fn refuse(function: &'static str, problem: String) -> FunctionError {
    FunctionError { function, problem }
}

fn rounded(function: &'static str, a: &[Arg<'_>], rule: Rounding) -> Result<Value, FunctionError> {
    let digits = a.get(1).map_or(0.0, |&d| num(d));
    if digits.fract().abs() > 0.0 || digits.abs() > 400.0 {
        return Err(refuse(function, format!("digits must be a whole number, not {digits}")));
    }
    Ok(Value::Num(round(num(a[0]), digits as i32, rule)))
}

/// A pair of units and its conversion.
type Known = (String, String, Conversion);

thread_local! {
    /// The last conversions: a column has few units, and reading a unit costs far more than a multiplication.
    static CONVERSIONS: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

fn converted(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let (x, from, to) = (num(a[0]), text(a[1]), text(a[2]));
    let told = |e: croft_core::unit::UnitError| refuse("convert_unit", format!("{e} ({})", e.hint()));
    if let Some(&molar_mass) = a.get(3) {
        let (from, to) = (Unit::parse(from).map_err(told)?, Unit::parse(to).map_err(told)?);
        return convert_molar(x, &from, &to, num(molar_mass)).map(Value::Num).map_err(told);
    }
    CONVERSIONS.with_borrow_mut(|known| {
        if let Some((_, _, conversion)) = known.iter().find(|(f, t, _)| f == from && t == to) {
            return conversion.apply(x).map(Value::Num).map_err(told);
        }
        let conversion = Unit::parse(from).and_then(|unit| unit.conversion_to(&Unit::parse(to)?)).map_err(told)?;
        let result = conversion.apply(x).map(Value::Num).map_err(told);
        if known.len() >= 32 {
            known.remove(0);
        }
        known.push((from.to_owned(), to.to_owned(), conversion));
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_the_name_says() {
        let cases = [
            (2.675, 2.0, 2.68, 2.68),
            (0.125, 2.0, 0.13, 0.12),
            (-0.5, 0.0, -1.0, 0.0),
            (1250.0, -2.0, 1300.0, 1200.0),
        ];
        for (x, digits, away, even) in cases {
            let args = [Arg::Num(x), Arg::Num(digits)];
            assert_eq!(rounded("", &args, Rounding::HalfAwayFromZero), Ok(Value::Num(away)), "{x}");
            assert_eq!(rounded("", &args, Rounding::HalfToEven), Ok(Value::Num(even)), "{x}");
        }
    }

    #[test]
    fn units_are_converted_exactly_or_named() {
        let of = |x: f64, from, to| converted(&[Arg::Num(x), Arg::Text(from), Arg::Text(to)]);
        for _ in 0..2 {
            assert_eq!(of(1.1, "g", "mg"), Ok(Value::Num(1100.0)));
            assert_eq!(of(250.0, "ng/mL", "ug/L"), Ok(Value::Num(250.0)));
        }
        assert!(of(1.0, "mg", "mL").unwrap_err().to_string().contains("cannot be converted"));
        assert!(of(1.0, "florps", "mg").unwrap_err().to_string().starts_with("convert_unit: `florps`"));
        // Paracetamol, 151.163 g/mol.
        let molar = converted(&[Arg::Num(1.0), Arg::Text("mmol/L"), Arg::Text("mg/L"), Arg::Num(151.163)]);
        assert_eq!(molar, Ok(Value::Num(151.163)));
    }
}
