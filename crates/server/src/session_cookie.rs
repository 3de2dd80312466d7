//! How does a browser prove whose session it is in?
//!
//! By one cookie with an opaque secret of 256 bits. The secret itself is kept nowhere: the record holds its hash. Over TLS the cookie
//! is `Secure` and bears the prefix `__Host-`, so that neither another host nor plain http can set it; on loopback it does without.
//! A visitor who has not signed in gets a secret of another name, which ties the sign-in form to the browser. Signing in always
//! makes a new secret: one that somebody planted before is worth nothing.

use crate::random::{NoRandom, Random, draw};
use axum::http::{HeaderMap, HeaderValue, header};
use data_encoding::BASE64URL_NOPAD;

/// A secret of 256 bits, as it stands in a cookie. It has no `Debug` and no `Display`: it cannot slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh one.
    pub fn fresh(random: &dyn Random) -> Result<Self, NoRandom> {
        draw(random).map(Self)
    }

    /// Reads one as it stands in a cookie.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As it stands in a cookie.
    pub fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// Its bytes, to be hashed.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The cookies of croft. The value is the name without a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session of a person who has signed in.
    Session,
    /// A browser in which nobody has signed in.
    Guest,
    /// A message to be shown once, on the next page.
    Flash,
    /// Light or dark.
    Theme,
    /// The language that was chosen.
    Language,
    /// Minutes east of UTC, told by the script.
    Offset,
    /// Single-letter keys on or off.
    Keys,
}

impl Cookie {
    fn bare_name(self) -> &'static str {
        match self {
            Self::Session => "croft-session",
            Self::Guest => "croft-guest",
            Self::Flash => "croft-flash",
            Self::Theme => "croft-theme",
            Self::Language => "croft-language",
            Self::Offset => "croft-offset",
            Self::Keys => "croft-keys",
        }
    }

    fn is_secret(self) -> bool {
        matches!(self, Self::Session | Self::Guest | Self::Flash)
    }

    /// The name under which it travels.
    pub fn name(self, secure: bool) -> String {
        let prefix = if secure && self.is_secret() { "__Host-" } else { "" };
        format!("{prefix}{}", self.bare_name())
    }

    /// What the browser sent under its name; the first if it sent two.
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let name = self.name(secure);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The header that sets it. Preferences last a year, all else as long as the browser is open.
    pub fn set(self, value: &str, secure: bool) -> Option<HeaderValue> {
        let age = if self.is_secret() { "" } else { "; Max-Age=31536000" };
        self.header(value, age, secure)
    }

    /// The header that takes it away.
    pub fn clear(self, secure: bool) -> Option<HeaderValue> {
        self.header("", "; Max-Age=0", secure)
    }

    fn header(self, value: &str, age: &str, secure: bool) -> Option<HeaderValue> {
        let fits = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+'));
        if !fits {
            return None;
        }
        // The script writes its own preference; nothing else is its business.
        let http_only = if self == Self::Offset { "" } else { "; HttpOnly" };
        let only_tls = if secure { "; Secure" } else { "" };
        HeaderValue::from_str(&format!("{}={value}; Path=/{age}{http_only}{only_tls}; SameSite=Lax", self.name(secure)))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_session_cookie_over_tls_is_bound_to_the_host() {
        let secret = Secret::fresh(&SystemRandom).unwrap();
        let header = Cookie::Session.set(&secret.text(), true).unwrap();
        let text = header.to_str().unwrap();
        assert!(text.starts_with("__Host-croft-session="));
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Domain"));
    }

    #[test]
    fn a_secret_reads_back_and_nothing_else_is_one() {
        let secret = Secret::fresh(&SystemRandom).unwrap();
        assert!(Secret::parse(&secret.text()) == Some(secret));
        for wrong in ["", "abc", "ä", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            assert!(Secret::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_cookie_without_the_prefix_is_not_taken_over_tls() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; croft-session=planted"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
        assert_eq!(Cookie::Session.read(&headers, false), Some("planted"));
    }

    #[test]
    fn a_value_that_would_end_the_header_is_not_set() {
        assert!(Cookie::Language.set("en\r\nSet-Cookie: x=y", false).is_none());
        assert!(Cookie::Language.set("en; Domain=x", false).is_none());
    }
}
