//! Under which name was this server reached?
//!
//! On loopback only under names of this machine: a name that an attacker's DNS points here would make the attacker's page "same
//! origin" (DNS rebinding). Behind a proxy under the name that the proxy passes on, and only over TLS.

use crate::context::Context;
use crate::problem::Problem;
use axum::http::{HeaderMap, header};

/// The host with its port, as the browser named it.
pub(crate) fn host<'h>(context: &Context, headers: &'h HeaderMap) -> Option<&'h str> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let forwarded =
        context.app.config().behind_proxy.then(|| text(header::HeaderName::from_static("x-forwarded-host")));
    forwarded.flatten().or_else(|| text(header::HOST))
}

/// Refuses names that are not ours, and plain http from a proxy.
pub(crate) fn check(context: &Context, headers: &HeaderMap) -> Result<(), Problem> {
    if context.app.config().behind_proxy {
        let plain =
            headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"http"));
        return if plain { Err(Problem::bad_request(t!(context, "only-over-tls"))) } else { Ok(()) };
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    if is_this_machine(host) {
        return Ok(());
    }
    Err(Problem::bad_request(t!(context, "host-unknown")).hint(t!(context, "host-hint")))
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_are_taken_on_loopback() {
        for good in ["localhost", "localhost:8460", "127.0.0.1:1", "[::1]:8460", "LOCALHOST"] {
            assert!(is_this_machine(good), "{good}");
        }
        for bad in ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8460", "10.0.0.1", "[::2]"] {
            assert!(!is_this_machine(bad), "{bad}");
        }
    }
}
