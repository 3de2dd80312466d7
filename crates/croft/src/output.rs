//! How a command ends and how it tells.

use croft_core::{Finding, Severity};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

/// How a command that did its work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All done, nothing to remark that needs action.
    Done,
    /// Done, and there are findings to act on.
    Findings,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Findings => ExitCode::from(1),
        }
    }
}

/// The word before a finding.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Says a finding on standard error, and what to do.
pub fn print_finding(finding: &Finding) {
    eprintln!("{}: {finding}", severity_word(finding.severity));
    if let Some(hint) = &finding.hint {
        eprintln!("  hint: {hint}");
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure {
    /// 2: the reader can mend it (arguments, input files); 3: something else failed.
    code: u8,
    cause: Box<dyn Error + Send + Sync>,
    hint: Option<String>,
}

impl Failure {
    /// The arguments or the input do not fit.
    pub fn misuse(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { code: 2, cause: cause.into(), hint: None }
    }

    /// Something beyond the input failed: the disk, the program.
    #[expect(clippy::self_named_constructors, reason = "a misuse or a failure: the two words of the exit codes")]
    pub fn failure(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { code: 3, cause: cause.into(), hint: None }
    }

    /// What the reader can do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Prints the chain of causes once, and the hint.
    pub fn report(&self) -> ExitCode {
        let mut text = format!("error: {}", self.cause);
        let mut source = self.cause.source();
        while let Some(cause) = source {
            let _ = write!(text, "\n  because {cause}");
            source = cause.source();
        }
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\n  hint: {hint}");
        }
        eprintln!("{text}");
        ExitCode::from(self.code)
    }
}

/// What is at work, on a terminal's standard error; nothing where it goes to a file.
pub struct Progress(indicatif::ProgressBar);

impl Progress {
    /// A turning sign that names what is at work.
    pub fn start() -> Self {
        let sign = indicatif::ProgressBar::new_spinner();
        sign.enable_steady_tick(std::time::Duration::from_millis(120));
        Self(sign)
    }

    /// Says what is at work.
    pub fn say(&self, what: String) {
        self.0.set_message(what);
    }

    /// Hears the steps of a build.
    pub fn steps(&self) -> impl FnMut(&str, &str) + '_ {
        |stage, step| self.say(format!("{stage} {step}"))
    }

    /// Takes the sign away, before anything else is told.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    /// Also where a command ends with an error, which is told after it.
    fn drop(&mut self) {
        self.end();
    }
}

/// Writes data to standard output. A reader that has read enough, as `head` does, ends the program quietly.
pub fn write_out(text: std::fmt::Arguments<'_>) {
    let told = std::io::stdout().lock().write_fmt(text);
    match told {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("error: standard output cannot be written\n  because {error}");
            std::process::exit(3);
        }
    }
}

/// `print!` for data; see [`write_out`].
macro_rules! out {
    ($($text:tt)*) => { $crate::output::write_out(format_args!($($text)*)) };
}

/// `println!` for data; see [`write_out`].
macro_rules! outln {
    () => { $crate::output::write_out(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::write_out(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints facts as JSON on standard output.
pub fn print_json(facts: &serde_json::Value) {
    outln!("{facts:#}");
}
