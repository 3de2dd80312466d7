//! How is a good input spoilt?
//!
//! One to eight small changes, stacked: flipped bits, bytes and numbers from the edges of their range, cut, doubled and
//! exchanged pieces, pieces of other seeds. The choice comes from a named random stream, so that a run can be repeated.

use croft_num::random::Stream;

/// Bytes at which parsers turn.
const EDGE_BYTES: [u8; 20] = *b"\0\x01\x7f\x80\xff\n\r\t \"',;{}[]<>/";

/// Texts at which parsers turn.
const EDGE_TEXTS: [&[u8]; 12] = [
    b"-1",
    b"0",
    b"1e309",
    b"NaN",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"\xef\xbb\xbf",
    b"\xc3\xa9",
    b"\xff\xfe",
    b"\\u0000",
    b"((((((((",
    b"[[[[[[[[",
];

/// Longer inputs find nothing new in a short run.
const LONGEST: usize = 1 << 16;

/// A spoilt copy of one of the seeds. There must be a seed.
pub fn mutate(seeds: &[Vec<u8>], stream: &mut Stream) -> Vec<u8> {
    let mut data = seeds[below(stream, seeds.len())].clone();
    for _ in 0..=below(stream, 8) {
        change(&mut data, seeds, stream);
    }
    data.truncate(LONGEST);
    data
}

fn change(data: &mut Vec<u8>, seeds: &[Vec<u8>], stream: &mut Stream) {
    let at = below(stream, data.len() + 1);
    match below(stream, 9) {
        0 => flip_bit(data, stream),
        1 => data.insert(at, EDGE_BYTES[below(stream, EDGE_BYTES.len())]),
        2 => replace_number(data, at, stream),
        3 => data.truncate(at),
        4 => {
            data.drain(piece(data.len(), at, stream));
        }
        5 => {
            let copy = data[piece(data.len(), at, stream)].to_vec();
            let to = below(stream, data.len() + 1);
            data.splice(to..to, copy);
        }
        6 => {
            let other = &seeds[below(stream, seeds.len())];
            let from = below(stream, other.len() + 1);
            let copy = other[piece(other.len(), from, stream)].to_vec();
            data.splice(piece(data.len(), at, stream), copy);
        }
        7 => {
            let text = EDGE_TEXTS[below(stream, EDGE_TEXTS.len())];
            data.splice(piece(data.len(), at, stream), text.iter().copied());
        }
        _ => {
            if let Some(byte) = data.get_mut(at) {
                *byte = (stream.next_u64() & 0xff) as u8;
            }
        }
    }
}

/// Up to 32 bytes from `at`, or all that is left.
fn piece(length: usize, at: usize, stream: &mut Stream) -> std::ops::Range<usize> {
    let most = if below(stream, 8) == 0 { length } else { 32 };
    at..at + below(stream, (length - at).min(most) + 1)
}

fn flip_bit(data: &mut [u8], stream: &mut Stream) {
    if !data.is_empty() {
        let at = below(stream, data.len());
        data[at] ^= 1 << below(stream, 8);
    }
}

/// Writes a small or extreme whole number of 2 to 8 bytes, either end first, over what is there.
fn replace_number(data: &mut [u8], at: usize, stream: &mut Stream) {
    let width = [2, 4, 8][below(stream, 3)];
    let number = [0, 1, 0x7fff_ffff_ffff_ffff, u64::MAX, stream.next_u64() >> 56][below(stream, 5)];
    let bytes = if below(stream, 2) == 0 { number.to_be_bytes() } else { number.to_le_bytes() };
    let bytes = &bytes[..width];
    for (old, new) in data.iter_mut().skip(at).zip(bytes) {
        *old = *new;
    }
}

fn below(stream: &mut Stream, n: usize) -> usize {
    usize::try_from(stream.below(n as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_spoils_the_same_way() {
        let seeds = [b"2024-03-05".to_vec(), Vec::new()];
        let spoil = |seed| {
            let mut stream = Stream::new(seed, "fuzz", "test", "");
            (0..500).map(|_| mutate(&seeds, &mut stream)).collect::<Vec<_>>()
        };
        assert_eq!(spoil(1), spoil(1));
        assert_ne!(spoil(1), spoil(2));
        assert!(spoil(1).iter().any(|d| d.len() > 20) && spoil(1).iter().any(Vec::is_empty));
    }
}
