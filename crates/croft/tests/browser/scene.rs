//! A house for the story: `croft serve` as its own process on a folder of its own, and people at its pages.

use croft_testkit::browser::{Browser, Page};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub const PASSWORD: &str = "an otter reads the tide tables";

/// Runs the command and asserts that it succeeds; its standard output.
#[track_caller]
pub fn croft(arguments: &[&str]) -> String {
    told(&Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().unwrap())
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A record's folder and the server on it; the server ends with the value.
pub struct House {
    pub dir: PathBuf,
    pub origin: String,
    server: Option<Child>,
}

impl House {
    /// A folder of this name, empty.
    pub fn folder(name: &str) -> PathBuf {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(name);
        let _ = std::fs::remove_dir_all(&dir);
        dir
    }

    /// Serves what is in a folder, on a free port.
    pub fn serve(dir: &Path) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_croft"))
            .args(["serve", dir.to_str().unwrap(), "--listen", "127.0.0.1:0", "--json"])
            .env("CROFT_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log_beside(dir)).unwrap())
            .spawn()
            .unwrap();
        // What it tells when it is ready is one JSON object on several lines.
        let mut text = String::new();
        for line in BufReader::new(server.stdout.take().unwrap()).lines() {
            text.push_str(&line.unwrap());
            if let Ok(told) = serde_json::from_str::<Value>(&text) {
                let origin = told["address"].as_str().unwrap().to_owned();
                return Self { dir: dir.to_owned(), origin, server: Some(server) };
            }
        }
        let ended = server.wait();
        panic!("the server ended before it served ({ended:?}): {text}");
    }

    /// What the server logs, at its most talkative.
    pub fn log(&self) -> PathBuf {
        log_beside(&self.dir)
    }

    /// Ends the server, as whoever runs it would; the record's folder is free then.
    pub fn close(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let ended = Command::new("kill").arg(server.id().to_string()).status().is_ok_and(|s| s.success());
        if !ended {
            let _ = server.kill();
        }
        let _ = server.wait();
    }
}

fn log_beside(dir: &Path) -> PathBuf {
    dir.with_extension("log")
}

impl Drop for House {
    fn drop(&mut self) {
        self.close();
    }
}

/// A person at a page of their own.
pub struct Person {
    pub page: Page,
    pub origin: String,
    login: String,
}

impl Person {
    /// Somebody without a session.
    pub fn new(browser: &Browser, house: &House, login: &str) -> Self {
        Self { page: browser.page(), origin: house.origin.clone(), login: login.to_owned() }
    }

    /// The same with scripts off.
    pub fn without_scripts(mut self) -> Self {
        self.page.scripts(false);
        self
    }

    #[track_caller]
    pub fn open(&mut self, path: &str) {
        let address = format!("{}{path}", self.origin);
        self.page.open(&address);
    }

    /// Sets the password with the link of an invitation, and signs in.
    #[track_caller]
    pub fn join(&mut self, link: &str) {
        self.open(link);
        self.page.fill("New password", PASSWORD);
        self.page.fill("The same again", PASSWORD);
        self.page.follow("Set the password");
        self.page.sees("The password is set");
        self.sign_in();
    }

    /// Signs in with the password of the story.
    #[track_caller]
    pub fn sign_in(&mut self) {
        self.sign_in_with(PASSWORD);
    }

    #[track_caller]
    pub fn sign_in_with(&mut self, password: &str) {
        if !self.page.address().ends_with("/sign-in") {
            self.open("/sign-in");
        }
        self.page.fill("Account", &self.login.clone());
        self.page.fill("Password", password);
        self.page.follow("Sign in");
        self.page.sees("My work");
    }
}
