//! Paths as people see them.

use std::path::{Component, Path, PathBuf};

/// `a/b/../c` as `a/c`, where that is the same file.
pub fn tidy(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for component in path.components() {
        let is_named = matches!(short.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_named => {
                short.pop();
            }
            other => short.push(other),
        }
    }
    let is_same = |a: &Path, b: &Path| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
    if is_same(path, &short) == Some(true) {
        short
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_short() {
        assert_eq!(
            tidy(Path::new("src/../src/./lib.rs")),
            Path::new("src/lib.rs")
        );
        assert_eq!(
            tidy(Path::new("none/../src/lib.rs")),
            Path::new("none/../src/lib.rs")
        );
    }
}
