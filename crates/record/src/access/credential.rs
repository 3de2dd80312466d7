//! How does a person prove who they are?
//!
//! A password of at least 12 characters, kept as an Argon2id hash (19 MiB, two passes: the OWASP cheat sheet's floor), and, once set up, a code by
//! RFC 6238 (SHA-1, 6 digits, 30 s, one step of drift either way, no code twice) or a recovery code. After five failures the account waits, longer
//! each time. An unknown login costs the same work as a wrong password.
//!
//! Hashing happens on the asker's thread, before the writer is asked: what comes in there is a [`Proof`], which only this room makes.

use super::account::{Account, LinkRow, account, note};
use super::secret;
use crate::door::{self, Caller, Record, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use argon2::{Algorithm, Argon2, Params, Version};
use croft_ledger::{Tx, View};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What is kept of an account's secrets.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Credential {
    /// `memory$passes$salt$hash`, the last two in hexadecimal.
    pub password: String,
    /// Whether codes are asked for; their secret is sealed among the identities.
    pub codes: bool,
    /// The last step whose code was used.
    pub last_step: u64,
    /// Hashes of recovery codes that were not used.
    pub recovery: Vec<String>,
    /// Failures since the last success.
    pub failed: u32,
    /// No attempt counts before this.
    pub wait_until_ms: i64,
    /// The hash of the link that works now.
    pub link: String,
}

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LEAST: usize = 12;
/// Failures after which an account waits.
const PATIENCE: u32 = 5;
/// How long a proof can be used.
const PROOF_MS: i64 = 120_000;

/// The proof that a person has just shown who they are.
#[derive(Clone, Debug)]
pub struct Proof {
    account: String,
    at_ms: i64,
}

impl Proof {
    /// The program's own, for setting up; of no use to a person's command.
    pub fn system() -> Self {
        Self { account: "system".to_owned(), at_ms: i64::MAX }
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }
}

/// Whether the proof is the caller's and fresh; their name as printed.
pub fn reauthenticate(work: &mut Work<'_, '_>, proof: &Proof) -> Result<String, Refusal> {
    if work.caller.is_system() && proof.account == "system" {
        return Ok("croft".to_owned());
    }
    let age = work.now_ms().saturating_sub(proof.at_ms);
    if proof.account != work.account() || age > PROOF_MS {
        return Err(Refusal::state("the proof of who you are is not fresh", "give your password again"));
    }
    Ok(account(work.tx, &proof.account)?.name)
}

/// Why somebody did not come in. The asker hears the same for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotProved {
    /// Unknown login, wrong password, or a disabled account.
    Wrong,
    /// The password is right; a code is needed.
    CodeNeeded,
    /// The code is wrong or was used.
    WrongCode,
    /// After failures: not before this time.
    Wait {
        /// Until when.
        until_ms: i64,
    },
}

/// Hashes a password as it is kept.
fn hash(password: &str) -> Result<String, Refusal> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|e| Refusal::Random(e.to_string()))?;
    let out = argon(password, &salt, MEMORY_KIB, PASSES)?;
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    Ok(format!("{MEMORY_KIB}${PASSES}${}${}", hex(&salt), hex(out.as_slice())))
}

fn argon(password: &str, salt: &[u8], memory: u32, passes: u32) -> Result<Zeroizing<[u8; 32]>, Refusal> {
    let told = |e: argon2::Error| Refusal::Damaged(format!("argon2: {e}"));
    let params = Params::new(memory, passes, 1, Some(32)).map_err(told)?;
    let mut out = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, out.as_mut_slice())
        .map_err(told)?;
    Ok(out)
}

/// Whether this is the password; the same work whether or not there is one.
fn is_password(kept: &str, password: &str) -> Result<bool, Refusal> {
    let parts: Vec<&str> = kept.split('$').collect();
    let parsed = || {
        let [memory, passes, salt, hash] = parts.as_slice() else { return None };
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
        Some((memory.parse().ok()?, passes.parse().ok()?, hex(salt)?, hex(hash)?))
    };
    match parsed() {
        Some((memory, passes, salt, hash)) => {
            let out = argon(password, &salt, memory, passes)?;
            Ok(bool::from(out.as_slice().ct_eq(&hash)))
        }
        None => {
            argon(password, &[0; 16], MEMORY_KIB, PASSES)?;
            Ok(false)
        }
    }
}

/// Why a password is not taken.
fn check_password(login: &str, password: &str) -> Result<(), Refusal> {
    let bad = |message: &str, hint: &str| Err(Refusal::invalid("password", message, hint));
    if password.chars().count() < LEAST {
        return bad("is shorter than 12 characters", "take three or four words that do not belong together");
    }
    if password.len() > 1024 {
        return bad("is longer than 1024 bytes", "take a shorter one");
    }
    let small = password.to_lowercase();
    if small.contains(login) {
        return bad("holds the login", "take one that does not");
    }
    let mut letters: Vec<char> = small.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 || COMMON.iter().any(|c| small.contains(c) && small.len() < c.len() + 6) {
        return bad("is easily guessed", "take three or four words that do not belong together");
    }
    Ok(())
}

/// What people add digits to.
const COMMON: [&str; 14] = [
    "password",
    "passwort",
    "qwertz",
    "qwerty",
    "123456789",
    "letmein",
    "welcome",
    "administrator",
    "iloveyou",
    "abcdefgh",
    "changeme",
    "clinical",
    "croftcroft",
    "monkey",
];

/// Proves who somebody is. A wrong attempt is recorded, and counts.
pub fn prove(record: &Record, login: &str, password: &str, code: &str) -> Result<Result<Proof, NotProved>, Refusal> {
    let now_ms = record.ledger().now_ms();
    let (known, enabled) = record.ledger().read(|view| -> Result<_, Refusal> {
        let known: Credential = door::row(view, space::CREDENTIAL, &key(&[login]))?.unwrap_or_default();
        let enabled = door::row::<Account>(view, space::ACCOUNT, &key(&[login]))?.is_some_and(|a| !a.disabled);
        Ok((known, enabled))
    })?;
    if known.wait_until_ms > now_ms {
        return Ok(Err(NotProved::Wait { until_ms: known.wait_until_ms }));
    }
    let right = is_password(&known.password, password)?;
    if right && enabled && known.codes && code.trim().is_empty() {
        return Ok(Err(NotProved::CodeNeeded));
    }
    let (login, code) = (login.to_owned(), Zeroizing::new(code.trim().to_owned()));
    let seen = known.password;
    record.ledger().write(move |tx| {
        let Some(mut now) = door::row::<Credential>(tx, space::CREDENTIAL, &key(&[&login]))? else {
            return Ok(Err(NotProved::Wrong));
        };
        // Attempts at the same time count one after the other.
        if now.wait_until_ms > now_ms {
            return Ok(Err(NotProved::Wait { until_ms: now.wait_until_ms }));
        }
        if !(right && enabled && now.password == seen) {
            fail(tx, &login, &mut now, "password")?;
            return Ok(Err(NotProved::Wrong));
        }
        if now.codes && !takes_code(tx, &login, &mut now, &code, now_ms)? {
            fail(tx, &login, &mut now, "code")?;
            return Ok(Err(NotProved::WrongCode));
        }
        now.failed = 0;
        now.wait_until_ms = 0;
        put(tx, &login, &now)?;
        Ok(Ok(Proof { account: login.clone(), at_ms: now_ms }))
    })
}

/// Proves again who the caller is, for a signature.
pub fn prove_again(record: &Record, caller: &Caller, password: &str, code: &str) -> Result<Proof, Refusal> {
    match prove(record, &caller.account, password, code)? {
        Ok(proof) => Ok(proof),
        Err(NotProved::CodeNeeded) => Err(Refusal::invalid("code", "is empty", "give the code of your device")),
        Err(NotProved::WrongCode) => {
            Err(Refusal::invalid("code", "is wrong or was used already", "wait for the next code"))
        }
        Err(NotProved::Wrong) => Err(Refusal::invalid("password", "is wrong", "give the password of your account")),
        Err(NotProved::Wait { .. }) => {
            Err(Refusal::state("too many wrong attempts", "wait some minutes, then try again"))
        }
    }
}

/// A failure: recorded, counted, and after five of them a wait of 1, 2, 4 … 60 minutes.
fn fail(tx: &mut Tx<'_>, login: &str, now: &mut Credential, what: &str) -> Result<(), Refusal> {
    now.failed += 1;
    note(tx, login, "sign_in.failed/1", what)?;
    if now.failed >= PATIENCE {
        let minutes = 1_i64 << (now.failed - PATIENCE).min(6);
        now.wait_until_ms = tx.now_ms() + 60_000 * minutes.min(60);
        note(tx, login, "account.waits/1", &format!("{} failures", now.failed))?;
    }
    put(tx, login, now)
}

fn takes_code(tx: &Tx<'_>, login: &str, now: &mut Credential, code: &str, now_ms: i64) -> Result<bool, Refusal> {
    let recovery = secret::hashed(&code.to_uppercase());
    if let Some(index) = now.recovery.iter().position(|kept| *kept == recovery) {
        now.recovery.remove(index);
        return Ok(true);
    }
    let Some(secret) = tx.identity(&code_name(login))? else { return Ok(false) };
    let step = totp(&secret).and_then(|totp| totp.check(code, (now_ms / 1000) as u64));
    match step {
        Some(step) if step > now.last_step => {
            now.last_step = step;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The generator of codes.
fn totp(secret: &[u8]) -> Option<totp_rs::Totp> {
    let secret: [u8; 20] = secret.try_into().ok()?;
    totp_rs::Builder::new().with_secret(secret).build().ok()
}

fn code_name(login: &str) -> String {
    format!("account/{login}/codes")
}

pub(super) fn put(tx: &mut Tx<'_>, login: &str, row: &Credential) -> Result<(), Refusal> {
    secret::put(tx, space::CREDENTIAL, login, row)
}

/// Sets the password of the account for which a link was made. The link works no more.
pub fn set_password_by_link(record: &Record, link: &str, password: &str) -> Result<String, Refusal> {
    let name = secret::hashed(link);
    let now_ms = record.ledger().now_ms();
    let gone = || Refusal::state("this link does not work any more", "ask the administrator for another");
    let row = record.ledger().read(|view| link_row(view, &name))?.filter(|r| r.until_ms > now_ms).ok_or_else(gone)?;
    check_password(&row.account, password)?;
    let hashed = hash(password)?;
    record.ledger().write(move |tx| {
        let row = link_row(tx, &name)?.ok_or_else(gone)?;
        account(tx, &row.account)?;
        let mut known: Credential = door::row(tx, space::CREDENTIAL, &key(&[&row.account]))?.unwrap_or_default();
        known.password = hashed;
        known.link.clear();
        known.failed = 0;
        known.wait_until_ms = 0;
        put(tx, &row.account, &known)?;
        tx.delete(space::LINK, name.as_bytes());
        super::session::end_all(tx, &row.account)?;
        note(tx, &row.account, "password.set/1", "by link")?;
        Ok(row.account)
    })
}

fn link_row(view: &dyn View, name: &str) -> Result<Option<LinkRow>, Refusal> {
    door::row(view, space::LINK, &key(&[name]))
}

/// Codes of a device, set up and not yet confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCodes {
    /// The secret as an authenticator app takes it, Base32.
    pub secret: String,
    /// The address that a QR code holds.
    pub address: String,
}

/// A secret for codes; nothing is kept until [`confirm_codes`].
pub fn new_codes(login: &str) -> Result<NewCodes, Refusal> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|e| Refusal::Random(e.to_string()))?;
    let secret = data_encoding::BASE32_NOPAD.encode(&bytes);
    let address = format!("otpauth://totp/croft:{login}?secret={secret}&issuer=croft");
    Ok(NewCodes { secret, address })
}

/// Asks for codes from now on, after one of them was given rightly. Answers the recovery codes, shown once.
pub fn confirm_codes(record: &Record, proof: &Proof, secret: &str, code: &str) -> Result<Vec<String>, Refusal> {
    let wrong =
        || Refusal::invalid("code", "is wrong", "check the clock of the device, and give the code that it shows now");
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).map_err(|_| wrong())?;
    let now_ms = record.ledger().now_ms();
    let step = totp(&bytes).and_then(|t| t.check(code.trim(), (now_ms / 1000) as u64)).ok_or_else(wrong)?;
    let mut shown = Vec::new();
    for _ in 0..10 {
        let text: String = secret::fresh()?.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
        shown.push(text.to_uppercase());
    }
    let kept: Vec<String> = shown.iter().map(|code| secret::hashed(code)).collect();
    let login = proof.account().to_owned();
    record.ledger().write(move |tx| {
        account(tx, &login)?;
        let mut known: Credential = door::row(tx, space::CREDENTIAL, &key(&[&login]))?.unwrap_or_default();
        known.codes = true;
        known.last_step = step;
        known.recovery = kept;
        put(tx, &login, &known)?;
        tx.put_identity(&code_name(&login), &bytes)?;
        note(tx, &login, "codes.set/1", "")
    })?;
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hashed_with_their_own_salt_and_known_again() {
        let (one, two) = (hash("correct horse battery").unwrap(), hash("correct horse battery").unwrap());
        assert_ne!(one, two);
        assert!(is_password(&one, "correct horse battery").unwrap());
        assert!(!is_password(&one, "correct horse batterz").unwrap());
        assert!(!is_password("", "").unwrap());
    }

    #[test]
    fn easy_passwords_are_refused() {
        for bad in ["short", "passwordpass", "aaaaaaaaaaaaaa", "anna.b-likes-tea", "Password1234!", "123456789012"] {
            assert!(check_password("anna.b", bad).is_err(), "{bad}");
        }
        assert!(check_password("anna.b", "kettle orbit mango").is_ok());
    }

    /// RFC 6238, appendix B, SHA-1: eight digits there, of which the last six are these.
    #[test]
    fn codes_are_those_of_the_standard() {
        let totp = totp(b"12345678901234567890").unwrap();
        for (time, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(totp.check(code, time), Some(time / 30), "{time}");
            assert_eq!(totp.check(code, time + 30), Some(time / 30), "one step late");
            assert_eq!(totp.check(code, time + 90), None, "three steps late");
        }
    }
}
