//! Paths of operations, as they match those of requests.

use percent_encoding::percent_decode_str;

/// A path template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    segments: Vec<Vec<Part>>,
}

/// A piece of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Parameter(String),
}

/// How much of a template is spelled out, segment by segment: what is spelled
/// out comes before what is a parameter.
pub type Rank = Vec<u8>;

impl Template {
    /// The template of `/payments/{id}`.
    pub fn new(path: &str) -> Self {
        let path = path.trim_matches('/');
        let segments = path.split('/').filter(|own| !own.is_empty());
        Self {
            segments: segments.map(parts).collect(),
        }
    }

    /// The values of the parameters in a path of these segments, still encoded;
    /// none where it doesn't match.
    pub fn matched(&self, segments: &[&str]) -> Option<Vec<(String, String)>> {
        if segments.len() != self.segments.len() {
            return None;
        }
        let mut found = Vec::new();
        for (own, segment) in self.segments.iter().zip(segments) {
            segment_matched(own, segment, &mut found)?;
        }
        Some(found)
    }

    /// How many segments it has.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Its rank: the least one wins where several match.
    pub fn rank(&self) -> Rank {
        let rank = |parts: &Vec<Part>| match parts.as_slice() {
            [Part::Text(_)] => 0,
            [Part::Parameter(_)] => 2,
            _ => 1,
        };
        self.segments.iter().map(rank).collect()
    }
}

/// The segments of a path, without empty ones at its ends.
pub fn segments(path: &str) -> Vec<&str> {
    let path = path.trim_matches('/');
    match path {
        "" => Vec::new(),
        path => path.split('/').collect(),
    }
}

/// A text without percent signs, where it is UTF-8.
pub fn plain(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn parts(segment: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Parameter(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

/// Matches one segment; a parameter ends where the text behind it begins.
fn segment_matched(parts: &[Part], segment: &str, found: &mut Vec<(String, String)>) -> Option<()> {
    match parts {
        [] => segment.is_empty().then_some(()),
        [Part::Text(text)] => (plain(segment)? == *text).then_some(()),
        [Part::Text(text), rest @ ..] => {
            segment_matched(rest, segment.strip_prefix(text.as_str())?, found)
        }
        [Part::Parameter(name)] => {
            (!segment.is_empty()).then(|| found.push((name.clone(), segment.to_owned())))
        }
        [Part::Parameter(name), rest @ ..] => {
            let Some(Part::Text(text)) = rest.first() else {
                return None;
            };
            let end = match rest {
                [Part::Text(last)] => segment.strip_suffix(last.as_str())?.len(),
                _ => segment.find(text.as_str())?,
            };
            let (value, after) = segment.split_at_checked(end)?;
            found.push((name.clone(), value.to_owned()));
            segment_matched(rest, after, found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        Template::new(template).matched(&segments(path))
    }

    #[test]
    fn parameters_are_taken_out_of_paths() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            matched("/a/{id}", "/a/x%2Fy/"),
            Some(vec![pair("id", "x%2Fy")])
        );
        assert_eq!(
            matched("/r/{from}-{to}.csv", "/r/1-2.csv"),
            Some(vec![pair("from", "1"), pair("to", "2")])
        );
        assert_eq!(
            matched("/caf%C3%A9".trim_end_matches("%C3%A9"), "/caf"),
            Some(vec![])
        );
        assert_eq!(matched("/a/{id}", "/a"), None);
        assert_eq!(matched("/a/{id}.csv", "/a/7.txt"), None);
        assert_eq!(matched("/a:go", "/a%3Ago"), Some(vec![]));
    }

    #[test]
    fn what_is_spelled_out_comes_first() {
        let mut templates =
            ["/a/{id}", "/a/{id}.csv", "/{kind}/mine", "/a/mine"].map(Template::new);
        templates.sort_by_key(Template::rank);
        let wanted = ["/a/mine", "/a/{id}.csv", "/a/{id}", "/{kind}/mine"].map(Template::new);
        assert_eq!(templates, wanted);
    }
}
