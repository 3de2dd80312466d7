//! Where do the files of an export go, and what are their hashes?

use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

/// A place for several files: a folder, a test's memory.
pub trait Files {
    /// Begins a file; `path` is relative, with `/` between folders. Several may be open at once.
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write>>;
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Hashes every file on its way to another place.
pub struct Hashed<'f> {
    inner: &'f mut dyn Files,
    done: Rc<RefCell<BTreeMap<String, Folded>>>,
}

impl<'f> Hashed<'f> {
    /// Over this place.
    pub fn over(inner: &'f mut dyn Files) -> Self {
        Self { inner, done: Rc::default() }
    }

    /// The files that were closed, by path.
    pub fn done(&self) -> BTreeMap<String, Folded> {
        self.done.borrow().clone()
    }

    /// `sha256sum`'s form: `HASH  PATH`, a line each. It is what such a program checks with `-c`.
    pub fn sums(&self) -> String {
        self.done.borrow().iter().map(|(path, file)| format!("{}  {path}\n", file.sha256)).collect()
    }
}

impl Files for Hashed<'_> {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write>> {
        let inner = io::BufWriter::new(self.inner.create(path)?);
        Ok(Box::new(HashedFile {
            inner,
            hash: Sha256::new(),
            bytes: 0,
            path: path.to_owned(),
            done: Rc::clone(&self.done),
        }))
    }
}

struct HashedFile {
    inner: io::BufWriter<Box<dyn Write>>,
    hash: Sha256,
    bytes: u64,
    path: String,
    done: Rc<RefCell<BTreeMap<String, Folded>>>,
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    /// Whoever writes a file flushes it at its end: only then is it counted.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()?;
        let sha256 = croft_ledger::Hash(self.hash.clone().finalize().into()).to_string();
        self.done.borrow_mut().insert(self.path.clone(), Folded { bytes: self.bytes, sha256 });
        Ok(())
    }
}

/// Files kept in memory, by path: small exports and tests.
impl Files for BTreeMap<String, Rc<RefCell<Vec<u8>>>> {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write>> {
        let kept = Rc::<RefCell<Vec<u8>>>::default();
        self.insert(path.to_owned(), Rc::clone(&kept));
        Ok(Box::new(Kept(kept)))
    }
}

struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_what_was_hashed() {
        let mut memory = BTreeMap::new();
        let mut files = Hashed::over(&mut memory);
        let (mut a, mut b) = (files.create("a").unwrap(), files.create("b/c").unwrap());
        a.write_all(b"ab").unwrap();
        b.write_all(b"x").unwrap();
        a.write_all(b"c").unwrap();
        a.flush().unwrap();
        b.flush().unwrap();
        let sums = files.sums();
        // FIPS 180-2, appendix B.1: SHA-256 of "abc".
        assert!(sums.starts_with("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n"), "{sums}");
        assert_eq!(files.done()["b/c"].bytes, 1);
        assert_eq!(*memory["a"].borrow(), b"abc");
    }
}
