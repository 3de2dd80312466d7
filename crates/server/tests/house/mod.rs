//! A house for tests: a record, its server in this process, and people who can sign in.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use croft_ledger::{ManualClock, Place};
use croft_record::access::Proof;
use croft_record::access::account::CreateAccount;
use croft_record::access::credential::set_password_by_link;
use croft_record::access::grant::{GiveGrant, RecordTraining};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::vault::{MasterKeys, Vault};
use croft_record::{Caller, Command, Record};
use croft_server::random::SystemRandom;
use croft_server::{App, Config, Local, app};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tower::ServiceExt;

pub const STUDY: &str = "CRB101";
pub const PASSWORD: &str = "an otter reads the tide tables";
/// 2026-01-21T10:00:00Z
pub const BEGIN: i64 = 1_768_989_600_000;

pub struct House {
    pub folder: PathBuf,
    pub clock: Arc<ManualClock>,
    pub record: Record,
    pub vault: Vault,
    router: Router,
    local: Local,
}

impl House {
    /// A published study with sites 101 and 102, and one person of each role at site 101; `far` is the coordinator of 102.
    pub fn new(name: &str) -> Self {
        Self::of(name, STUDY, definition())
    }

    /// The same with another study.
    pub fn of(name: &str, study: &str, files: BTreeMap<String, String>) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-server-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Place::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        let vault = Vault::new(&record, MasterKeys::in_folder(&folder.join("keys/vault")).unwrap());
        let served = App::with_vault(Config::loopback(), record.clone(), vault.clone(), Arc::new(SystemRandom));
        let (router, local) = (app(served.clone()), Local::new(served));
        let house = Self { folder, clock, record, vault, router, local };
        house.does(CreateStudy { id: study.into(), title: "Velotinib".into() });
        house.does(Publish { study: study.into(), files, note: "first".into(), signature: Proof::system() });
        for site in ["101", "102"] {
            house.does(OpenSite {
                study: study.into(),
                site: site.into(),
                name: format!("Clinic {site}"),
                country: "GBR".into(),
            });
        }
        house
    }

    pub fn does<C: Command>(&self, command: C) -> C::Done {
        self.clock.advance(60_000);
        self.record.execute(&Caller::system(), command).unwrap_or_else(|e| panic!("{e}: {}", e.hint()))
    }

    /// An account with a password, a role and its training.
    pub fn person(&self, login: &str, role: &str, study: Option<&str>, site: Option<&str>) {
        let link = self.does(CreateAccount { login: login.into(), name: format!("{login} N."), email: String::new() });
        set_password_by_link(&self.record, &link.0, PASSWORD).unwrap();
        self.grant(login, role, study, site);
        self.does(RecordTraining { account: login.into(), study: None, title: "GCP".into() });
    }

    pub fn grant(&self, login: &str, role: &str, study: Option<&str>, site: Option<&str>) {
        self.does(GiveGrant {
            account: login.into(),
            role: role.into(),
            study: study.map(str::to_owned),
            site: site.map(str::to_owned),
            ..GiveGrant::default()
        });
    }

    /// What answers requests.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A call of the interface; the answer's status and its text.
    pub async fn raw(&self, secret: &str, method: &str, path: &str, body: &Value) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {secret}"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.send(request.body(Body::from(body)).unwrap()).await;
        (answer.status().as_u16(), text(answer).await)
    }

    /// A call of the interface; the answer's status and its JSON.
    pub async fn call(&self, secret: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, answer) = self.local.call(secret, method, path, body).await.unwrap();
        if status == 200 {
            self.is_as_described(method, path, &answer).await;
        }
        (status, answer)
    }

    /// An answer holds what the interface's description says that it holds.
    async fn is_as_described(&self, method: &str, path: &str, answer: &Value) {
        let request = Request::get("/api/openapi.json").header("host", "localhost").body(Body::empty()).unwrap();
        let document: Value = serde_json::from_str(&text(self.send(request).await).await).unwrap();
        let asked: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.trim_start_matches("/api/v1").split('/').collect();
            parts.len() == asked.len() && parts.iter().zip(&asked).all(|(t, a)| t.starts_with('{') || t == a)
        };
        // `/versions/preview` is itself before it is a version.
        let mut templates: Vec<&String> = document["paths"].as_object().unwrap().keys().filter(|t| fits(t)).collect();
        templates.sort_by_key(|t| t.matches('{').count());
        let operation = &document["paths"][templates[0].as_str()][method.to_lowercase()];
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        for (name, told) in schema["properties"].as_object().unwrap() {
            let found = answer.get(name).unwrap_or_else(|| panic!("{method} {path} gives no `{name}`: {answer}"));
            let kind = match found {
                Value::Null => continue,
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert_eq!(told["type"], kind, "{method} {path}: `{name}`");
        }
        let described = !schema["properties"].as_object().unwrap().is_empty();
        let given = answer.as_object().is_some_and(|a| !a.is_empty());
        assert_eq!(described, given, "{method} {path}: {answer}");
    }

    /// The secret of a session.
    pub async fn sign_in(&self, login: &str) -> String {
        let body = serde_json::json!({ "account": login, "password": PASSWORD });
        let (status, answer) = self.call("", "POST", "/sign-in", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer["secret"].as_str().unwrap().to_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub async fn text(answer: Response<Body>) -> String {
    String::from_utf8_lossy(&answer.into_body().collect().await.unwrap().to_bytes()).into_owned()
}

/// The bioequivalence template's texts.
pub fn definition() -> BTreeMap<String, String> {
    let templates = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../study/templates"));
    let mut files = BTreeMap::new();
    files.insert("study.toml".to_owned(), std::fs::read_to_string(templates.join("be-2x2/study.toml")).unwrap());
    for entry in std::fs::read_dir(templates.join("common/forms")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("forms/{}", path.file_name().unwrap().to_str().unwrap());
        files.insert(name, std::fs::read_to_string(path).unwrap());
    }
    files
}
