//! A page as a person uses it.

use super::keys;
use super::wire::Wire;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often it is looked at.
const BEAT: Duration = Duration::from_millis(15);
/// How long a click may take to show.
const SETTLED: Duration = Duration::from_secs(3);

/// How things are found, in the page's own words. Nothing hidden is found.
const FIND: &str = r"
const told = el => (el.getAttribute('aria-label') || el.textContent).trim().replace(/\s+/g, ' ');
const seen = el => el.checkVisibility() && el.getClientRects().length > 0;
const best = (elements, text) => {
  const all = [...elements].filter(seen);
  return all.find(el => told(el) === text) || all.find(el => told(el).startsWith(text)) || null;
};
const top = () => [...document.querySelectorAll('dialog[open]')].pop() || document;
const plain = text => text.replace(/\s*\*$/, '');
const labelled = (text, from = top()) => {
  const labels = [...from.querySelectorAll('label')].filter(seen);
  const label = labels.find(el => plain(told(el)) === text) || labels.find(el => told(el).startsWith(text));
  return label ? label.control : [...from.querySelectorAll('[aria-label]')].find(el => seen(el) && el.getAttribute('aria-label') === text) || null;
};
const choice = (legend, text) => {
  const set = [...top().querySelectorAll('fieldset')].find(el => el.querySelector('legend') && plain(told(el.querySelector('legend'))) === legend);
  return set ? labelled(text, set) : null;
};
const clickable = text => best(top().querySelectorAll('a[href], button, summary, [role=button], [role=link]'), text);
";

/// A window of the browser.
pub struct Page {
    wire: Wire,
    loads: u64,
    told: Vec<String>,
    asked: Vec<String>,
    scripts: bool,
}

impl Page {
    pub(super) fn attach(address: &str, host: &str) -> Self {
        let mut page =
            Self { wire: Wire::open(address, host), loads: 0, told: Vec::new(), asked: Vec::new(), scripts: true };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page
    }

    /// Calls a method of the protocol.
    ///
    /// # Panics
    /// When the browser refuses it.
    #[track_caller]
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.wire.call(method, params);
        self.attend();
        answer
    }

    /// Sorts what the browser told meanwhile.
    fn attend(&mut self) {
        for event in std::mem::take(&mut self.wire.events) {
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Page.loadEventFired" => self.loads += 1,
                "Page.javascriptDialogOpening" => {
                    self.told.push(format!("a dialog of the browser's own: {}", params["message"]));
                    let _ = self.wire.try_call("Page.handleJavaScriptDialog", json!({ "accept": true }));
                }
                "Runtime.exceptionThrown" => self.told.push(params["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" if params["type"] == "error" => self.told.push(params["args"].to_string()),
                // A form that is refused answers 4xx, which chromium calls an error; a policy that is broken is one.
                "Log.entryAdded" if params["entry"]["level"] == "error" && params["entry"]["source"] != "network" => {
                    self.told.push(params["entry"]["text"].to_string());
                }
                "Network.requestWillBeSent" => {
                    self.asked.push(params["request"]["url"].as_str().unwrap_or_default().to_owned())
                }
                _ => {}
            }
        }
    }

    /// Turns the page's scripts off or on; it holds for the next page.
    pub fn scripts(&mut self, on: bool) {
        self.scripts = on;
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !on }));
    }

    /// How wide and high the window is, and how many dots a pixel has: 640 × 400 at 2 is a window of 1280 × 800 at 200 %.
    pub fn size(&mut self, width: u32, height: u32, scale: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Dark or light, as the system says.
    pub fn dark(&mut self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] }),
        );
    }

    /// Opens an address and waits until the page is there.
    #[track_caller]
    pub fn open(&mut self, address: &str) {
        self.goes(|page| {
            page.call("Page.navigate", json!({ "url": address }));
        });
    }

    /// Does something that leads to another page, and waits until that is there.
    #[track_caller]
    pub fn goes(&mut self, act: impl FnOnce(&mut Self)) {
        let loads = self.loads;
        act(self);
        let begin = Instant::now();
        while self.loads == loads {
            // Any call brings what the browser has to tell; between two pages it may be refused.
            let _ = self.wire.try_call("Page.getNavigationHistory", json!({}));
            self.attend();
            assert!(begin.elapsed() < PATIENCE, "no other page came after {}", self.address());
            std::thread::sleep(BEAT);
        }
        // Before a page is painted it takes no mouse.
        self.until("location.protocol === 'about:' || performance.getEntriesByType('paint').length");
    }

    /// Where the page is.
    pub fn address(&mut self) -> String {
        self.eval("location.href").as_str().unwrap_or_default().to_owned()
    }

    /// What an expression is worth in the page; the words of finding (`labelled`, `clickable`) are known to it.
    #[track_caller]
    pub fn eval(&mut self, expression: &str) -> Value {
        self.run(&format!("(() => {{ {FIND}; return ({expression}); }})()"), None)
    }

    /// The same in a certain world, waiting for promises.
    #[track_caller]
    pub(super) fn run(&mut self, expression: &str, world: Option<u64>) -> Value {
        let mut params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": self.scripts });
        if let Some(world) = world {
            params["contextId"] = world.into();
        }
        let begin = Instant::now();
        loop {
            match self.wire.try_call("Runtime.evaluate", params.clone()) {
                Ok(mut answer) => {
                    self.attend();
                    let wrong = &answer["exceptionDetails"];
                    assert!(wrong.is_null(), "{wrong}");
                    return answer["result"]["value"].take();
                }
                // The page went away between: the next one answers.
                Err(_) if world.is_none() && begin.elapsed() < PATIENCE => std::thread::sleep(BEAT),
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn until(&mut self, expression: &str) {
        let begin = Instant::now();
        while self.eval(&format!("!!({expression})")) != true {
            if begin.elapsed() > PATIENCE {
                panic!("`{expression}` never came true at {}:\n{}", self.address(), self.text());
            }
            std::thread::sleep(BEAT);
        }
    }

    /// All that can be read.
    pub fn text(&mut self) -> String {
        self.eval("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says this.
    #[track_caller]
    pub fn sees(&mut self, text: &str) {
        self.until(&format!("document.body.innerText.replace(/\\s+/g, ' ').includes({})", json!(text)));
    }

    /// Asserts that the page does not say this.
    #[track_caller]
    pub fn sees_no(&mut self, text: &str) {
        let all = self.text();
        assert!(!all.contains(text), "`{text}` stands at {}:\n{all}", self.address());
    }

    /// Clicks a link, button or summary of this text with the mouse, where it stands.
    #[track_caller]
    pub fn click(&mut self, text: &str) {
        self.until(&format!("clickable({})", json!(text)));
        self.press_at(&format!("clickable({})", json!(text)), text);
    }

    /// Clicks what leads to another page.
    #[track_caller]
    pub fn follow(&mut self, text: &str) {
        self.goes(|page| page.click(text));
    }

    /// Chooses a radio button or ticks a box of a group: legend, label.
    #[track_caller]
    pub fn choose(&mut self, legend: &str, text: &str) {
        self.mark(&format!("choice({}, {})", json!(legend), json!(text)), text);
    }

    /// Ticks or unticks the box of this label.
    #[track_caller]
    pub fn tick(&mut self, label: &str) {
        self.mark(&format!("labelled({})", json!(label)), label);
    }

    /// Clicks a box or radio button and sees that it is marked otherwise than before. On a busy machine the page may move below the mouse: then once more.
    #[track_caller]
    fn mark(&mut self, element: &str, what: &str) {
        let marked = format!("(el => !!el && el.checked)({element})");
        let before = self.eval(&marked);
        let begin = Instant::now();
        loop {
            self.press_at(element, what);
            let pressed = Instant::now();
            while pressed.elapsed() < SETTLED {
                if self.eval(&marked) != before || self.eval(&format!("({element}).type")) == "radio" && before == true
                {
                    return;
                }
                std::thread::sleep(BEAT);
            }
            assert!(begin.elapsed() < PATIENCE, "`{what}` cannot be marked at {}:\n{}", self.address(), self.text());
        }
    }

    /// The mouse goes to the middle of an element and clicks; something else must not lie over it.
    #[track_caller]
    fn press_at(&mut self, element: &str, what: &str) {
        let place = self.eval(&format!(
            "(el => {{ if (!el) return null; el.scrollIntoView({{ block: 'center', inline: 'nearest', behavior: 'instant' }});
               const box = el.getClientRects()[0], x = box.x + box.width / 2, y = box.y + box.height / 2, hit = document.elementFromPoint(x, y);
               return {{ x, y, free: !!hit && (el.contains(hit) || hit.contains(el)), over: hit && hit.outerHTML.slice(0, 200) }}; }})({element})"
        ));
        assert!(!place.is_null(), "no `{what}` at {}:\n{}", self.address(), self.text());
        assert_eq!(place["free"], true, "`{what}` is covered at {}: {}", self.address(), place["over"]);
        let begin = Instant::now();
        loop {
            let moved = json!({ "type": "mouseMoved", "x": place["x"], "y": place["y"] });
            self.call("Input.dispatchMouseEvent", moved);
            // The mouse is there when the page says so: what was scrolled just now may still be on its way.
            if self.eval(&format!("(el => !!el && el.matches(':hover'))({element})")) == true {
                break;
            }
            assert!(begin.elapsed() < PATIENCE, "the mouse does not reach `{what}` at {}", self.address());
            std::thread::sleep(BEAT);
        }
        for (kind, buttons) in [("mousePressed", 1), ("mouseReleased", 0)] {
            let event = json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "buttons": buttons, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Puts a text into the field of this label, in place of what stood there.
    #[track_caller]
    pub fn fill(&mut self, label: &str, text: &str) {
        self.focus(label);
        self.eval("document.activeElement.select && document.activeElement.select()");
        if text.is_empty() {
            self.press("Backspace");
        } else {
            self.call("Input.insertText", json!({ "text": text }));
        }
    }

    /// Goes to the field of this label.
    #[track_caller]
    pub fn focus(&mut self, label: &str) {
        let there = self.eval(&format!(
            "(el => {{ if (!el) return false; el.focus(); return document.activeElement === el; }})(labelled({}))",
            json!(label)
        ));
        assert_eq!(there, true, "no field `{label}` at {}:\n{}", self.address(), self.text());
    }

    /// Chooses from the list of this label, by the value that is sent.
    #[track_caller]
    pub fn select(&mut self, label: &str, value: &str) {
        self.focus(label);
        let chosen = self.eval(&format!(
            "(el => {{ el.value = {}; el.dispatchEvent(new Event('input', {{ bubbles: true }})); el.dispatchEvent(new Event('change', {{ bubbles: true }})); return el.value; }})(document.activeElement)",
            json!(value)
        ));
        assert_eq!(chosen, value, "`{label}` has no choice `{value}`");
    }

    /// What stands in the field of this label.
    pub fn value(&mut self, label: &str) -> String {
        self.eval(&format!("(labelled({}) || {{ value: '(no such field)' }}).value", json!(label)))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Presses a key: `Tab`, `Shift+Tab`, `Enter`, `Control+k`, `?`.
    pub fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", keys::event(kind, key));
        }
    }

    /// Types a text, key by key.
    pub fn keys(&mut self, text: &str) {
        for ch in text.chars() {
            self.press(&ch.to_string());
        }
    }

    /// The name of what has the focus.
    pub fn focused(&mut self) -> String {
        let name = "(el => el.getAttribute('aria-label') || (el.labels && el.labels[0] ? plain(told(el.labels[0])) : told(el)))(document.activeElement)";
        self.eval(name).as_str().unwrap_or_default().to_owned()
    }

    /// Asserts that the page never scrolls sideways at this size: what is wider scrolls within itself.
    #[track_caller]
    pub fn fits(&mut self, what: &str) {
        let wide = self.eval("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
        let wider = self.eval(
            "[...document.querySelectorAll('main *, header *')].filter(el => seen(el) && el.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3).map(el => el.outerHTML.slice(0, 160))",
        );
        assert!(
            wide[0].as_u64() <= wide[1].as_u64(),
            "{what} is {} wide in {} at {}: {wider}",
            wide[0],
            wide[1],
            self.address()
        );
    }

    /// Keeps a picture of the page in a folder, as high as the page is.
    pub fn picture(&mut self, folder: &Path, name: &str) {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
        let bytes = base64(shot["data"].as_str().unwrap_or_default());
        std::fs::create_dir_all(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let file = folder.join(format!("{name}.png"));
        std::fs::write(&file, bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }

    /// Asserts that the page's script and policy had nothing to complain of, and that nothing was asked of another host.
    ///
    /// # Panics
    /// With what was told.
    #[track_caller]
    pub fn was_calm(&mut self, origin: &str) {
        self.eval("0");
        assert!(self.told.is_empty(), "{}", self.told.join("\n"));
        let strange: Vec<&String> = self
            .asked
            .iter()
            .filter(|url| !(url.starts_with(origin) || url.starts_with("data:") || url.starts_with("about:")))
            .collect();
        assert!(strange.is_empty(), "asked elsewhere: {strange:?}");
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |ch: u8| match ch {
        b'A'..=b'Z' => ch - b'A',
        b'a'..=b'z' => ch - b'a' + 26,
        b'0'..=b'9' => ch - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0);
    for ch in text.bytes().filter(|ch| *ch != b'=') {
        held = held << 6 | u32::from(digit(ch));
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}
