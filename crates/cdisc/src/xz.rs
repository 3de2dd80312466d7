//! Is the file packed with xz?
//!
//! Archives keep large transport files as `.xz`. They are unpacked whole, in memory.

/// How an xz file begins.
const MAGIC: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];

/// The archive is damaged or cut short.
#[derive(Debug, thiserror::Error)]
#[error("the xz archive cannot be unpacked: {reason}")]
pub struct XzError {
    reason: String,
}

/// Whether these bytes begin an xz archive.
pub fn is_xz(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The bytes in the archive.
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, XzError> {
    let mut unpacked = Vec::new();
    let mut source = bytes;
    match lzma_rs::xz_decompress(&mut source, &mut unpacked) {
        Ok(()) => Ok(unpacked),
        Err(error) => Err(XzError { reason: format!("{error:?}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_is_unpacked_and_a_cut_one_is_an_error() {
        let mut packed = Vec::new();
        lzma_rs::xz_compress(&mut &b"HEADER RECORD"[..], &mut packed).unwrap();
        assert!(is_xz(&packed));
        assert_eq!(unpack(&packed).unwrap(), b"HEADER RECORD");
        assert!(unpack(&packed[..packed.len() / 2]).is_err());
    }
}
