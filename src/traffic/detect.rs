//! Which format a file has, told by its content.

use std::io::{self, BufRead};

use super::cassette;
use super::stream::keys;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON Lines, one exchange a line.
    Lines,
    /// The same exchanges as one list.
    List,
    /// HAR.
    Har,
    /// The report of newman.
    Newman,
    /// A Postman collection.
    Postman,
    /// A case file.
    Cases,
    /// A cassette in YAML.
    Cassette,
    /// The events of Schemathesis.
    Events,
}

/// How much of YAML is looked at for the list of a cassette.
const LONGEST: u64 = 1 << 20;

/// The format of what `reader` gives; none where it is none of them.
pub(super) fn detect(mut reader: impl BufRead) -> io::Result<Option<Format>> {
    skip_blanks(&mut reader)?;
    Ok(match reader.fill_buf()?.first() {
        Some(b'[') => Some(Format::List),
        Some(b'{') => of_object(reader),
        Some(_) => of_yaml(reader)?,
        None => None,
    })
}

fn skip_blanks(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = reader.fill_buf()?;
        let blanks = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(_) => 3,
            None => bytes
                .iter()
                .take_while(|own| own.is_ascii_whitespace())
                .count(),
        };
        if blanks == 0 {
            return Ok(());
        }
        reader.consume(blanks);
    }
}

/// The first member that only one format has. Without one, it may be lines of
/// which the first is broken.
fn of_object(reader: impl BufRead) -> Option<Format> {
    let (mut found, mut is_other) = (None, false);
    keys(reader, &mut |key| {
        found = match key {
            "log" => Some(Format::Har),
            "run" | "collection" => Some(Format::Newman),
            "info" | "item" => Some(Format::Postman),
            "crossfield" | "rule_file" | "cases" => Some(Format::Cases),
            "method" | "url" | "status" | "response" => Some(Format::Lines),
            "Initialize" | "LoadingStarted" | "EngineStarted" | "ScenarioFinished" => {
                Some(Format::Events)
            }
            _ => None,
        };
        is_other = true;
        found.is_none()
    });
    found.or((!is_other).then_some(Format::Lines))
}

fn of_yaml(reader: impl BufRead) -> io::Result<Option<Format>> {
    for line in io::Read::take(reader, LONGEST).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if cassette::KEYS.contains(&line.trim_end()) {
            return Ok(Some(Format::Cassette));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_content() {
        for (text, format) in [
            ("\u{feff} {\"log\": {}}", Some(Format::Har)),
            ("{\"environment\": {}, \"run\": {}}", Some(Format::Newman)),
            ("{\n\"info\": {}}", Some(Format::Postman)),
            (
                "{\"format\": 1, \"crossfield\": \"0\"}",
                Some(Format::Cases),
            ),
            ("{\"at\": 1, \"method\": \"GET\"}\n{", Some(Format::Lines)),
            ("{oops\n{\"method\": \"GET\"}", Some(Format::Lines)),
            ("{\"Initialize\": {}}\n", Some(Format::Events)),
            (
                "command: x\nhttp_interactions:\n- id: '1'\n",
                Some(Format::Cassette),
            ),
            ("[{\"method\": \"GET\"}]", Some(Format::List)),
            ("{\"openapi\": \"3.0.0\"}", None),
            ("a: 1\n", None),
            ("", None),
        ] {
            assert_eq!(detect(text.as_bytes()).unwrap(), format, "{text}");
        }
    }
}
