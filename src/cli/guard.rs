//! What happens where Crossfield itself fails.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Exit, console::Console};

/// Runs a command; a panic ends with a plea for a report, not with a trace.
pub(super) fn catch(console: &Console, command: impl FnOnce() -> Exit) -> Exit {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let notes = Arc::clone(&seen);
    panic::set_hook(Box::new(move |info| {
        let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(describe(info));
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(command));
    drop(panic::take_hook());
    result.unwrap_or_else(|_| {
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let first = seen.first().map_or("it panicked", String::as_str);
        console.error(&format!(
            "Crossfield {} failed: {first}\n\
             This is a mistake of Crossfield, not of your files. Please report it with this \
             message, the rule file and the API document.",
            env!("CARGO_PKG_VERSION")
        ));
        Exit::Internal
    })
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("it panicked");
    match info.location() {
        Some(place) => format!("{text} ({}:{})", place.file(), place.line()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Format;

    #[test]
    fn a_panic_is_an_internal_error() {
        let console = Console::new(Format::Human);
        assert_eq!(catch(&console, || panic!("no")), Exit::Internal);
        assert_eq!(catch(&console, || Exit::Findings), Exit::Findings);
    }
}
