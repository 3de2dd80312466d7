//! Which key is meant by a name: what the protocol wants to know of it.

use serde_json::{Value, json};

/// `Tab`, `Shift+Tab`, `Enter`, `Control+k`, `ArrowDown`, `?`, `a`.
pub fn event(kind: &str, name: &str) -> Value {
    let (held, key) = match name.rsplit_once('+') {
        Some((held, key)) if !key.is_empty() => (held, key),
        _ => ("", name),
    };
    let modifiers: u32 = held
        .split('+')
        .map(|one| match one {
            "Alt" => 1,
            "Control" => 2,
            "Shift" => 8,
            _ => 0,
        })
        .sum();
    let (code, number, text) = named(key);
    let mut event =
        json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers });
    if kind == "keyDown" && modifiers & 3 == 0 && !text.is_empty() {
        event["text"] = text.into();
    }
    event
}

fn named(key: &str) -> (String, u32, String) {
    let plain = |code: &str, number| (code.to_owned(), number, String::new());
    match key {
        "Tab" => plain("Tab", 9),
        "Enter" => ("Enter".to_owned(), 13, "\r".to_owned()),
        "Escape" => plain("Escape", 27),
        "ArrowLeft" => plain("ArrowLeft", 37),
        "ArrowUp" => plain("ArrowUp", 38),
        "ArrowRight" => plain("ArrowRight", 39),
        "ArrowDown" => plain("ArrowDown", 40),
        "Backspace" => plain("Backspace", 8),
        " " => ("Space".to_owned(), 32, " ".to_owned()),
        key => {
            let upper = key.to_ascii_uppercase();
            let code = match upper.chars().next() {
                Some(ch) if ch.is_ascii_uppercase() => format!("Key{ch}"),
                Some(ch) if ch.is_ascii_digit() => format!("Digit{ch}"),
                _ => String::new(),
            };
            // Signs have no fixed place on keyboards: only what they write is told.
            let number = if code.is_empty() { 0 } else { upper.chars().next().map_or(0, u32::from) };
            (code, number, key.to_owned())
        }
    }
}
