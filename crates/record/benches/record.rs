//! How fast is the record? Saves, a load of many values, the matrix and a form, without the HTTP layer.
//!
//! A plain program that prints figures, because what counts are many callers at once, durable: `cargo bench -p croft-record`.
//! The study has 20 forms at each of 15 visits, 20 items on a form with 10 checks on them; of the checks of the first form two look at other
//! visits. Every save is made by a site's coordinator through the door, chained, and answered when it is on the disk. The load is of
//! `CROFT_BENCH_VALUES` values, 600,000 unless told otherwise; 6,000,000 fill the study.
//!
//! What was measured, and on which machine, stands in `docs/performance.md`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench fails by panicking, and takes the time")]

use croft_ledger::{Place as Where, SystemClock};
use croft_record::access::{CreateAccount, GiveGrant, Proof, RecordTraining};
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::{Caller, Command, Record};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const STUDY: &str = "LOAD";
const CALLERS: usize = 64;
const SUBJECTS: usize = 1000;
const VISITS: usize = 15;
const FORMS: usize = 20;
const ITEMS: usize = 20;
const SITES: usize = 10;

fn main() {
    // `cargo test` calls benches to see that they start.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let mut bench = Bench::new();
    println!("{} cores, {}", std::thread::available_parallelism().unwrap(), processor());
    let own = bench.saves("saves, 64 callers, checks on the form", 1, 20_000, CALLERS, false);
    bench.saves("saves, 64 callers, two checks over visits", 0, 10_000, CALLERS, false);
    bench.amendments("changes of one item, 64 callers", 1, 10_000);
    let values = std::env::var("CROFT_BENCH_VALUES").ok().and_then(|v| v.parse().ok()).unwrap_or(600_000_usize);
    let forms = values.div_ceil(ITEMS).saturating_sub(30_000);
    bench.load(forms.min((FORMS - 2) * SUBJECTS * VISITS));
    bench.matrix();
    bench.form();
    bench.start();
    println!("{:<44} {:>9.0} MiB", "peak resident memory", peak_mib());
    assert!(own > 0.0);
}

fn open(folder: &Path) -> Record {
    Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), Arc::new(SystemClock)).unwrap()
}

/// A study with its subjects, and the coordinators of its sites.
struct Bench {
    folder: PathBuf,
    record: Option<Record>,
    callers: Vec<Caller>,
    subjects: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("record-bench-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let record = Some(open(&folder));
        let mut bench = Self { folder, record, callers: Vec::new(), subjects: Vec::new() };
        bench.does(CreateStudy { id: STUDY.into(), title: "Load".into() });
        bench.does(Publish {
            study: STUDY.into(),
            files: definition(),
            note: "first".into(),
            signature: Proof::system(),
        });
        for site in 0..SITES {
            let site = format!("{}", 101 + site);
            let (name, country) = (site.clone(), "GBR".to_owned());
            bench.does(OpenSite { study: STUDY.into(), site: site.clone(), name, country });
        }
        for caller in 0..CALLERS {
            let login = format!("coordinator-{caller}");
            bench.does(CreateAccount { login: login.clone(), name: login.clone(), email: String::new() });
            bench.does(RecordTraining { account: login.clone(), study: None, title: "GCP".into() });
            let (study, role) = (Some(STUDY.to_owned()), "coordinator".to_owned());
            bench.does(GiveGrant { account: login.clone(), role, study, ..GiveGrant::default() });
            bench.callers.push(Caller::new(login, format!("s{caller}"), 60));
        }
        for subject in 0..SUBJECTS {
            let site = format!("{}", 101 + subject % SITES);
            let id = bench.does(Enrol { study: STUDY.into(), site, subject: None });
            bench.subjects.push(id);
        }
        bench
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn does<C: Command>(&self, command: C) -> C::Done {
        self.record().execute(&Caller::system(), command).unwrap()
    }

    fn place(&self, form: usize, n: usize) -> Place {
        let subject = &self.subjects[n % SUBJECTS];
        Place::first(subject, &format!("V{}", n / SUBJECTS % VISITS + 1), &format!("F{form}"))
    }

    /// Saves of new forms; so many are on their way at once. Saves a second.
    fn saves(&self, what: &str, form: usize, count: usize, at_once: usize, import: bool) -> f64 {
        let count = count.min(SUBJECTS * VISITS);
        let made = (0..count).map(|n| save(self.place(form, n), n, import));
        let caller = |n: usize| if import { Caller::system() } else { self.callers[n % CALLERS].clone() };
        let times = self.flood(made, at_once, caller);
        report(what, count, &times)
    }

    fn amendments(&self, what: &str, form: usize, count: usize) {
        let made = (0..count).map(|n| {
            let mut change = save(self.place(form, n), n + 1, false);
            change.entries.truncate(1);
            change.reason = "misread".into();
            change
        });
        let times = self.flood(made, CALLERS, |n| self.callers[n % CALLERS].clone());
        report(what, count, &times);
    }

    /// Closes the record with all that is in it and opens it again, up to the first answer.
    fn start(&mut self) {
        self.record = None;
        let start = Instant::now();
        let record = open(&self.folder);
        record.view(&Caller::system(), |r| r.study(STUDY)).unwrap();
        println!("{:<44} {:>9.1} ms", "the record is opened again", start.elapsed().as_secs_f64() * 1e3);
        self.record = Some(record);
    }

    fn load(&self, forms: usize) {
        let start = Instant::now();
        let each = SUBJECTS * VISITS;
        let made = (0..forms).map(|n| save(self.place(2 + n / each, n % each), n, true));
        self.flood(made, 512, |_| Caller::system());
        let taken = start.elapsed().as_secs_f64();
        let rate = (forms * ITEMS) as f64 / taken;
        println!("{:<44} {:>9.0} values/s, {} in {taken:.1} s", "load of a study", rate, forms * ITEMS);
    }

    /// Total time, then how long each took.
    fn flood(
        &self,
        saves: impl Iterator<Item = Save>,
        at_once: usize,
        caller: impl Fn(usize) -> Caller,
    ) -> (Duration, Vec<Duration>) {
        let (reply, replies) = mpsc::channel();
        let start = Instant::now();
        let mut under_way = 0;
        let mut times = Vec::new();
        for (n, save) in saves.enumerate() {
            let (reply, begun) = (reply.clone(), Instant::now());
            self.record().execute_then(&caller(n), save, move |done| {
                let _ = reply.send((done.map(|_| ()), begun.elapsed()));
            });
            under_way += 1;
            if under_way == at_once {
                let (done, time) = replies.recv().unwrap();
                done.unwrap();
                times.push(time);
                under_way -= 1;
            }
        }
        for _ in 0..under_way {
            let (done, time) = replies.recv().unwrap();
            done.unwrap();
            times.push(time);
        }
        (start.elapsed(), times)
    }

    fn matrix(&self) {
        let all = MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() };
        let caller = Caller::system();
        let time = best(20, || {
            let rows = self.record().view(&caller, |r| r.matrix(STUDY, &all)).unwrap();
            assert_eq!(rows.len(), SUBJECTS);
            assert!(rows.iter().all(|s| s.visits.len() >= 10));
        });
        println!("{:<44} {:>9.2} ms", "matrix of 1,000 subjects x 15 visits", time.as_secs_f64() * 1e3);
    }

    fn form(&self) {
        let place = self.place(1, 17);
        let time = best(200, || {
            let view = self.record().view(&self.callers[0], |r| r.form(STUDY, &place)).unwrap();
            assert_eq!(view.state.counts().items as usize, ITEMS);
        });
        println!("{:<44} {:>9.3} ms", "a form is read", time.as_secs_f64() * 1e3);
        let time = best(200, || {
            let asked = self.record().view(&self.callers[0], |r| {
                let view = r.form(STUDY, &place)?;
                r.not_asked(STUDY, &view)
            });
            assert!(asked.unwrap().is_empty());
        });
        println!("{:<44} {:>9.3} ms", "a form is read, with what is not asked", time.as_secs_f64() * 1e3);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The median of so many.
fn best(count: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[count / 2]
}

fn report(what: &str, count: usize, (total, times): &(Duration, Vec<Duration>)) -> f64 {
    let mut times = times.clone();
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    let rate = count as f64 / total.as_secs_f64();
    println!("{what:<44} {rate:>9.0} a second, median {:.1} ms, p99 {:.1} ms", at(50), at(99));
    rate
}

fn save(place: Place, n: usize, import: bool) -> Save {
    let entry = |item: usize| {
        let text = match item % 4 {
            0 => format!("{}", 40 + (n + item) % 50),
            1 => format!("{}.{}", 60 + n % 30, item % 10),
            2 => ["Y", "N"][(n + item) % 2].to_owned(),
            _ => format!("2026-01-{:02}", 1 + n % 20),
        };
        Entered {
            group: format!("g{}", &place.form[1..]),
            row: 1,
            item: format!("I{item}"),
            text,
            ..Entered::default()
        }
    };
    let entries = (0..ITEMS).map(entry).collect();
    Save { study: STUDY.into(), entries, place, complete: true, import, ..Save::default() }
}

/// 20 forms of 20 items with 10 checks each, at 15 visits.
fn definition() -> BTreeMap<String, String> {
    let mut study =
        format!("[study]\nid = \"{STUDY}\"\ntitle = \"Load\"\n[capture]\nsubject_number = \"{{site}}-{{number:4}}\"\n");
    for visit in 1..=VISITS {
        let _ = write!(
            study,
            "[[visit]]\nnumber = {visit}\ncode = \"V{visit}\"\nname = \"Visit {visit}\"\nday = {}\nepoch = \"T\"\nstart = \"x\"\n",
            7 * visit
        );
    }
    let mut files = BTreeMap::from([("study.toml".to_owned(), study)]);
    for form in 0..FORMS {
        files.insert(format!("forms/f{form:02}.toml"), form_text(form));
    }
    files
}

fn form_text(form: usize) -> String {
    let visits: Vec<String> = (1..=VISITS).map(|v| format!("\"V{v}\"")).collect();
    let mut text = format!(
        "form = \"F{form}\"\nlabel = \"Form {form}\"\nvisits = [{}]\n[[group]]\nname = \"g{form}\"\nlabel = \"Group\"\n",
        visits.join(", ")
    );
    for item in 0..ITEMS {
        let rest = match item % 4 {
            0 => "type = \"integer\"",
            1 => "type = \"float\"\nunit = \"kg\"",
            2 => "type = \"text\"\ncodes = { Y = \"Yes\", N = \"No\" }",
            _ => "type = \"date\"",
        };
        let _ = write!(text, "[[group.item]]\nname = \"I{item}\"\nlabel = \"Item {item}\"\nrequired = true\n{rest}\n");
    }
    let mut checks: Vec<String> = (0..5).map(|n| format!("I{} between 20 and 200", 4 * n)).collect();
    checks.push("I1 > I0 - 100 and I1 / 2 < 100".to_owned());
    checks.push("I2 in ('Y', 'N') or I2 is null".to_owned());
    checks.push("not is_before(I3, '2020-01-01')".to_owned());
    if form == 0 {
        checks.push("I0 >= (select min(b.I0) from g0 b where b.VISIT = 'V1') - 60".to_owned());
        checks.push("not exists (select 1 from g0 b where b.VISIT <> g0.VISIT and b.I3 > '2030')".to_owned());
    } else {
        checks.push("I5 < 120 or I6 = 'N'".to_owned());
        checks.push("coalesce(I9, 0) + coalesce(I13, 0) < 1000".to_owned());
    }
    for (n, holds) in checks.iter().enumerate() {
        let _ = write!(
            text,
            "[[group.check]]\nname = \"C{form}_{n}\"\nitem = \"I{n}\"\nholds = \"{holds}\"\nmessage = \"Please look at {{I{n}}}\"\n"
        );
    }
    text
}

/// As the system names it; empty where it does not.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|l| l.strip_prefix("model name")).and_then(|l| l.split_once(':'));
    name.map(|(_, name)| name.trim().to_owned()).unwrap_or_default()
}

/// The most memory that the process had, in MiB; 0 where the system does not say.
fn peak_mib() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or_default() / 1024.0
}
