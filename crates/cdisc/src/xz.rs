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
    // Found by mutation: lzma-rs's arithmetic overflows on an impossible index size. What panics there is a damaged archive here.
    let unpacked = std::panic::catch_unwind(|| {
        let mut unpacked = Vec::new();
        lzma_rs::xz_decompress(&mut &bytes[..], &mut unpacked).map(|()| unpacked)
    });
    match unpacked {
        Ok(Ok(unpacked)) => Ok(unpacked),
        Ok(Err(error)) => Err(XzError { reason: format!("{error:?}") }),
        Err(_) => Err(XzError { reason: "its sizes contradict each other".to_owned() }),
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

    #[test]
    fn an_impossible_index_size_is_a_damaged_archive() {
        let mut packed = Vec::new();
        lzma_rs::xz_compress(&mut &b"HEADER RECORD"[..], &mut packed).unwrap();
        let size = packed.len() - 8..packed.len() - 4;
        packed[size].fill(0xff);
        assert!(unpack(&packed).is_err());
    }
}
