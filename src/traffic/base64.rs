//! Base64, as recordings carry bytes (RFC 4648).

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const GENEROUS: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of a text; none where it is no Base64. Blanks between letters, both
/// alphabets, and texts without padding are read as well.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let letters = text.bytes().filter(|letter| !letter.is_ascii_whitespace());
    let letters = letters.map(|letter| match letter {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    });
    GENEROUS.decode(letters.collect::<Vec<u8>>()).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn bytes_are_read_with_and_without_padding() {
        assert_eq!(decoded("eyJhIjogMX0=").unwrap(), br#"{"a": 1}"#);
        assert_eq!(decoded("_-8").unwrap(), [0xff, 0xef]);
        assert_eq!(decoded("").unwrap(), b"");
        assert_eq!(decoded("a*b"), None);
    }
}
