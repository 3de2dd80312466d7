//! How fast is the server? Saves, a form and the matrix through HTTP, with sign-in, rights and checks, on one machine with its clients.
//!
//! A plain program that prints figures: `cargo bench -p croft-server`. 64 people have signed in; each holds one connection and sends forms of 20 items
//! with 10 checks on them, one after the other; an answer means that the save is durable and chained. The clients run in this process and share its cores.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench fails by panicking, and takes the time")]

use croft_ledger::{Place, SystemClock};
use croft_record::access::account::CreateAccount;
use croft_record::access::credential::{prove, set_password_by_link};
use croft_record::access::grant::{GiveGrant, RecordTraining};
use croft_record::access::{Proof, session};
use croft_record::capture::Enrol;
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::{Caller, Command, Record};
use croft_server::random::SystemRandom;
use croft_server::{App, Config, app, serve};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const STUDY: &str = "LOAD";
const PASSWORD: &str = "an otter reads the tide tables";
const PEOPLE: usize = 64;
const ITEMS: usize = 20;
const VISITS: usize = 15;
const SUBJECTS: usize = 1000;

fn main() {
    // `cargo test` calls benches to see that they start.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let started = Instant::now();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("server-load-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let (record, secrets) = house(&folder);
    eprintln!("made {PEOPLE} people and {SUBJECTS} subjects in {:.1} s", started.elapsed().as_secs_f64());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(load(record, secrets));
    drop(runtime);
    let _ = std::fs::remove_dir_all(&folder);
}

async fn load(record: Record, secrets: Vec<String>) {
    let config = Config::loopback();
    let limits = config.limits;
    let router = app(App::new(config, record, Arc::new(SystemRandom)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, router, limits, async {
        let _ = stopped.await;
    }));
    let secrets = Arc::new(secrets);
    // Each form once: what is not new would be no event.
    let saves = flood(address, &secrets, SUBJECTS * VISITS, |n| {
        let (subject, visit) = (subject(n), n / SUBJECTS % VISITS + 1);
        ("PUT", format!("/api/v1/studies/{STUDY}/subjects/{subject}/visits/V{visit}/1/forms/F/1"), body(n))
    })
    .await;
    report("saves of 20 items, 64 people", saves);
    let forms = flood(address, &secrets, 5_000, |n| {
        ("GET", format!("/api/v1/studies/{STUDY}/subjects/{}/visits/V1/1/forms/F/1", subject(n)), String::new())
    })
    .await;
    report("forms read, 64 people", forms);
    let one = Arc::new(vec![secrets[0].clone()]);
    let form = flood(address, &one, 300, |n| {
        ("GET", format!("/api/v1/studies/{STUDY}/subjects/{}/visits/V1/1/forms/F/1", subject(n)), String::new())
    })
    .await;
    report("a form read, one person", form);
    let matrix =
        flood(address, &one, 50, |_| ("GET", format!("/api/v1/studies/{STUDY}/subjects?limit=1000"), String::new()))
            .await;
    report("the matrix of 1,000 subjects x 15 visits", matrix);
    println!("{:<44} {:>9.0} MiB", "peak resident memory, clients among it", peak_mib());
    let _ = stop.send(());
    server.await.unwrap();
}

/// Sends so many requests over as many connections as there are secrets; answers each one's time, and the whole.
async fn flood(
    address: SocketAddr,
    secrets: &Arc<Vec<String>>,
    count: usize,
    request: impl Fn(usize) -> (&'static str, String, String) + Send + Sync + Copy + 'static,
) -> (Vec<Duration>, Duration) {
    let started = Instant::now();
    let people = secrets.len();
    let tasks: Vec<_> = (0..people)
        .map(|person| {
            let secrets = Arc::clone(secrets);
            tokio::spawn(async move {
                let mut connection = BufReader::new(TcpStream::connect(address).await.unwrap());
                connection.get_ref().set_nodelay(true).unwrap();
                let mut times = Vec::new();
                for n in (person..count).step_by(people) {
                    let (method, path, body) = request(n);
                    let head = format!(
                        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                        secrets[person],
                        body.len()
                    );
                    let begun = Instant::now();
                    connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                    read(&mut connection, &path).await;
                    times.push(begun.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    (times, started.elapsed())
}

/// Reads one answer, which must be a success of known length.
async fn read(connection: &mut BufReader<TcpStream>, path: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.unwrap();
    assert!(head.starts_with("http/1.1 200"), "{path}: {head}{}", String::from_utf8_lossy(&body));
}

fn report(what: &str, (mut times, whole): (Vec<Duration>, Duration)) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let rate = times.len() as f64 / whole.as_secs_f64();
    println!("{what:<44} {rate:>9.0} /s   median {:>7.2} ms   p99 {:>7.2} ms", at(0.5), at(0.99));
}

fn subject(n: usize) -> String {
    format!("101-{:04}", n % SUBJECTS + 1)
}

fn body(n: usize) -> String {
    let entries: Vec<String> = (0..ITEMS)
        .map(|item| {
            let text = match item % 4 {
                0 => (60 + n % 60).to_string(),
                1 => format!("{}.5", 40 + n % 50),
                2 => "Y".to_owned(),
                _ => "2026-01-21".to_owned(),
            };
            format!(r#"{{"group":"g","item":"I{item}","text":"{text}"}}"#)
        })
        .collect();
    format!(r#"{{"complete":true,"entries":[{}]}}"#, entries.join(","))
}

/// A published study, its subjects, and people who have signed in.
fn house(folder: &std::path::Path) -> (Record, Vec<String>) {
    let record =
        Record::open(Place::Sqlite(folder.join("croft.db")), &folder.join("keys"), Arc::new(SystemClock)).unwrap();
    does(&record, CreateStudy { id: STUDY.into(), title: "Load".into() });
    does(
        &record,
        Publish { study: STUDY.into(), files: definition(), note: "first".into(), signature: Proof::system() },
    );
    does(&record, OpenSite { study: STUDY.into(), site: "101".into(), name: "Clinic".into(), country: "GBR".into() });
    let mut secrets = Vec::new();
    for n in 0..PEOPLE {
        let login = format!("coordinator-{n}");
        let link = does(&record, CreateAccount { login: login.clone(), name: login.clone(), email: String::new() });
        does(&record, RecordTraining { account: login.clone(), study: None, title: "GCP".into() });
        does(
            &record,
            GiveGrant {
                account: login.clone(),
                role: "coordinator".into(),
                study: Some(STUDY.into()),
                ..GiveGrant::default()
            },
        );
        set_password_by_link(&record, &link.0, PASSWORD).unwrap();
        let proof = prove(&record, &login, PASSWORD, "").unwrap().unwrap_or_else(|_| panic!("{login} is not proved"));
        secrets.push(session::sign_in(&record, &proof).unwrap());
    }
    for _ in 0..SUBJECTS {
        does(&record, Enrol { study: STUDY.into(), site: "101".into(), subject: None });
    }
    (record, secrets)
}

fn does<C: Command>(record: &Record, command: C) -> C::Done {
    record.execute(&Caller::system(), command).unwrap()
}

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
    let visits: Vec<String> = (1..=VISITS).map(|v| format!("\"V{v}\"")).collect();
    let mut form = format!(
        "form = \"F\"\nlabel = \"Form\"\nvisits = [{}]\n[[group]]\nname = \"g\"\nlabel = \"Group\"\n",
        visits.join(", ")
    );
    for item in 0..ITEMS {
        let rest = match item % 4 {
            0 => "type = \"integer\"",
            1 => "type = \"float\"\nunit = \"kg\"",
            2 => "type = \"text\"\ncodes = { Y = \"Yes\", N = \"No\" }",
            _ => "type = \"date\"",
        };
        let _ = write!(form, "[[group.item]]\nname = \"I{item}\"\nlabel = \"Item {item}\"\nrequired = true\n{rest}\n");
    }
    let mut checks: Vec<String> = (0..5).map(|n| format!("I{} between 20 and 200", 4 * n)).collect();
    checks.extend(
        [
            "I1 > I0 - 100 and I1 / 2 < 100",
            "I2 in ('Y', 'N') or I2 is null",
            "I5 < 120 or I6 = 'N'",
            "not is_before(I3, '2020-01-01')",
            "coalesce(I9, 0) + coalesce(I13, 0) < 1000",
        ]
        .map(str::to_owned),
    );
    for (n, holds) in checks.iter().enumerate() {
        let _ = write!(
            form,
            "[[group.check]]\nname = \"C{n}\"\nitem = \"I{}\"\nholds = \"{holds}\"\nmessage = \"Check {n}\"\n",
            n % ITEMS
        );
    }
    BTreeMap::from([("study.toml".to_owned(), study), ("forms/f.toml".to_owned(), form)])
}

fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}
