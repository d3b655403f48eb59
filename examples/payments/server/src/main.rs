//! `payments-server`: serves the payments API on a local address.

use std::process::ExitCode;

use clap::Parser;
use payments_server::faults::{Entry, FAULTS, Faults};
use payments_server::routes::{App, router};
use serving::program;

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
        let columns = |fault: &Entry| [fault.name, fault.rule, fault.about];
        return program::list_faults(FAULTS.iter().map(columns));
    }
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("payments-server: {message}");
            ExitCode::from(2)
        }
    }
}

async fn serve(options: Options) -> Result<(), String> {
    let faults = Faults::named(&options.faults)?;
    let token = options.token.filter(|token| !token.is_empty());
    program::serve(&options.listen, router(App::new(faults, token))).await
}
