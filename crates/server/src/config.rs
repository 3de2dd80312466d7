//! How is this server reached, and what does it bear?
//!
//! Deny by default: without a proxy in front it answers on the machine itself only, since it speaks no TLS; what a proxy says about the
//! caller is believed only when the server was told that there is one.

use std::net::SocketAddr;
use std::time::Duration;

/// What the server is told when it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// A proxy that speaks TLS stands in front: `X-Forwarded-For`, `-Proto` and `-Host` are its words.
    pub behind_proxy: bool,
    /// Bounds on what one request may take.
    pub limits: Limits,
}

/// Bounds on what one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a form or a JSON body.
    pub body: usize,
    /// Bytes of an upload, on routes that take one.
    pub upload: usize,
    /// How long the head of a request may take to arrive.
    pub head: Duration,
    /// How long a body may stand still between two pieces.
    pub body_pause: Duration,
    /// How long an answer may take.
    pub answer: Duration,
    /// Connections at one time; more wait.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            upload: 64 << 20,
            head: Duration::from_secs(10),
            body_pause: Duration::from_secs(15),
            answer: Duration::from_secs(60),
            connections: 1024,
        }
    }
}

impl Config {
    /// A server that is reached on this machine only.
    pub fn loopback() -> Self {
        Self { behind_proxy: false, limits: Limits::default() }
    }

    /// A server behind a proxy that speaks TLS.
    pub fn behind_proxy() -> Self {
        Self { behind_proxy: true, ..Self::loopback() }
    }

    /// Refuses an address that others reach without TLS.
    pub fn check(&self, listen: SocketAddr) -> Result<(), ConfigError> {
        if self.behind_proxy || listen.ip().is_loopback() {
            return Ok(());
        }
        Err(ConfigError::Exposed { listen })
    }
}

/// Why a server does not start so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// Passwords and data would cross a network in the clear.
    #[error("{listen} can be reached from other machines, and this server speaks no TLS")]
    Exposed {
        /// The address that was asked for.
        listen: SocketAddr,
    },
}

impl ConfigError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exposed { .. } => {
                "listen on 127.0.0.1, or put a proxy that speaks TLS in front and say --behind-proxy"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_served_without_a_proxy() {
        let open: SocketAddr = "0.0.0.0:8460".parse().unwrap();
        assert_eq!(Config::loopback().check(open), Err(ConfigError::Exposed { listen: open }));
        assert_eq!(Config::behind_proxy().check(open), Ok(()));
        assert_eq!(Config::loopback().check("127.0.0.1:8460".parse().unwrap()), Ok(()));
        assert_eq!(Config::loopback().check("[::1]:8460".parse().unwrap()), Ok(()));
    }
}
