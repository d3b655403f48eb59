//! `crossfield run` against servers, right and wrong, and beside the emitted
//! pytest suite: both must say the same.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crossfield::case::CaseFile;
use crossfield::emit::{pytest, write};
use serde_json::Value as Json;
use support::Server;

const TOKEN: &str = "sesame-4711";
const SHOP: &str = "tests/fixtures/emit/shop.cases.json";

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the command said, and how it ended.
struct Run {
    status: i32,
    out: String,
    errors: String,
}

impl Run {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let run = Self {
            status: output.status.code().unwrap(),
            out: text(&output.stdout),
            errors: text(&output.stderr),
        };
        assert!(!run.errors.contains("panicked"), "{}", run.errors);
        run
    }

    fn is(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.out, self.errors);
        self
    }

    fn says(&self, words: &str) -> &Self {
        let all = format!("{}{}", self.out, self.errors);
        assert!(all.contains(words), "{words:?} isn't in\n{all}");
        self
    }

    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap()
    }

    /// The outcomes of cases.
    fn outcomes(&self) -> BTreeMap<String, String> {
        let json = self.json();
        let files = json["files"].as_array().unwrap().iter();
        let rules = files.flat_map(|file| file["rules"].as_array().unwrap());
        let cases = rules.flat_map(|rule| rule["cases"].as_array().unwrap());
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        cases
            .map(|case| (text(&case["case"]), text(&case["outcome"])))
            .collect()
    }
}

/// The command with an environment of its own.
fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    for name in [
        "API_TOKEN",
        "API_USER",
        "API_PASSWORD",
        "API_KEY",
        "MERCHANT_ID",
    ] {
        command.env_remove(name);
    }
    let output = command
        .arg("run")
        .args(arguments)
        .current_dir(project())
        // Nothing on this machine is asked by way of another.
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .envs(environment.iter().copied())
        .output();
    Run::new(&output.unwrap())
}

/// The payments server of other tests, in a mood.
struct Shop {
    server: Server,
    folder: tempfile::TempDir,
}

impl Shop {
    fn new(mood: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("requests.jsonl");
        let arguments = [mood, log.to_str().unwrap()];
        let server = Server::start("tests/support/fake_payments.py", &arguments);
        Self { server, folder }
    }

    fn run(&self, options: &[&str]) -> Run {
        let arguments = [&[SHOP, "--url", &self.server.url], options].concat();
        command(&arguments, &[("API_TOKEN", TOKEN)])
    }

    fn shown(&self, options: &[&str], status: i32) -> String {
        // The server numbers the payments that it makes.
        let options = [options, &["--jobs", "1"]].concat();
        let run = self.run(&options).is(status);
        assert_eq!(run.errors, "");
        run.out
            .replace(self.server.url.trim_end_matches('/'), "URL")
    }

    fn requests(&self) -> usize {
        let log = fs::read_to_string(self.folder.path().join("requests.jsonl"));
        log.unwrap_or_default().lines().count()
    }
}

/// The outcomes of an emitted suite by case.
fn pytest_outcomes(
    folder: &Path,
    url: &str,
    environment: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let report = folder.join("report.jsonl");
    let _ = fs::remove_file(&report);
    let done = support::pytest(folder)
        .args(["-p", "no:randomly"])
        .env("API_BASE_URL", url)
        .env("API_TIMEOUT", "1")
        .env("CROSSFIELD_REPORT", &report)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let lines = fs::read_to_string(report);
    let lines = lines.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stdout)));
    let outcomes = lines.lines().map(|line| {
        let record: BTreeMap<String, String> = serde_json::from_str(line).unwrap();
        (record["case"].clone(), record["outcome"].clone())
    });
    outcomes.collect()
}

/// A suite that `generate` writes.
fn generated(rules: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["generate", rules, "-o"])
        .arg(folder.path())
        .current_dir(project())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn it_says_of_each_case_what_the_emitted_suite_says() {
    let suite = tempfile::tempdir().unwrap();
    let cases = fs::read_to_string(project().join(SHOP)).unwrap();
    let outputs = pytest::emit(&[CaseFile::read(&cases).unwrap()]).unwrap();
    write(suite.path(), &outputs).unwrap();
    for mood in [
        "right",
        "careless",
        "strict",
        "mistaken",
        "mute",
        "hiding",
        "moved",
        "tired",
        "crashing",
        "forgetful",
        "unauthorized",
        "refuses",
        "broken",
        "busy",
        "slow",
        "overloaded",
        "away",
    ] {
        let theirs = pytest_outcomes(
            suite.path(),
            &Shop::new(mood).server.url,
            &[("API_TOKEN", TOKEN)],
        );
        assert_eq!(theirs.len(), 6, "{mood}");
        let run = Shop::new(mood).run(&["--format", "json", "--timeout", "1"]);
        assert_eq!(run.outcomes(), theirs, "{mood}: {}", run.out);
        let has = |kind: &str| theirs.values().any(|own| own == kind);
        let status = match () {
            () if has("failed") || has("blocked") => 1,
            () if has("inconclusive") => 3,
            () => 0,
        };
        assert_eq!(run.status, status, "{mood}");
        assert!(!run.out.contains(TOKEN), "{mood}: {}", run.out);
    }
}

#[test]
fn a_right_server_passes() {
    insta::assert_snapshot!(Shop::new("right").shown(&[], 0));
}

#[test]
fn what_a_failure_shows() {
    insta::assert_snapshot!(Shop::new("careless").shown(&["--filter", "fee-within"], 1));
}

#[test]
fn what_a_failure_of_several_requests_shows() {
    insta::assert_snapshot!(Shop::new("careless").shown(&["--filter", "refund-within"], 1));
}

#[test]
fn a_refused_neighbour_proves_nothing() {
    insta::assert_snapshot!(Shop::new("strict").shown(&["--filter", "money"], 1));
}

#[test]
fn a_status_that_says_nothing_is_said_once_a_rule() {
    let cases = fs::read_to_string(project().join(SHOP)).unwrap();
    let mut file = CaseFile::read(&cases).unwrap();
    let again = file.cases.iter().find(|case| case.id.ends_with("9f8e7d"));
    let mut again = again.unwrap().clone();
    again.id += "-again";
    file.cases.push(again);
    let shop = Shop::new("hiding");
    let path = shop.folder.path().join("twice.cases.json");
    fs::write(&path, file.write().unwrap()).unwrap();
    let arguments = [path.to_str().unwrap(), "--url", &shop.server.url];
    let run = command(&arguments, &[("API_TOKEN", TOKEN)]).is(1);
    let words = "status 404 is no sign that the rule fee-within-cap was checked";
    assert_eq!(run.out.matches(words).count(), 1, "{}", run.out);
    run.says("7 cases: 2 blocked, 5 passed");
}

#[test]
fn a_redirection_is_an_answer() {
    let shown = Shop::new("moved").shown(&["--filter", "9f8e7d"], 1);
    assert!(
        shown.contains("answered: 302 to /v1/payments/elsewhere"),
        "{shown}"
    );
}

#[test]
fn a_server_out_of_reach_blocks_all_at_once() {
    let shop = Shop::new("right");
    let url = shop.server.url.clone();
    drop(shop);
    let run = command(&[SHOP, "--url", &url], &[("API_TOKEN", TOKEN)]).is(1);
    assert_eq!(run.out.matches("out of reach").count(), 1, "{}", run.out);
    run.says("The same cause blocks 5 more cases")
        .says("6 cases: 6 blocked, 0 passed");
}

#[test]
fn a_refused_baseline_is_said_once() {
    let shown = Shop::new("unauthorized").shown(&[], 1);
    assert_eq!(shown.matches("answered: 401").count(), 1, "{shown}");
    assert!(shown.contains("\"given\": \"Bearer ***\""), "{shown}");
}

/// A baseline that no case needs is told of by itself.
#[test]
fn each_refused_baseline_of_a_smoke_test_is_shown() {
    let cases = fs::read_to_string(project().join(SHOP)).unwrap();
    let mut file = CaseFile::read(&cases).unwrap();
    let mut other = file.baselines[0].clone();
    other.id = "createPayment/other".to_owned();
    let step = &mut other.steps[0];
    let body = step.request.body.as_mut().unwrap();
    *body = body.replace("8.15", "9999");
    file.baselines.push(other);
    let shop = Shop::new("right");
    let path = shop.folder.path().join("more.cases.json");
    fs::write(&path, file.write().unwrap()).unwrap();
    let arguments = [path.to_str().unwrap(), "--url", &shop.server.url, "--smoke"];
    let run = command(&arguments, &[("API_TOKEN", TOKEN)]).is(1);
    run.says("blocked: baseline createPayment/other\n")
        .says("answered: 422")
        .says("4 cases: 4 passed");
}

#[test]
fn a_busy_server_is_asked_again() {
    for mood in ["recovering", "recovering-by-date"] {
        let shop = Shop::new(mood);
        let start = Instant::now();
        shop.run(&["--jobs", "1"]).is(0).says("6 cases: 6 passed");
        assert!(start.elapsed() >= Duration::from_secs(2), "{mood}");
    }
    // The baseline four times; what comes after it doesn't wait any more.
    let shop = Shop::new("overloaded");
    let run = shop.run(&["--filter", "fee-within-cap-1a2b3c"]).is(3);
    run.says("sent again 3 times").says("with 429");
    assert_eq!(shop.requests(), 5);
    // Nobody waits for an hour.
    let shop = Shop::new("away");
    shop.run(&["--filter", "fee-within-cap-1a2b3c"]).is(3);
    assert_eq!(shop.requests(), 2);
}

#[test]
fn a_slow_server_leaves_open() {
    let run = Shop::new("slow").run(&["--timeout", "0.5"]).is(3);
    run.says("no answer within 0.5 s")
        .says("6 cases: 6 inconclusive");
}

#[test]
fn what_the_environment_lacks_is_said_before_anything_is_sent() {
    let shop = Shop::new("right");
    let url = shop.server.url.as_str();
    let (_kept, parcels) = generated("examples/parcels");
    let parcels = parcels.to_str().unwrap();
    // The text that a case sends as somebody else's.
    let clashing = Server::start("examples/parcels/server.py", &["--merchant", "mer_demp"]);
    let arguments = [parcels, "--url", &clashing.url];
    let run = command(&arguments, &[("MERCHANT_ID", "mer_demp")]).is(1);
    run.says("MERCHANT_ID is 'mer_demp', which the requests of the case hold for something else");
    let run = command(&[SHOP, parcels, "--url", url], &[]).is(2);
    let lines: Vec<&str> = run.errors.lines().collect();
    assert_eq!(
        lines[1..],
        [
            "  API_TOKEN: to authenticate createPayment and 1 more",
            "  MERCHANT_ID: a value of the server under test"
        ],
        "{}",
        run.errors
    );
    assert_eq!(shop.requests(), 0);
    // Not what only other cases need.
    let arguments = [SHOP, parcels, "--url", url, "--filter", "fee-within-cap"];
    command(&arguments, &[("API_TOKEN", TOKEN)]).is(0);
}

#[test]
fn only_this_machine_is_sent_to_unasked() {
    let key = [("API_TOKEN", TOKEN)];
    let url = "http://crossfield.invalid:8080/v1";
    let run = command(&[SHOP, "--url", url], &key).is(2);
    run.says("crossfield.invalid is not this machine, and cases create data")
        .says("`--allow crossfield.invalid`");
    command(&[SHOP, "--url", url, "--allow", "other.invalid"], &key).is(2);
    for allowed in [
        &["--yes"][..],
        &["--allow", "other.invalid", "--allow", "Crossfield.Invalid"],
    ] {
        let run = command(&[&[SHOP, "--url", url], allowed].concat(), &key).is(1);
        run.says("out of reach");
    }
    let run = command(&[SHOP, "--url", "http://me:secret-word@localhost"], &key).is(2);
    assert!(!run.errors.contains("secret-word"), "{}", run.errors);
    for url in ["localhost:8080", "localhost", "ftp://localhost"] {
        command(&[SHOP, "--url", url], &key)
            .is(2)
            .says("no address");
    }
}

#[test]
fn junit_files_hold_all_results() {
    let shop = Shop::new("strict");
    let file = shop.folder.path().join("results.xml");
    let run = shop.run(&["--junit", file.to_str().unwrap()]).is(1);
    let text = fs::read_to_string(&file).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!(
        (report.tests, report.failures, report.errors),
        (6, 1, 1),
        "{text}"
    );
    assert_eq!(report.test_suites[0].name.as_str(), "shop.rules.yaml");
    assert!(
        text.contains("the server refused what the rule fee-within-cap allows"),
        "{text}"
    );
    assert!(!text.contains(TOKEN) && !run.out.contains(TOKEN));
    let unwritable = shop.folder.path().join("none/results.xml");
    shop.run(&["--junit", unwritable.to_str().unwrap()])
        .is(2)
        .says("can't be written");

    let shop = Shop::new("unauthorized");
    shop.run(&["--junit", file.to_str().unwrap()]).is(1);
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("Bearer ***") && !text.contains(TOKEN),
        "{text}"
    );
}

#[test]
fn filters_look_at_rules_cases_and_tags() {
    for (filter, count) in [("refund-within", 3), ("1a2b", 1), ("fees", 3), ("money", 3)] {
        let run = Shop::new("right")
            .run(&["--filter", filter, "--format", "json"])
            .is(0);
        assert_eq!(run.outcomes().len(), count, "{filter}");
    }
    let both = ["--filter", "1a2b", "--filter", "aa11", "--format", "json"];
    assert_eq!(Shop::new("right").run(&both).is(0).outcomes().len(), 2);
    Shop::new("right")
        .run(&["--filter", "fe-within"])
        .is(2)
        .says("contains `fe-within`");
}

#[test]
fn the_rate_holds_for_all_threads() {
    let shop = Shop::new("right");
    let start = Instant::now();
    let run = shop
        .run(&["--rate", "20", "--jobs", "8", "--format", "json"])
        .is(0);
    let sent = u32::try_from(shop.requests()).unwrap();
    assert_eq!(run.json()["requests"], sent);
    assert!(start.elapsed() >= Duration::from_millis(50) * (sent - 1));
}

#[test]
fn results_come_in_the_order_of_cases() {
    let said = |jobs: &str| {
        let run = Shop::new("careless").run(&["--jobs", jobs]).is(1);
        let lines = run.out.lines().skip(1);
        let lines = lines.filter(|line| !line.contains("pay/") && !line.contains("/refunds"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let one = said("1");
    assert!(one.len() > 50, "{one:?}");
    for _ in 0..3 {
        assert_eq!(said("8"), one);
    }
}

#[test]
fn smoke() {
    insta::assert_snapshot!(
        "smoke_of_a_right_server",
        Shop::new("right").shown(&["--smoke"], 0)
    );
    insta::assert_snapshot!(
        "smoke_of_a_careless_server",
        Shop::new("careless").shown(&["--smoke"], 1)
    );
}

/// Rule files are enough: their cases are looked for.
#[test]
fn rule_files_are_run_as_they_are() {
    let server = Server::start("examples/parcels/server.py", &["--merchant", "mer_demo"]);
    let arguments = ["examples/parcels", "--url", &server.url];
    command(&arguments, &[("MERCHANT_ID", "mer_demo")])
        .is(0)
        .says(" passed; ");
}

#[test]
fn faults_are_found_where_the_emitted_suite_finds_them() {
    let (_kept, suite) = generated("rules/booking.rules.yaml");
    let cases = suite.to_str().unwrap();
    let key = [
        ("COLLEAGUE_TOKEN", "mira"),
        ("MANAGER_TOKEN", "manager"),
        ("ORGANIZER_TOKEN", "oskar"),
    ];
    let program = support::program("booking-server");
    let serving = |options: &[&str]| Server::of(Command::new(&program).args(options));
    let server = serving(&[]);
    command(&[cases, "--url", &server.url], &key).is(0);
    for fault in [
        "capacity-of-the-first-layout",
        "capacity-of-all-layouts-together",
        "ends-when-it-starts",
        "weekend-in-utc",
        "fee-rounds-half-up",
    ] {
        let mine = serving(&["--fault", fault]);
        let run = command(&[cases, "--url", &mine.url, "--format", "json"], &key);
        let theirs = serving(&["--fault", fault]);
        let theirs = pytest_outcomes(&suite, &theirs.url, &key);
        assert_eq!(run.outcomes(), theirs, "{fault}");
        let failed = theirs.values().any(|own| own == "failed");
        assert_eq!(run.status, i32::from(failed), "{fault}");
    }
}

/// Every way of writing a value, read by parsers of the server's own.
#[test]
fn values_are_written_in_every_style() {
    let (_kept, suite) = generated("tests/fixtures/cli/wire/wire.rules.yaml");
    let cases = suite.to_str().unwrap();
    for (forgotten, status) in [("none", 0), ("all", 1)] {
        let server = Server::start("tests/support/parsing_server.py", &[forgotten]);
        let key = [("API_KEY", "sesame")];
        let arguments = [cases, "--url", &server.url, "--format", "json"];
        let run = command(&arguments, &key).is(status);
        let theirs = pytest_outcomes(&suite, &server.url, &key);
        assert_eq!(run.outcomes(), theirs, "{forgotten}");
    }
}

#[test]
fn times_are_counted_from_the_moment_of_the_test() {
    for (name, faults) in [
        (
            "pickups",
            &["lead-of-express", "far-by-a-day", "unordered"][..],
        ),
        ("invoices", &["invoice-today", "invoice-any-day"]),
        ("opening", &["hours-in-utc", "closes-late", "two-weeks"]),
        ("staged", &["no-lead", "saturdays", "a-month-longer"]),
    ] {
        let (_kept, suite) = generated(&format!("tests/fixtures/cli/clock/{name}.rules.yaml"));
        let cases = suite.to_str().unwrap();
        let serving = |fault| Server::start("tests/support/pickups.py", &[name, fault]);
        let server = serving("none");
        command(&[cases, "--url", &server.url], &[]).is(0);
        for fault in faults {
            let server = serving(fault);
            let run = command(&[cases, "--url", &server.url], &[]).is(1);
            run.says("failed: ");
        }
        if name == "staged" {
            let server = serving("broken-clock");
            let run = command(&[cases, "--url", &server.url], &[]).is(1);
            run.says("blocked: ").says("the clock must be set");
            assert_eq!(
                run.out.matches("the clock must be set").count(),
                1,
                "{}",
                run.out
            );
        }
    }
}
