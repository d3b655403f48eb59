//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::case::Shard;
use crate::fault::Layer;

/// Finds the bugs that live between the fields of an API request.
///
/// Business rules stand in rule files (*.rules.yaml) beside an API document.
/// Crossfield works out how each rule could be implemented wrong, finds requests
/// that tell a right server from a wrong one, proves them, and writes them as
/// tests.
#[derive(Debug, Parser)]
#[command(
    name = "crossfield",
    version,
    arg_required_else_help = true,
    after_help = exit_statuses(),
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How data is written to standard output.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = Format::Human,
        value_name = "FORMAT",
        display_order = 900
    )]
    pub format: Format,
}

/// A layer by its name.
fn layer(name: &str) -> Result<Layer, String> {
    let names = Layer::ALL.map(Layer::name).join(", ");
    Layer::by_name(name).ok_or(format!("there are {names}"))
}

/// `2/4`.
fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
        _ => Err("the second of four parts is 2/4".to_owned()),
    }
}

/// Where cases are looked for that catch nothing alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compact {
    /// Within each rule.
    Rule,
    /// In the whole file.
    Global,
}

/// How fields are filled that no rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fill {
    /// Any two values of any two of them.
    Pairwise,
}

/// The form of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// A file format with a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Rule files: `NAME.rules.yaml`.
    Rules,
    /// Case files: `NAME.cases.json`.
    Cases,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read and analyse rule files; show an accepted and a rejected request for each rule.
    #[command(after_help = "\
Examples:
  crossfield check rules/payments.rules.yaml
  crossfield check rules/ --format json
  crossfield check rules/ --watch")]
    Check(CheckArguments),
    /// Find the requests that tell right servers from wrong ones; write them as tests.
    #[command(after_help = "\
Examples:
  crossfield generate rules/payments.rules.yaml -o tests/payments
  crossfield generate rules/ -o tests/api --emit pytest --strict
  crossfield generate rules/ -o tests/api --layers rule,state,field
  crossfield generate rules/ -o tests/api --check
  crossfield generate rules/ -o tests/small --compact global
  crossfield generate rules/ -o tests/quick --max-cases 4
  crossfield generate rules/payments.rules.yaml -o tests/debug --isolate
  crossfield generate rules/ -o tests/api --fill pairwise
  crossfield generate rules/ -o tests/api --shard 2/4")]
    Generate(GenerateArguments),
    /// Send cases to a live server, and tell where it breaks the rules.
    ///
    /// A refusal counts only where its status and body are the expected ones, and
    /// only beside an accepted neighbour. Credentials (API_TOKEN; API_USER and
    /// API_PASSWORD; API_KEY) and values that rule files name come from the
    /// environment; credentials are never shown or written.
    #[command(after_help = "\
Examples:
  crossfield run rules/payments.rules.yaml --url http://localhost:8080 --smoke
  crossfield run rules/ --url http://localhost:8080/v1 --junit results.xml
  crossfield run tests/payments/payments.cases.json --url http://localhost:8080
  crossfield run tests/payments --url https://staging.example --allow staging.example \\
    --filter refund --rate 10")]
    Run(RunArguments),
    /// Record what a suite sends to an API and what the API answers, as a proxy between them.
    ///
    /// The suite gets the proxy's address as its base URL; nothing else changes. The file
    /// has a line of JSON for each exchange. Credentials, cookies and members or parameters
    /// with names such as `password` or `access_token` are masked in it. With a COMMAND,
    /// the recording ends when it does, with its exit status; otherwise with Ctrl-C.
    #[command(after_help = "\
Examples:
  crossfield record --upstream http://localhost:8080 -o traffic.jsonl -- pytest tests
  crossfield record --upstream http://localhost:8080/v1 -o traffic.jsonl \\
    --env SHOP_URL -- npm test
  crossfield record --upstream https://staging.example/v1 --listen 127.0.0.1:8081 \\
    -o traffic.jsonl
  crossfield record --upstream http://localhost:8080 -o traffic.jsonl \\
    --inject fee-within-cap/dropped/all/rule --rules rules/ -- pytest tests")]
    Record(RecordArguments),
    /// Tell what a suite, or recorded traffic, would miss.
    ///
    /// Right and wrong servers are simulated over the requests: a mistake in
    /// implementing a rule is exercised where one was sent on which the two differ.
    #[command(after_help = "\
Examples:
  crossfield audit rules/payments.rules.yaml --traffic traffic.jsonl
  crossfield audit rules/ --traffic recordings/ --html audit.html --fail-under 90
  crossfield audit rules/ --traffic suite.har --complement tests/missing
  crossfield audit rules/ --traffic suite.har --format json > audit.json
  crossfield audit rules/ --traffic suite.har --baseline audit.json --markdown summary.md
  crossfield audit rules/ --inject-all --upstream http://localhost:8080 -- pytest tests

Traffic is HAR, JSON Lines (as `crossfield record` writes them), newman's JSON report,
Postman collections, cassettes of Schemathesis, case files, and folders of these.")]
    Audit(AuditArguments),
    /// Explain a rule, a fault, a case or the code of a finding.
    #[command(after_help = "\
Examples:
  crossfield explain never-broken
  crossfield explain fee-within-cap rules/
  crossfield explain fee-within-cap/dropped/all/rule rules/payments.rules.yaml
  crossfield explain fee-within-cap-90dc5a tests/payments")]
    Explain(ExplainArguments),
    /// Write rules that already exist elsewhere as a rule file.
    ///
    /// What can't be carried over stands in the file as a comment, and is a warning.
    #[command(after_help = "\
Examples:
  crossfield import idl openapi.yaml -o rules/search.rules.yaml
  crossfield import idl search.idl --api openapi.yaml --operation search
  crossfield import jsonschema openapi.yaml --operation createOrder
  crossfield import kubernetes widgets.crd.yaml --api openapi.yaml --operation createWidget")]
    Import(ImportArguments),
    /// Write the JSON Schema of a file format.
    #[command(after_help = "\
Examples:
  crossfield schema rules > rules.schema.json
  crossfield schema cases > cases.schema.json

Editors with YAML support complete and explain the keys of a rule file that starts with
  # yaml-language-server: $schema=rules.schema.json")]
    Schema {
        /// The format.
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Write completions for a shell.
    #[command(after_help = "\
Example:
  crossfield completions bash > ~/.local/share/bash-completion/completions/crossfield")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual page.
    #[command(after_help = "\
Example:
  crossfield man > ~/.local/share/man/man1/crossfield.1")]
    Man,
}

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Rule files, or folders with *.rules.yaml in them or below.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// End with status 3 where it can't be decided whether a rule can be kept and broken.
    #[arg(long)]
    pub strict: bool,
    /// Show the baselines, what was completed in them, and the fields that no rule mentions.
    #[arg(short, long)]
    pub verbose: bool,
    /// Check again whenever a rule file or an API document changes, until interrupted.
    #[arg(long)]
    pub watch: bool,
    /// How many operations are analysed at a time [default: the number of processors].
    #[arg(long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
}

/// What `generate` takes.
#[derive(Debug, Args)]
pub struct GenerateArguments {
    /// Rule files, or folders with *.rules.yaml in them or below.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The folder of the suite. NAME.cases.json for NAME.rules.yaml, and the tests.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// What to write tests for, besides the case files.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "pytest",
        value_name = "TARGET"
    )]
    pub emit: Vec<Target>,
    /// Ignore the cases that are in DIR, instead of keeping those that still hold.
    #[arg(long)]
    pub fresh: bool,
    /// Write nothing; end with status 1 where DIR isn't up to date.
    #[arg(long)]
    pub check: bool,
    /// End with status 3 where faults are unknown, bounded or unclear.
    #[arg(long)]
    pub strict: bool,
    /// Show the proof of each fault that no request can show.
    #[arg(short, long)]
    pub verbose: bool,
    /// Look for faults of these layers only: against rules (rule), of what servers
    /// remember and who asks (state), of what schemas demand of single places (field)
    /// [default: rule,state].
    #[arg(long, value_delimiter = ',', value_parser = layer, value_name = "LAYER")]
    pub layers: Vec<Layer>,
    /// Leave out cases that catch nothing alone: within each rule, so that editing one
    /// leaves the cases of others as they are; or in the whole file (global).
    #[arg(long, value_enum, default_value_t = Compact::Rule, value_name = "SCOPE")]
    pub compact: Compact,
    /// Keep at most N cases of each rule (with `--compact global`, of each file): the most
    /// valuable, by severity, kind of mistake and how many they catch. What they leave
    /// undetected counts against the coverage.
    #[arg(long, value_name = "N")]
    pub max_cases: Option<std::num::NonZeroUsize>,
    /// Give each fault a case of its own, which tells of no other.
    #[arg(long, conflicts_with = "max_cases")]
    pub isolate: bool,
    /// Let fields that no rule reads take part in the requests that are sent anyway: any
    /// two values of two of them stand together in some case.
    #[arg(long, value_enum, value_name = "HOW")]
    pub fill: Option<Fill>,
    /// Do part K of N only, for jobs that run beside each other. The parts are the cases
    /// of a run without it: NAME.KofN.cases.json.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// How many rules are worked on at a time [default: the number of processors].
    #[arg(long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
}

/// What `run` takes.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Rule files or folders of them, whose cases are then looked for; or case files
    /// (*.cases.json) or suites with them, which are sent as they are.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The address of the API, with everything in front of the document's paths.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Send each baseline, and two requests a rule: one accepted, one refused; show
    /// where the server and the rules disagree.
    #[arg(long)]
    pub smoke: bool,
    /// Only cases whose id, rule or tag contains TEXT; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub filter: Vec<String>,
    /// How many cases are sent at a time; one, where they set the server's clock.
    #[arg(long, value_name = "N", default_value = "4")]
    pub jobs: std::num::NonZeroUsize,
    /// Send at most N requests a second.
    #[arg(long, value_name = "N", value_parser = positive)]
    pub rate: Option<f64>,
    /// How long an answer may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = positive)]
    pub timeout: f64,
    /// Write the results to FILE as JUnit XML, too.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Send to this host although it isn't this machine; may be repeated.
    #[arg(long, value_name = "HOST")]
    pub allow: Vec<String>,
    /// Send to any host.
    #[arg(long)]
    pub yes: bool,
}

/// What `record` takes.
#[derive(Debug, Args)]
pub struct RecordArguments {
    /// The address of the API, with everything in front of the paths that the suite asks for.
    #[arg(long, value_name = "URL")]
    pub upstream: String,
    /// Where the suite finds the proxy; port 0 is any that is free.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    pub listen: String,
    /// The file of the recording, in JSON Lines.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Write behind what is in FILE.
    #[arg(long)]
    pub append: bool,
    /// Mask headers, parameters and members with this name, too; may be repeated.
    #[arg(long, value_name = "NAME", conflicts_with = "no_mask")]
    pub mask: Vec<String>,
    /// Write secrets as they are.
    #[arg(long)]
    pub no_mask: bool,
    /// How many bytes of a body are recorded; all are passed on.
    #[arg(long, value_name = "BYTES", default_value = "1048576")]
    pub max_body: usize,
    /// Send the suite's `Host` to the API, instead of the API's own.
    #[arg(long)]
    pub preserve_host: bool,
    /// Listen on an address that other machines can reach.
    #[arg(long)]
    pub yes: bool,
    /// Give COMMAND the proxy's address as this variable beside API_BASE_URL; may be repeated.
    #[arg(long, value_name = "NAME", requires = "command")]
    pub env: Vec<String>,
    /// Answer as a server with this fault would: does the suite notice? Ids are those of
    /// `audit` and `explain`.
    #[arg(long, value_name = "FAULT", requires = "rules")]
    pub inject: Option<String>,
    /// Rule files, or folders of them, that FAULT is about; may be repeated.
    #[arg(long, value_name = "PATH", requires = "inject")]
    pub rules: Vec<PathBuf>,
    /// What is run with the proxy's address as API_BASE_URL.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// What `audit` takes.
#[derive(Clone, Debug, Args)]
pub struct AuditArguments {
    /// Rule files, or folders with *.rules.yaml in them or below.
    #[arg(required_unless_present = "traffic", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Recordings, reports of runs, suites, or folders of them.
    #[arg(long, required_unless_present = "inject_all", num_args = 1.., value_name = "FILE")]
    pub traffic: Vec<PathBuf>,
    /// Run COMMAND instead, with a proxy in front of the API: once as it is, then with each
    /// fault that its requests show, in answers that a server with that fault would give.
    /// Does it notice?
    #[arg(
        long,
        requires = "upstream",
        requires = "command",
        conflicts_with = "traffic"
    )]
    pub inject_all: bool,
    /// With --inject-all, the address of an API that is right, with everything in front of
    /// the paths that the suite asks for.
    #[arg(long, value_name = "URL", requires = "inject_all")]
    pub upstream: Option<String>,
    /// Give COMMAND the proxy's address as this variable beside API_BASE_URL; may be repeated.
    #[arg(long, value_name = "NAME", requires = "inject_all")]
    pub env: Vec<String>,
    /// Inject only faults whose id contains TEXT; may be repeated.
    #[arg(long, value_name = "TEXT", requires = "inject_all")]
    pub filter: Vec<String>,
    /// Run COMMAND at most N times with faults.
    #[arg(long, value_name = "N", requires = "inject_all")]
    pub max_runs: Option<std::num::NonZeroUsize>,
    /// Inject faults that show on different requests in one run; where COMMAND fails then,
    /// half of them at a time. Takes fewer runs where it misses much.
    #[arg(long, requires = "inject_all")]
    pub together: bool,
    /// Keep the recording of the run without faults in FILE.
    #[arg(long, value_name = "FILE", requires = "inject_all")]
    pub recording: Option<PathBuf>,
    /// What stands before the API document's paths in addresses, where that isn't
    /// among its servers; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub base: Vec<String>,
    /// The traffic began on a server that held nothing but what the rule files say:
    /// judge rules that look at all there is.
    #[arg(long)]
    pub from_start: bool,
    /// A suite of `generate`, whose cases are used where requests are missing.
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
    /// Write tests for what isn't exercised, and nothing else, to DIR.
    #[arg(long, value_name = "DIR")]
    pub complement: Option<PathBuf>,
    /// What to write those tests for.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "pytest",
        value_name = "TARGET"
    )]
    pub emit: Vec<Target>,
    /// End with status 1 where fewer than N percent of the testable faults are exercised;
    /// with --inject-all: noticed.
    #[arg(long, value_name = "N", value_parser = percent)]
    pub fail_under: Option<f64>,
    /// End with status 1 where a rule is exercised less than in FILE, an earlier
    /// result of `--format json`.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the result to FILE as a page of its own, too.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a summary for pull requests to FILE, too.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Never show the values of members and parameters of this name; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub mask: Vec<String>,
    /// Show all faults that aren't exercised.
    #[arg(short, long)]
    pub verbose: bool,
    /// How many threads work at a time [default: the number of processors].
    #[arg(long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// With --inject-all, what is run with the proxy's address as API_BASE_URL.
    #[arg(last = true, value_name = "COMMAND", requires = "inject_all")]
    pub command: Vec<OsString>,
}

/// What `import` takes.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// What kind of rules to look for.
    #[arg(value_enum, value_name = "KIND")]
    pub kind: RuleKind,
    /// The file that holds them: an API document, or a file of the kind itself.
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The API document that the rules are about, where SPEC isn't one.
    #[arg(long, value_name = "FILE")]
    pub api: Option<PathBuf>,
    /// Only rules about this operation (operationId, or method and path); may be repeated.
    #[arg(long, value_name = "ID")]
    pub operation: Vec<String>,
    /// The rule file to write, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Where rules exist already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleKind {
    /// Dependencies between parameters in IDL: `x-dependencies` of operations, or a file *.idl.
    Idl,
    /// Conditionals of request bodies: of an API document, or a JSON Schema.
    Jsonschema,
    /// `x-kubernetes-validations`: of an API document, or a custom resource definition.
    Kubernetes,
}

/// A framework that tests are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Python's pytest.
    Pytest,
}

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The id of a rule, of a fault or of a case, or the code of a finding.
    pub id: String,
    /// Rule files, case files, suites, or folders of rule files, where the id is looked for.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// A number that is more than nothing, and no more than a day has seconds.
fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| (0.001..=86_400.0).contains(number));
    number.ok_or_else(|| "it is no number from 0.001 to 86400".to_owned())
}

/// A number from 0 to 100.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "it is no number from 0 to 100".to_owned())
}

fn exit_statuses() -> String {
    let lines = super::Exit::ALL.map(|(exit, words)| format!("  {:<3} {words}", exit.code()));
    format!(
        "Exit statuses:\n{}\n\n\
         `crossfield COMMAND --help` shows examples.",
        lines.join("\n")
    )
}
