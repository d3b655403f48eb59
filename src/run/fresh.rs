//! Texts that no other request has.

use std::sync::atomic::{AtomicU64, Ordering};

/// Fills templates of unique fields: `{run}`, `{n}` and `{uuid}`.
#[derive(Debug)]
pub(super) struct Fresh {
    run: String,
    count: AtomicU64,
}

impl Fresh {
    /// With eight random hexadecimal digits for this run.
    pub(super) fn new() -> Self {
        Self {
            run: format!("{:08x}", fastrand::u32(..)),
            count: AtomicU64::new(1),
        }
    }

    pub(super) fn text(&self, template: &str) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        template
            .replace("{run}", &self.run)
            .replace("{n}", &number.to_string())
            .replace("{uuid}", &uuid())
    }
}

/// A random UUID, of version 4.
fn uuid() -> String {
    let bits = fastrand::u128(..);
    let bits = bits & !(0xf << 76) | 0x4 << 76;
    let bits = bits & !(0x3 << 62) | 0x2 << 62;
    let digits = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts = parts.map(|part| digits.get(part).unwrap_or_default());
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_and_are_what_they_should() {
        let fresh = Fresh::new();
        let (first, second) = (fresh.text("a-{run}-{n}"), fresh.text("a-{run}-{n}"));
        assert!(
            first.ends_with("-1") && second.ends_with("-2"),
            "{first} {second}"
        );
        assert_eq!(first.len(), "a-01234567-1".len());
        let id = uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.get(14..15), Some("4"));
        assert!(
            matches!(id.get(19..20), Some("8" | "9" | "a" | "b")),
            "{id}"
        );
        assert_ne!(id, uuid());
    }
}
