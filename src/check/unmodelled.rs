//! Keywords that the search doesn't know.

use crate::model::Built;
use crate::source::{Code, Diagnostic, Diagnostics};

/// A note for each keyword of a request's schema that isn't modelled.
pub(super) fn findings(built: &Built) -> Diagnostics {
    let mut found = Diagnostics::new();
    for documented in &built.documented {
        for (_, unmodelled) in documented.operation.unmodelled() {
            let message = format!("the keyword `{}` is not modelled", unmodelled.keyword);
            let why = unmodelled.reason.as_deref().unwrap_or_default();
            let note = Diagnostic::info(Code::NotModelled, message)
                .at(unmodelled.span, why)
                .note("requests are checked against it after they were found: some may be missed");
            if !found.iter().any(|known| *known == note) {
                found.push(note);
            }
        }
    }
    found
}
