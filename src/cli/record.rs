//! `crossfield record`

mod inject;
pub(super) mod listen;

use std::ffi::OsString;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::Exit;
use super::arguments::RecordArguments;
use super::console::Console;
use super::suite::{Bounds, Suite};
use crate::record::{Masking, Options, Recorded, Recording, TrafficFile};
use crate::report::counted;
use crate::run::{Interrupt, Target};

/// How long exchanges may take that are under way when the recording ends.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// How long nobody looks whether it is to end.
const SLICE: Duration = Duration::from_millis(20);

/// A command that can't go on: why, and how it ends.
type Stop = (String, Exit);

/// Runs the command.
pub(super) fn run(arguments: &RecordArguments, console: &Console) -> Exit {
    work(arguments, console).unwrap_or_else(|(message, exit)| {
        console.error(&message);
        exit
    })
}

fn work(arguments: &RecordArguments, console: &Console) -> Result<Exit, Stop> {
    let injection = inject::start(arguments, console)?;
    let options = Options {
        tamper: injection.as_ref().map(inject::Injection::tamper),
        ..options(arguments)?
    };
    let listener = listen::listener(&arguments.listen, arguments.yes)?;
    let signals = Signals::listen(arguments.command.is_empty())?;
    let file = file(arguments)?;
    let internal = |error: &dyn std::fmt::Display| (error.to_string(), Exit::Internal);
    let recording =
        Recording::start(&options, listener, file).map_err(|error| bad(error.to_string()))?;
    let address = recording.address();
    let exit = if arguments.command.is_empty() {
        let told = console.data(&format!("listening on http://{address}\n"));
        while !signals.any.is_raised() {
            thread::sleep(SLICE);
        }
        told
    } else {
        let url = listen::url_on_this_machine(address);
        let suite = Suite {
            command: &arguments.command,
            variables: &arguments.env,
        };
        let bounds = Bounds {
            termination: Some(&signals.termination),
            ..Bounds::default()
        };
        suite.run(&url, &bounds).map_err(bad)?
    };
    let recorded = recording.stop(GRACE).map_err(|error| internal(&error))?;
    let summary = summary(&recorded, arguments, console);
    let told = injection.map_or(Exit::Clean, |own| own.tell(exit, console));
    Ok(exit.worse(summary).worse(told))
}

fn options(arguments: &RecordArguments) -> Result<Options, Stop> {
    let upstream = Target::parse(&arguments.upstream);
    let upstream = upstream.map_err(|error| bad(format!("--upstream can't be used: {error}")))?;
    let masking = match arguments.no_mask {
        true => Masking::none(),
        false => masking(&arguments.mask),
    };
    Ok(Options {
        upstream,
        preserve_host: arguments.preserve_host,
        max_body: arguments.max_body,
        masking,
        tamper: None,
    })
}

/// What is masked: what always is, and these names.
pub(super) fn masking(names: &[String]) -> Masking {
    let names = names.iter().map(String::as_str);
    let variables = std::env::vars_os();
    let texts = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Masking::new(names, variables.filter_map(texts))
}

fn file(arguments: &RecordArguments) -> Result<TrafficFile, Stop> {
    let path = &arguments.output;
    let file = if arguments.append {
        TrafficFile::append(path)
    } else {
        TrafficFile::create(path)
    };
    file.map_err(|error| bad(format!("`{}` can't be written: {error}", path.display())))
}

/// What the system asks for.
struct Signals {
    any: Interrupt,
    termination: Interrupt,
}

impl Signals {
    /// The first signal ends the recording in order. The second one ends it at
    /// once, unless a command has to end first.
    fn listen(is_alone: bool) -> Result<Self, Stop> {
        let own = Self {
            any: Interrupt::default(),
            termination: Interrupt::default(),
        };
        own.register(is_alone).map_err(|error| {
            let message = format!("signals can't be waited for: {error}");
            (message, Exit::Internal)
        })?;
        Ok(own)
    }

    fn register(&self, is_alone: bool) -> std::io::Result<()> {
        for signal in [SIGINT, SIGTERM] {
            if is_alone {
                let status = i32::from(Exit::Interrupted.code());
                flag::register_conditional_shutdown(signal, status, self.any.flag())?;
            }
            flag::register(signal, self.any.flag())?;
        }
        flag::register(SIGTERM, self.termination.flag())?;
        Ok(())
    }
}

/// Tells what was recorded.
fn summary(recorded: &Recorded, arguments: &RecordArguments, console: &Console) -> Exit {
    let path = arguments.output.display();
    let exchanges = counted(
        usize::try_from(recorded.exchanges).unwrap_or(usize::MAX),
        "exchange",
    );
    let broken = match recorded.broken {
        0 => String::new(),
        broken => format!(", {broken} of them without a whole answer"),
    };
    console.say(&format!("{path}: {exchanges} recorded{broken}\n"));
    if recorded.exchanges == 0 && !arguments.command.is_empty() {
        console.say(
            "note: the command sent nothing to the proxy, whose address is in API_BASE_URL; \
             `--env NAME` puts it into another variable, too\n",
        );
    }
    if let Some(error) = &recorded.unwritten {
        console.error(&format!(
            "`{path}` can't be written: {error}; the recording has gaps"
        ));
        return Exit::BadInput;
    }
    if recorded.panicked {
        console
            .error("a mistake of Crossfield: an exchange could not be handled; please report it");
        return Exit::Internal;
    }
    Exit::Clean
}

fn bad(message: String) -> Stop {
    (message, Exit::BadInput)
}
