//! How does a file open with its bookmarks shown?
//!
//! The catalogue needs `/PageMode /UseOutlines`, which the PDF library does not write. The key is put into the
//! catalogue and the places in the cross-reference table behind it move by its length. Nothing is touched when the file
//! does not look exactly as expected.

/// Text put into the catalogue.
const KEY: &[u8] = b"/PageMode/UseOutlines";

/// The same file, opening with its bookmarks shown.
pub(super) fn show_outlines(bytes: Vec<u8>) -> Vec<u8> {
    changed(&bytes).unwrap_or(bytes)
}

fn changed(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = rfind(bytes, b"startxref")?;
    let table = number(&bytes[start + 9..])?;
    let catalogue = find(bytes, b"/Type/Catalog").or_else(|| find(bytes, b"/Type /Catalog"))?;
    let dictionary = rfind(&bytes[..catalogue], b"<<")? + 2;
    if find(&bytes[..table], b"/PageMode").is_some() {
        return None;
    }
    let head = bytes.get(table..)?.strip_prefix(b"xref\n")?;
    let line = find(head, b"\n")?;
    let count = number(&head[find(&head[..line], b" ")? + 1..line])?;
    let entries = table + 5 + line + 1;
    let after = entries + count.checked_mul(20)?;
    let mut out = Vec::with_capacity(bytes.len() + KEY.len());
    out.extend(&bytes[..dictionary]);
    out.extend(KEY);
    out.extend(bytes.get(dictionary..entries)?);
    for entry in bytes.get(entries..after)?.chunks(20) {
        let place = number(entry)?;
        let moved = if entry.get(17) == Some(&b'n') && place > dictionary { place + KEY.len() } else { place };
        out.extend(format!("{moved:010}").as_bytes());
        out.extend(&entry[10..]);
    }
    out.extend(bytes.get(after..start)?);
    out.extend(format!("startxref\n{}\n%%EOF", table + KEY.len()).as_bytes());
    Some(out)
}

/// The number at the beginning, blanks before it skipped.
fn number(bytes: &[u8]) -> Option<usize> {
    let text: String = bytes
        .iter()
        .map(|&b| char::from(b))
        .skip_while(|c| c.is_ascii_whitespace())
        .take_while(char::is_ascii_digit)
        .collect();
    text.parse().ok()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|w| w == wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|w| w == wanted)
}
