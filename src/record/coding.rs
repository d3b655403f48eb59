//! Bodies that were compressed on the way.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use hyper::HeaderMap;
use hyper::header::CONTENT_ENCODING;

use super::copy::Kept;

/// A body as it was before it was encoded; none where an encoding isn't known,
/// or the body isn't what it says. Of what was cut, the beginning.
pub(super) fn decoded(kept: &Kept, headers: &HeaderMap, limit: usize) -> Option<Kept> {
    let mut kept = kept.clone();
    for encoding in encodings(headers).iter().rev() {
        kept = decode(&kept, encoding, limit)?;
    }
    Some(kept)
}

/// The encodings that were applied, in this order.
fn encodings(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names = values.flat_map(|value| value.to_str().unwrap_or("?").split(','));
    let names = names.map(|name| name.trim().to_ascii_lowercase());
    let names = names.filter(|name| !name.is_empty() && name != "identity");
    names.collect()
}

fn decode(kept: &Kept, encoding: &str, limit: usize) -> Option<Kept> {
    let bytes = kept.bytes.as_slice();
    if bytes.is_empty() {
        return Some(kept.clone());
    }
    match encoding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(bytes), kept, limit),
        // The name stands for two formats.
        "deflate" => read(ZlibDecoder::new(bytes), kept, limit)
            .or_else(|| read(DeflateDecoder::new(bytes), kept, limit)),
        _ => None,
    }
}

/// At most `limit` bytes: a few may stand for very many.
fn read(decoder: impl Read, kept: &Kept, limit: usize) -> Option<Kept> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let done = decoder.take(most).read_to_end(&mut bytes);
    let is_part = kept.is_cut || !kept.is_whole;
    if done.is_err() && (!is_part || bytes.is_empty()) {
        return None;
    }
    let is_cut = kept.is_cut || bytes.len() > limit;
    bytes.truncate(limit);
    Some(Kept {
        bytes,
        is_cut,
        is_whole: kept.is_whole,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use hyper::header::HeaderValue;

    use super::*;

    fn kept(bytes: Vec<u8>) -> Kept {
        Kept {
            bytes,
            is_cut: false,
            is_whole: true,
        }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn headers(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(encoding))])
    }

    #[test]
    fn known_encodings_are_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"text").unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(b"text").unwrap();
        for (encoding, bytes) in [
            ("identity", b"text".to_vec()),
            ("gzip", gzip(b"text")),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("X-GZip, GZIP", gzip(&gzip(b"text"))),
        ] {
            let decoded = decoded(&kept(bytes), &headers(encoding), 100).unwrap();
            assert_eq!(decoded.bytes, b"text", "{encoding}");
            assert!(!decoded.is_cut);
        }
        for (encoding, bytes) in [("br", b"text".to_vec()), ("gzip", b"text".to_vec())] {
            assert!(decoded(&kept(bytes), &headers(encoding), 10).is_none());
        }
    }

    #[test]
    fn a_few_bytes_that_stand_for_many_are_cut() {
        let bomb = gzip(&vec![b'a'; 1_000_000]);
        let known = decoded(&kept(bomb.clone()), &headers("gzip"), 10).unwrap();
        assert_eq!(known.bytes, b"aaaaaaaaaa");
        assert!(known.is_cut);
        let half = Kept {
            is_cut: true,
            ..kept(bomb.into_iter().take(500).collect())
        };
        assert!(
            decoded(&half, &headers("gzip"), 2_000_000)
                .unwrap()
                .bytes
                .len()
                > 1000
        );
    }
}
