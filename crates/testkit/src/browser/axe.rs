//! Is a page accessible? axe-core's rules, run on the page in a world of its own: the page's content security policy does not know of it.
//!
//! axe-core (MPL-2.0, Deque Systems) is a tool of the tests alone; it is installed by npm when it is absent, at a fixed version.

use super::Page;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const VERSION: &str = "4.14.1";
const RULES: &str = "{ resultTypes: ['violations'], runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } }";

/// The rules, read once.
pub struct Axe(String);

impl Axe {
    /// Reads the rules from a folder, and installs them there when they are absent.
    ///
    /// # Panics
    /// When npm cannot install them.
    pub fn at(folder: &Path) -> Option<Self> {
        let file = folder.join(format!("axe-core-{VERSION}/node_modules/axe-core/axe.min.js"));
        if !file.exists() {
            let Ok(done) = Command::new("npm")
                .args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
                .arg(folder.join(format!("axe-core-{VERSION}")))
                .arg(format!("axe-core@{VERSION}"))
                .output()
            else {
                eprintln!("skipped: no npm");
                return None;
            };
            assert!(done.status.success(), "npm does not install axe-core: {}", String::from_utf8_lossy(&done.stderr));
        }
        Some(Self(std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))))
    }

    /// Asserts that the page as it stands breaks no rule of WCAG 2.2, levels A and AA.
    #[track_caller]
    pub fn check(&self, page: &mut Page, what: &str) {
        let world = page.world();
        page.run(&format!("{};0", self.0), Some(world));
        let found = page.run(&format!("axe.run(document, {RULES}).then(found => found.violations)"), Some(world));
        let told: Vec<String> = found.as_array().into_iter().flatten().map(told).collect();
        assert!(told.is_empty(), "{what} ({}):\n{}", page.address(), told.join("\n"));
    }
}

fn told(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().into_iter().flatten().take(6).map(|node| {
        let why = node["failureSummary"].as_str().unwrap_or_default().replace('\n', " ");
        format!("    {}\n      {why}", node["html"].as_str().unwrap_or_default())
    });
    let nodes: Vec<String> = nodes.collect();
    format!(
        "  {}: {}\n{}",
        violation["id"].as_str().unwrap_or_default(),
        violation["help"].as_str().unwrap_or_default(),
        nodes.join("\n")
    )
}

impl Page {
    /// A world that shares the page's elements and none of its script.
    fn world(&mut self) -> u64 {
        let tree = self.call("Page.getFrameTree", json!({}));
        let frame = tree["frameTree"]["frame"]["id"].clone();
        let world = self.call("Page.createIsolatedWorld", json!({ "frameId": frame, "worldName": "tests" }));
        world["executionContextId"].as_u64().unwrap_or_else(|| panic!("no world: {world}"))
    }
}
