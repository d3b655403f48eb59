//! Base64, as recordings carry bytes (RFC 4648).

/// The bytes of a text; none where it is no Base64. Blanks, padding and the
/// letters for file names are read as well.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\n' | b'\r' | b' ' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
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
