//! `booking-server`: serves the booking API on a local address.

use std::process::ExitCode;

use booking_server::faults::Faults;
use booking_server::routes::{App, router};
use clap::Parser;
use serving::program;

/// The booking example API, right or with a planted fault.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// The bearer token of managers of the building.
    #[arg(long, default_value = "manager")]
    manager: String,
    /// Switches a fault on; can be repeated.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// Prints the faults of the rules, each with the rule that it breaks, and ends.
    #[arg(long)]
    list_faults: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if options.list_faults {
        return program::list_faults(Faults::known().map(|fault| fault.columns()));
    }
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("booking-server: {message}");
            ExitCode::from(2)
        }
    }
}

async fn serve(options: Options) -> Result<(), String> {
    let app = App {
        faults: Faults::named(&options.faults)?,
        manager: options.manager,
    };
    program::serve(&options.listen, router(app)).await
}
