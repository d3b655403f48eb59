//! `payments-server`: serves the payments API on a local address.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use payments_server::faults::{FAULTS, Faults};
use payments_server::routes::{App, router};
use tokio::net::TcpListener;

/// The payments example API, right or with planted faults.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// The only bearer token to accept; without it, any is accepted.
    #[arg(long, env = "API_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Switches a fault on; can be repeated.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// Prints the faults, each with the rule that it breaks, and ends.
    #[arg(long)]
    list_faults: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if options.list_faults {
        return list_faults();
    }
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("payments-server: {message}");
            ExitCode::from(2)
        }
    }
}

fn list_faults() -> ExitCode {
    let lines: String = FAULTS
        .iter()
        .map(|fault| format!("{}\t{}\t{}\n", fault.name, fault.rule, fault.about))
        .collect();
    match io::stdout().write_all(lines.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads may have read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn serve(options: Options) -> Result<(), String> {
    let faults = Faults::named(&options.faults)?;
    let token = options.token.filter(|token| !token.is_empty());
    let listener = TcpListener::bind(&options.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}", options.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}");
    axum::serve(listener, router(App::new(faults, token)))
        .await
        .map_err(|error| error.to_string())
}
