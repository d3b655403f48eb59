//! Servers as programs: what they print, where they listen, who may ask.

use std::io::{self, Write};
use std::process::ExitCode;

use axum::Router;
use axum::http::{HeaderMap, header};
use tokio::net::TcpListener;

/// Prints the faults of a server, one a line: name, rule and description, tab separated.
pub fn list_faults<'a>(faults: impl IntoIterator<Item = [&'a str; 3]>) -> ExitCode {
    let lines: String = faults
        .into_iter()
        .map(|columns| columns.join("\t") + "\n")
        .collect();
    match io::stdout().write_all(lines.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads may have read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Serves until killed; the first line on standard output says where.
pub async fn serve(listen: &str, router: Router) -> Result<(), String> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("can't listen on {listen}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}");
    axum::serve(listener, router)
        .await
        .map_err(|error| error.to_string())
}

/// The bearer token of a request, if it has one.
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
