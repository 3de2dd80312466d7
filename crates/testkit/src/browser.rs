//! How do pages behave in a real browser? A headless chromium, spoken to over the Chrome DevTools Protocol (CDP).
//!
//! [`Browser::start`] gives nothing where chromium is absent, and says `skipped: no chromium` (CI makes that a failure). A [`Page`] has
//! cookies of its own: two pages are two people. It finds things as people and screen readers do, by label, role and text; it clicks with the mouse
//! at the place where the thing stands, so that what is covered by something else cannot be clicked. Every wait is for a condition and is bounded;
//! when it runs out the test ends with what the page showed.
//!
//! Sources: the Chrome DevTools Protocol, <https://chromedevtools.github.io/devtools-protocol/>.

#![allow(clippy::disallowed_methods, reason = "a browser is another program: a wait for it is bounded by a clock")]

mod axe;
mod keys;
mod page;
mod wire;

pub use axe::Axe;
pub use page::Page;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use wire::Wire;

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A chromium of this test's own; it ends with the value.
pub struct Browser {
    child: Child,
    folder: PathBuf,
    /// `127.0.0.1:PORT`.
    host: String,
    wire: Mutex<Wire>,
}

impl Browser {
    /// Starts chromium, `$CHROMIUM` or the first of the usual names.
    ///
    /// # Panics
    /// When it is there and does not start.
    pub fn start() -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("skipped: no chromium");
            return None;
        };
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("croft-browser-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut child = Command::new(&program)
            .args(["--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--disable-gpu", "--hide-scrollbars"])
            .args([
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-dev-shm-usage",
            ])
            .args(["--force-color-profile=srgb", "--lang=en-GB", "--window-size=1280,800"])
            .arg(format!("--user-data-dir={}", folder.display()))
            .arg("about:blank")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{} does not start: {e}", program.display()));
        let address = address(&mut child);
        let host = address.split('/').nth(2).unwrap_or_default().to_owned();
        let wire = Mutex::new(Wire::open(&address, &host));
        Some(Self { child, folder, host, wire })
    }

    /// A window with cookies of its own, on an empty page.
    pub fn page(&self) -> Page {
        let context = self.call("Target.createBrowserContext", json!({}));
        let target = self.call(
            "Target.createTarget",
            json!({ "url": "about:blank", "browserContextId": context["browserContextId"], "width": 1280, "height": 800 }),
        );
        let id = target["targetId"].as_str().unwrap_or_else(|| panic!("a new page has no name: {target}"));
        Page::attach(&format!("ws://{}/devtools/page/{id}", self.host), &self.host)
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.wire.lock().unwrap_or_else(std::sync::PoisonError::into_inner).call(method, params)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|path| path.exists())
}

/// The address that chromium tells on its standard error; what it says later is read and thrown away, so that it never waits for a reader.
fn address(child: &mut Child) -> String {
    let mut lines =
        BufReader::new(child.stderr.take().unwrap_or_else(|| panic!("chromium's messages are not kept"))).lines();
    let mut told = Vec::new();
    while let Some(Ok(line)) = lines.next() {
        if let Some(address) = line.strip_prefix("DevTools listening on ") {
            let address = address.trim().to_owned();
            std::thread::spawn(move || lines.for_each(drop));
            return address;
        }
        told.push(line);
    }
    panic!("chromium told no address: {}", told.join("\n"));
}
