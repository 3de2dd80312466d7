//! Where to after something was done? To a page (303), with a message to be shown there.
//!
//! Only addresses of this server are gone to: an address that leads elsewhere leads home.

use crate::context::Context;
use crate::flash::{Flash, Tone};
use crate::random::NoRandom;
use crate::session_cookie::{Cookie, Secret};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An answer that sends the browser to a page of this server.
pub struct Redirect {
    to: String,
    secure: bool,
    secret: Option<Secret>,
    cookies: Vec<HeaderValue>,
    flash: Option<Flash>,
}

impl Redirect {
    /// To this address; home if it would lead elsewhere.
    pub fn to(context: &Context, address: &str) -> Self {
        let to = if is_local(address) { address.to_owned() } else { "/".to_owned() };
        Self { to, secure: context.secure, secret: context.secret.clone(), cookies: Vec::new(), flash: None }
    }

    /// With a message there.
    #[must_use]
    pub fn say(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.flash = Some(Flash { tone, text: text.into() });
        self
    }

    /// With a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie, value: &str) -> Self {
        self.cookies.extend(cookie.set(value, self.secure));
        self
    }

    /// In a new session: the secret that the record has just been given the hash of.
    #[must_use]
    pub fn begin_session(mut self, secret: &Secret) -> Self {
        self.cookies.extend(Cookie::Guest.clear(self.secure));
        self.secret = Some(secret.clone());
        self.cookie(Cookie::Session, &secret.text())
    }

    /// Out of a session that has ended; the browser is a guest with a secret of its own again.
    pub fn end_session(mut self, context: &Context) -> Result<Self, NoRandom> {
        let guest = Secret::fresh(context.app.random())?;
        self.cookies.extend(Cookie::Session.clear(self.secure));
        self.secret = Some(guest.clone());
        Ok(self.cookie(Cookie::Guest, &guest.text()))
    }
}

/// Whether an address stays on this server: browsers take `//host` and `/\host` for another one.
pub fn is_local(address: &str) -> bool {
    let mut bytes = address.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

impl IntoResponse for Redirect {
    fn into_response(mut self) -> Response {
        if let (Some(flash), Some(secret)) = (&self.flash, &self.secret) {
            self.cookies.extend(Cookie::Flash.set(&flash.seal(secret), self.secure));
        }
        let mut response = StatusCode::SEE_OTHER.into_response();
        let headers = response.headers_mut();
        headers.insert(header::LOCATION, HeaderValue::from_str(&self.to).unwrap_or(HeaderValue::from_static("/")));
        for cookie in self.cookies {
            headers.append(header::SET_COOKIE, cookie);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_addresses_of_this_server_are_gone_to() {
        for good in ["/", "/studies/X-1?sort=age&after=0012", "/a/b#c"] {
            assert!(is_local(good), "{good}");
        }
        for bad in
            ["", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x", "/a b", "/ä"]
        {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
