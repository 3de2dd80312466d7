//! Does a run that remembers an earlier one give what a whole run gives, whatever was edited?

use crate::{case, peer};
use croft_conform::column::Column;
use croft_conform::frame::Frame;
use croft_conform::memory::Memory;
use croft_conform::own;
use croft_conform::rule::Rule;
use croft_conform::run::{Again, Options, Outcome, again, meant_for, run};
use croft_conform::study::{Study, Table};
use croft_conform::value::Value;

/// A fixed sequence of numbers below `n`.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

fn with_frame(table: &Table, frame: Frame) -> Table {
    let variables = table.variables().iter().filter(|v| frame.has(&v.name)).cloned().collect();
    Table::new(&table.name, &table.label, &table.filename, table.size(), variables, frame)
}

/// One edit, and what it was.
fn edit(tables: &[Table], chance: &mut Chance) -> (Vec<Table>, String) {
    let mut edited = tables.to_vec();
    let at = chance.below(tables.len());
    let table = &tables[at];
    let rows = table.frame().rows();
    let names: Vec<&str> = table.names().collect();
    let name = names[chance.below(names.len())];
    let row = chance.below(rows);
    let what = match chance.below(6) {
        0 | 1 => {
            let column = table.frame().column(name).unwrap();
            let other = if chance.below(2) == 0 { Value::Missing } else { column.value(chance.below(rows)).clone() };
            let cells: Column =
                (0..rows).map(|i| if i == row { other.clone() } else { column.value(i).clone() }).collect();
            let mut frame = (**table.frame()).clone();
            frame.set(name, cells);
            edited[at] = with_frame(table, frame);
            format!("{} record {row}: {name} becomes {other}", table.name)
        }
        2 => {
            let kept = (0..u32::try_from(rows).unwrap()).filter(|i| *i as usize != row).collect();
            edited[at] = with_frame(table, table.frame().take(kept));
            format!("{} loses record {row}", table.name)
        }
        3 => {
            let mut frame = (**table.frame()).clone();
            frame.remove(name);
            edited[at] = with_frame(table, frame);
            format!("{} loses {name}", table.name)
        }
        4 => {
            edited[at].variables_mut()[0].label = format!("edited {row}");
            format!("the first label of {} changes", table.name)
        }
        _ => {
            edited.remove(at);
            format!("{} goes", table.name)
        }
    };
    (edited, what)
}

fn shown(outcomes: &[Outcome]) -> Vec<String> {
    let one =
        |o: &Outcome| format!("{} {:?} {} {:?} {:?} {:#?}", o.rule, o.status, o.total, o.why, o.datasets, o.findings);
    outcomes.iter().map(one).collect()
}

#[test]
fn after_any_edit_what_is_remembered_is_what_would_be_found() {
    let Some(folder) = croft_testkit::reference("cdisc/core-rules") else { return };
    let Some(data) = croft_testkit::reference("cdisc/datasetjson-1.1/sdtm") else { return };
    let published: Vec<Rule> =
        case::cases(&folder).map(|(_, rule, _)| croft_conform::rule::read::from_json(&rule).unwrap()).collect();
    let tables = peer::tables(&data, &[]);
    let study = |tables: Vec<Table>| Study::new(tables, "sdtmig", "3.3");
    let before = study(tables.clone());
    let all = published.iter().chain(own::rules().iter().map(|own| &own.rule));
    let rules: Vec<&Rule> = all.filter(|rule| meant_for(rule, &before)).collect();
    let options = Options { threads: 2, most_findings: 50 };
    let first = again(&before, &rules, options, &|| 0.0, &Memory::default());
    assert_eq!(first.remembered, 0);
    assert_eq!(shown(&first.outcomes), shown(&run(&before, &rules, options, &|| 0.0)));
    let kept = Memory::of_json(&serde_json::to_vec(&first.memory).unwrap()).unwrap();
    let unchanged = again(&study(tables.clone()), &rules, options, &|| 0.0, &kept);
    assert_eq!((unchanged.remembered, shown(&unchanged.outcomes)), (first.questions, shown(&first.outcomes)));

    let mut chance = Chance(11);
    let (mut asked, mut questions) = (0, 0);
    for _ in 0..25 {
        let (edited, what) = edit(&tables, &mut chance);
        let after = study(edited.clone());
        let Again { outcomes, remembered, questions: all, .. } = again(&after, &rules, options, &|| 0.0, &kept);
        let whole = study(edited);
        let expected = run(&whole, &rules, options, &|| 0.0);
        for (given, wanted) in shown(&outcomes).iter().zip(shown(&expected)) {
            assert_eq!(*given, wanted, "{what}");
        }
        assert_eq!(after.notes(), whole.notes(), "{what}");
        asked += all - remembered;
        questions += all;
    }
    println!("25 edits of one study: {asked} of {questions} questions asked again");
    assert!(asked * 2 < questions, "{asked} of {questions}");
}
