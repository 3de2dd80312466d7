//! How often may somebody try?
//!
//! A bucket of tokens by name (an account, an address, a key): it holds `burst`, a try takes one, and one comes back every `refill_ms`.
//! Time is told by the caller. The table is bounded; when it is full, the buckets that are full again go, and then the ones longest untouched.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Names held at one time.
const MOST: usize = 20_000;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tries at once.
    pub burst: u32,
    /// Milliseconds until one more.
    pub refill_ms: i64,
}

/// Sign-ins of one account: ten at once, then one a minute.
pub const SIGN_IN_ACCOUNT: Rate = Rate { burst: 10, refill_ms: 60_000 };
/// Sign-ins from one address: a hospital may share one.
pub const SIGN_IN_ADDRESS: Rate = Rate { burst: 60, refill_ms: 5_000 };
/// Links for invitation and reset from one address.
pub const LINK_ADDRESS: Rate = Rate { burst: 20, refill_ms: 60_000 };
/// Calls with one key of the interface.
pub const API_KEY: Rate = Rate { burst: 1_000, refill_ms: 10 };

/// The buckets.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    tokens: f64,
    at_ms: i64,
    rate: Rate,
}

impl Bucket {
    fn refresh(&mut self, now_ms: i64) {
        let passed = (now_ms - self.at_ms).max(0) as f64;
        self.tokens = (self.tokens + passed / self.rate.refill_ms as f64).min(f64::from(self.rate.burst));
        self.at_ms = now_ms;
    }
}

impl Rates {
    /// Takes a token of this name, or says after how many seconds there is one.
    pub fn take(&self, kind: &str, name: &str, rate: Rate, now_ms: i64) -> Result<(), u64> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            make_room(&mut buckets, now_ms);
        }
        let fresh = || Bucket { tokens: f64::from(rate.burst), at_ms: now_ms, rate };
        let bucket = buckets.entry(format!("{kind}\0{name}")).or_insert_with(fresh);
        bucket.refresh(now_ms);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let wait_ms = (1.0 - bucket.tokens) * rate.refill_ms as f64;
        Err((wait_ms / 1000.0).ceil().max(1.0) as u64)
    }

    /// Forgets a name: after a sign-in that succeeded its tries no longer count.
    pub fn forget(&self, kind: &str, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&format!("{kind}\0{name}"));
    }
}

fn make_room(buckets: &mut HashMap<String, Bucket>, now_ms: i64) {
    buckets.retain(|_, bucket| {
        bucket.refresh(now_ms);
        bucket.tokens < f64::from(bucket.rate.burst)
    });
    if buckets.len() < MOST {
        return;
    }
    // All are in use: an attacker with many addresses. Half of them go, the ones with most tokens left first.
    let mut tokens: Vec<f64> = buckets.values().map(|bucket| bucket.tokens).collect();
    let middle = tokens.len() / 2;
    let (_, median, _) = tokens.select_nth_unstable_by(middle, f64::total_cmp);
    let median = *median;
    let mut spare = MOST / 2;
    buckets.retain(|_, bucket| {
        let goes = bucket.tokens >= median && spare > 0;
        spare -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, refill_ms: 1000 };

    #[test]
    fn after_the_burst_one_try_a_while() {
        let rates = Rates::default();
        for _ in 0..3 {
            assert_eq!(rates.take("account", "ada", RATE, 0), Ok(()));
        }
        assert_eq!(rates.take("account", "ada", RATE, 0), Err(1));
        assert_eq!(rates.take("account", "bob", RATE, 0), Ok(()));
        assert_eq!(rates.take("address", "ada", RATE, 0), Ok(()));
        assert_eq!(rates.take("account", "ada", RATE, 1000), Ok(()));
        assert_eq!(rates.take("account", "ada", RATE, 1500), Err(1));
        rates.forget("account", "ada");
        assert_eq!(rates.take("account", "ada", RATE, 1500), Ok(()));
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_away() {
        let rates = Rates::default();
        for _ in 0..3 {
            assert_eq!(rates.take("account", "ada", RATE, 10_000), Ok(()));
        }
        assert!(rates.take("account", "ada", RATE, 0).is_err());
    }

    #[test]
    fn many_names_do_not_fill_the_memory_and_the_one_tried_most_stays() {
        let rates = Rates::default();
        for _ in 0..4 {
            let _ = rates.take("account", "target", RATE, 0);
        }
        for n in 0..3 * MOST {
            let _ = rates.take("address", &n.to_string(), RATE, 0);
        }
        assert!(rates.0.lock().unwrap().len() <= MOST + 1);
        assert!(rates.take("account", "target", RATE, 0).is_err(), "an attacker cannot wash out a name");
    }
}
