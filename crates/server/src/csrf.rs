//! Did this form come from one of our own pages?
//!
//! Two independent checks on each request that changes something. The browser's own word: `Sec-Fetch-Site` must not say that another site asks, and
//! `Origin`, where given, must name this host. And a token that only our pages know: SHA-256 over the browser's secret cookie, which another site can
//! neither read nor set. In a page the token is masked with fresh bytes each time, so that its compressed length tells nothing (BREACH).
//!
//! The token is a form's field `csrf` (the first field of an upload) or, from our script, the header `X-Csrf-Token`. The frame checks it before
//! any handler runs, so that none can forget to.

use crate::random::{NoRandom, Random, draw};
use crate::session_cookie::Secret;
use axum::http::{HeaderMap, header};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The field of a form that bears the token.
pub const FIELD: &str = "csrf";
/// The header that bears it from a script.
pub const HEADER: &str = "x-csrf-token";

fn proof(secret: &Secret) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"croft csrf 1\0");
    hasher.update(secret.bytes());
    hasher.finalize().into()
}

/// A token for this browser, different each time.
pub fn token(secret: &Secret, random: &dyn Random) -> Result<String, NoRandom> {
    let mask: [u8; 32] = draw(random)?;
    let masked: Vec<u8> = proof(secret).iter().zip(mask).map(|(p, m)| p ^ m).collect();
    Ok(BASE64URL_NOPAD.encode(&[mask.as_slice(), &masked].concat()))
}

/// Whether a token was made for this browser.
pub fn fits(secret: &Secret, token: &str) -> bool {
    let Ok(bytes) = BASE64URL_NOPAD.decode(token.as_bytes()) else { return false };
    let Some((mask, masked)) = bytes.split_at_checked(32) else { return false };
    let unmasked: Vec<u8> = masked.iter().zip(mask).map(|(p, m)| p ^ m).collect();
    bytes.len() == 64 && bool::from(unmasked.as_slice().ct_eq(&proof(secret)))
}

/// Whether the browser itself says that the request comes from this host.
pub fn same_origin(headers: &HeaderMap, host: Option<&str>) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if !matches!(text("sec-fetch-site".parse().unwrap_or(header::ORIGIN)), None | Some("same-origin" | "none")) {
        return false;
    }
    match (text(header::ORIGIN), host) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
    }
}

/// The token in the first piece of an upload: the field `csrf` comes first. `None` while it has not arrived in full.
pub fn token_of_upload(first_bytes: &[u8]) -> Option<String> {
    let start = first_bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&first_bytes[..start]).ok()?;
    let rest = &first_bytes[start + 4..];
    let end = rest.windows(2).position(|w| w == b"\r\n")?;
    let named = head.contains(&format!("name=\"{FIELD}\""));
    let value = std::str::from_utf8(&rest[..end]).ok()?;
    named.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use axum::http::HeaderValue;

    #[test]
    fn a_token_fits_its_own_browser_alone_and_is_never_the_same() {
        let (mine, other) = (Secret::fresh(&SystemRandom).unwrap(), Secret::fresh(&SystemRandom).unwrap());
        let (one, two) = (token(&mine, &SystemRandom).unwrap(), token(&mine, &SystemRandom).unwrap());
        assert!(fits(&mine, &one) && fits(&mine, &two));
        assert_ne!(one, two);
        assert!(!fits(&other, &one));
        for wrong in ["", "x", &one[1..], &format!("{one}AA")] {
            assert!(!fits(&mine, wrong), "{wrong}");
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn another_site_is_heard_in_either_header() {
        let host = Some("croft.example:8460");
        assert!(same_origin(&headers(&[]), host));
        assert!(same_origin(
            &headers(&[("origin", "https://croft.example:8460"), ("sec-fetch-site", "same-origin")]),
            host
        ));
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "https://croft.example:8460.evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(!same_origin(&headers(&[(name, value)]), host), "{name}: {value}");
        }
    }

    #[test]
    fn the_token_of_an_upload_is_read_when_it_has_arrived() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nTOKEN\r\n--x\r\n";
        assert_eq!(token_of_upload(body).as_deref(), Some("TOKEN"));
        assert_eq!(token_of_upload(&body[..body.len() - 8]), None);
        let other = b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nTOKEN\r\n--x\r\n";
        assert_eq!(token_of_upload(other), None);
    }
}
