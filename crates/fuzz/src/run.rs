//! Does a target survive?

use crate::mutate::mutate;
use crate::targets::Target;
use croft_num::random::Stream;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// An input that takes longer is a failure: a parser must not hang on a small file.
const SLOWEST: Duration = Duration::from_secs(10);

thread_local! {
    /// What the last panic within a target said; `None` outside of targets.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A library's panic that the target catches is no news, and comes by the thousand: within a target, panics are kept, and told when one got out.
fn keep_panics() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let within =
                LAST_PANIC.with_borrow_mut(|last| last.as_mut().map(|last| *last = panic.to_string()).is_some());
            if !within {
                before(panic);
            }
        }));
    });
}

/// What a run of one target saw.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Inputs tried.
    pub inputs: u64,
    /// Longest time for one input.
    pub slowest: Duration,
    /// The first input that made the target panic or take too long, if one did.
    pub failure: Option<Vec<u8>>,
    /// What the panic said; empty when there was none.
    pub panic: String,
}

/// When a run ends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this many spoilt inputs.
    Inputs(u64),
    /// After this time.
    Elapsed(Duration),
}

/// Sends the seeds and then spoilt copies of them through a target, until the end or the first failure.
#[expect(clippy::disallowed_methods, reason = "a fuzzer runs for a time")]
pub fn run(target: &Target, seed: u64, until: Until) -> Outcome {
    keep_panics();
    let begin = Instant::now();
    let mut stream = Stream::new(seed, "fuzz", target.name, "");
    let mut outcome = Outcome { inputs: 0, slowest: Duration::ZERO, failure: None, panic: String::new() };
    let mut seeds = target.seeds.iter();
    loop {
        let input = match seeds.next() {
            Some(seed) => seed.clone(),
            None => mutate(&target.seeds, &mut stream),
        };
        LAST_PANIC.set(Some(String::new()));
        let start = Instant::now();
        let survived = catch_unwind(AssertUnwindSafe(|| (target.function)(&input))).is_ok();
        let took = start.elapsed();
        let panic = LAST_PANIC.take();
        outcome.inputs += 1;
        outcome.slowest = outcome.slowest.max(took);
        if !survived || took > SLOWEST {
            outcome.failure = Some(input);
            if !survived {
                outcome.panic = panic.unwrap_or_default();
            }
            return outcome;
        }
        let over = match until {
            Until::Inputs(n) => outcome.inputs >= n,
            Until::Elapsed(time) => begin.elapsed() >= time,
        };
        if over && seeds.len() == 0 {
            return outcome;
        }
    }
}

/// Runs the targets, two at a time, and hands each outcome on as it comes; returns how many failed.
pub fn run_all(targets: Vec<Target>, seed: u64, until: Until, tell: impl Fn(&Target, &Outcome) + Sync) -> usize {
    let waiting = Mutex::new(targets.into_iter());
    let failed = AtomicUsize::new(0);
    let work = || {
        loop {
            // Poisoned only if `next` panicked, which an iterator over a vector does not.
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(target) = next else { return };
            let outcome = run(&target, seed, until);
            tell(&target, &outcome);
            failed.fetch_add(usize::from(outcome.failure.is_some()), Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    failed.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(function: fn(&[u8])) -> Target {
        Target { name: "test", function, seeds: vec![b"2024".to_vec()] }
    }

    #[test]
    fn a_panic_is_found_and_its_input_kept() {
        let outcome = run(&target(|data| assert!(!data.contains(&0xff), "the byte ff")), 1, Until::Inputs(100_000));
        let input = outcome.failure.expect("some input has the byte ff");
        assert!(input.contains(&0xff));
        assert!(outcome.panic.contains("the byte ff"), "{}", outcome.panic);
    }

    #[test]
    fn a_run_without_failure_tries_all_its_inputs() {
        let outcome = run(&target(|_| ()), 1, Until::Inputs(50));
        assert_eq!((outcome.inputs, outcome.failure), (50, None));
    }
}
