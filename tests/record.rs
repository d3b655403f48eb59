//! `crossfield record` between clients and servers that say exactly what a test
//! wants them to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;
#[path = "support/wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crossfield::audit::{Prepared, Setting, Watch, prepare};
use crossfield::case::CaseFile;
use crossfield::document::Document;
use crossfield::emit::{pytest, write};
use crossfield::model::build;
use crossfield::record::{
    Answered, Asked, Decision, MadeUp, Masking, Options, Recorded, Recording, Tamper, TrafficFile,
};
use crossfield::rulefile::RuleFile;
use crossfield::run::{Environment, Target};
use crossfield::source::Sources;
use crossfield::traffic::Exchange;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};
use support::Server;
use wire::{Message, Upstream, Wire};

/// The program, about to record into `traffic.jsonl` of a folder.
fn program(folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfield"));
    command
        .args(["record", "-o", "traffic.jsonl"])
        .args(options)
        .current_dir(folder)
        // Nothing on this machine is asked by way of another.
        .env("HTTP_PROXY", "http://127.0.0.1:9");
    command
}

/// A proxy that records.
struct Proxy {
    process: Child,
    errors: ChildStderr,
    folder: tempfile::TempDir,
    url: String,
}

impl Proxy {
    fn start(upstream: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = program(folder.path(), options)
            .args(["--upstream", upstream])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = process.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Self {
            errors: process.stderr.take().unwrap(),
            process,
            folder,
            url,
        }
    }

    fn wire(&self) -> Wire {
        Wire::to(&self.url)
    }

    /// The file as it is now.
    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("traffic.jsonl")).unwrap()
    }

    /// What was recorded by now. An exchange is, once its client has its end.
    fn lines(&self) -> Vec<Json> {
        let text = self.text();
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The only exchange.
    fn line(&self) -> Json {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        lines.into_iter().next().unwrap()
    }

    /// The first exchanges, which come without an end that a client sees.
    fn awaited(&self, count: usize) -> Vec<Json> {
        let end = Instant::now() + Duration::from_secs(10);
        while self.lines().len() < count {
            assert!(Instant::now() < end, "{} lines only", self.lines().len());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.lines()
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// The status after Ctrl-C, and what was said.
    fn stop(mut self) -> (i32, String) {
        self.signal("-INT");
        let mut said = String::new();
        self.errors.read_to_string(&mut said).unwrap();
        (self.process.wait().unwrap().code().unwrap(), said)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Answers every request with a JSON body, by its length.
fn echo(mut request: Message, wire: &mut Wire, seen: &Mutex<Vec<Message>>) {
    assert!(wire.body(&mut request));
    let body = json!({"target": request.target(), "length": request.body.len()}).to_string();
    seen.lock().unwrap().push(request);
    let length = body.len();
    wire.send(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Server: Test\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    ));
}

/// Always gives the same answer, without looking.
fn saying(answer: impl Into<Vec<u8>>) -> Upstream {
    let answer = answer.into();
    Upstream::start(move |mut request, wire, seen| {
        assert!(wire.body(&mut request));
        seen.lock().unwrap().push(request);
        wire.send(&answer);
    })
}

#[test]
fn exchanges_are_passed_on_and_recorded() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&format!("{}/v1/", upstream.url), &[]);
    let mut wire = proxy.wire();
    let answer = wire.ask(
        "POST /orders?tag=a%20b&tag=c HTTP/1.1\nHost: shop.example\nContent-Type: application/json\n\
         X-Twice: 1\nX-Twice: 2\nConnection: keep-alive, X-Hop\nX-Hop: 1\nContent-Length: LENGTH\n\n\
         {\"price\":1.50, \"at\":\"h\\u00f4tel\"}",
    );
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.text(),
        r#"{"target":"/v1/orders?tag=a%20b&tag=c","length":33}"#
    );
    let request = upstream.last();
    let host = upstream.url.strip_prefix("http://").unwrap();
    assert_eq!(request.header("host"), Some(host));
    assert_eq!(request.header("x-hop"), None);
    let names: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(
        names.contains(&"X-Twice"),
        "names stay as they are: {names:?}"
    );
    let line = proxy.text();
    let url = format!("{}/v1/orders?tag=a%20b&tag=c", upstream.url);
    let at = proxy.line()["at"].as_str().unwrap().to_owned();
    assert!(
        at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok(),
        "{at}"
    );
    let expected = format!(
        "{{\"seq\":1,\"at\":\"{at}\",\"method\":\"POST\",\"url\":\"{url}\",\
         \"headers\":{{\"host\":\"{host}\",\"content-type\":\"application/json\",\
         \"x-twice\":[\"1\",\"2\"],\"content-length\":\"33\"}},\
         \"body\":{{\"price\":1.50,\"at\":\"hôtel\"}},\"status\":200,\
         \"response\":{{\"headers\":{{\"content-type\":\"application/json\",\"x-server\":\"Test\",\
         \"content-length\":\"51\"}},\
         \"body\":{{\"target\":\"/v1/orders?tag=a%20b&tag=c\",\"length\":33}}}}}}\n"
    );
    assert_eq!(line, expected);
}

#[test]
fn the_host_can_stay_the_clients() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&upstream.url, &["--preserve-host"]);
    proxy.wire().ask("GET / HTTP/1.1\nHost: shop.example\n\n");
    assert_eq!(upstream.last().header("host"), Some("shop.example"));
    assert_eq!(proxy.line()["headers"]["host"], "shop.example");
}

#[test]
fn connections_are_kept() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    for number in 1..=5 {
        let answer = wire.ask(&format!("GET /{number} HTTP/1.1\nHost: x\n\n"));
        assert!(answer.text().contains(&format!("/{number}")));
    }
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 1);
    let numbers: Vec<Json> = proxy.lines().iter().map(|own| own["seq"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let alone = wire.ask("GET /alone HTTP/1.1\nHost: x\nConnection: close\n\n");
    assert_eq!(alone.header("connection"), Some("close"));
    assert_eq!(upstream.last().header("connection"), Some("close"));
    assert_eq!(proxy.lines()[5]["headers"].get("connection"), None);
    // An older client is told where the answer ends.
    let mut wire = proxy.wire();
    let old = wire.ask("GET /old HTTP/1.0\n\n");
    assert_eq!(
        (old.status(), old.header("content-length")),
        (200, Some("28"))
    );
}

#[test]
fn many_clients_at_a_time_have_a_line_each() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&upstream.url, &[]);
    std::thread::scope(|scope| {
        for client in 0..8 {
            let mut wire = proxy.wire();
            scope.spawn(move || {
                for number in 0..25 {
                    let answer = wire.ask(&format!("GET /{client}/{number} HTTP/1.1\nHost: x\n\n"));
                    assert!(answer.text().contains(&format!("\"/{client}/{number}\"")));
                }
            });
        }
    });
    let lines = proxy.lines();
    let different = |name: &str| -> usize {
        let values = lines.iter().map(|line| line[name].to_string());
        values.collect::<BTreeSet<_>>().len()
    };
    assert_eq!(
        (lines.len(), different("seq"), different("url")),
        (200, 200, 200)
    );
}

#[test]
fn chunks_go_both_ways() {
    let upstream = Upstream::start(|mut request, wire, seen| {
        assert_eq!(request.header("content-length"), None);
        assert!(wire.body(&mut request));
        seen.lock().unwrap().push(request);
        wire.send("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n");
        for chunk in ["one ", "two", ""] {
            wire.send_chunk(chunk);
        }
    });
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    for _ in 0..2 {
        let answer = wire
            .ask("PUT / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
        assert_eq!((answer.status(), answer.text()), (201, "one two"));
        assert_eq!(upstream.last().text(), "abcdefg");
    }
    let line = &proxy.lines()[1];
    assert_eq!(line["body"], "abcdefg");
    assert_eq!(line["response"]["body"], "one two");
}

/// A server that says what a test tells it to, chunk by chunk.
fn told() -> (Upstream, Sender<&'static str>, Receiver<String>) {
    let (say, said) = channel::<&'static str>();
    let (hear, heard) = channel();
    let said = std::sync::Arc::new(Mutex::new(said));
    let upstream = Upstream::start(move |request, wire, _| {
        while request.header("transfer-encoding").is_some() {
            let chunk = wire.chunk().unwrap();
            hear.send(chunk.clone()).unwrap();
            if chunk.is_empty() {
                break;
            }
        }
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let said = said.lock().unwrap();
        while let Ok(chunk) = said.recv() {
            wire.send_chunk(chunk);
            if chunk.is_empty() {
                break;
            }
        }
    });
    (upstream, say, heard)
}

#[test]
fn bodies_are_streamed() {
    let (upstream, say, heard) = told();
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    wire.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let soon = Duration::from_secs(5);
    for chunk in ["first", "second", ""] {
        wire.send_chunk(chunk);
        // The rest isn't there yet.
        assert_eq!(heard.recv_timeout(soon).unwrap(), chunk);
    }
    assert_eq!(wire.head().unwrap().status(), 200);
    for chunk in ["third", "fourth"] {
        say.send(chunk).unwrap();
        assert_eq!(wire.chunk().unwrap(), chunk);
        assert_eq!(proxy.text(), "");
    }
    say.send("").unwrap();
    assert_eq!(wire.chunk().unwrap(), "");
    let line = proxy.line();
    assert_eq!(line["body"], "firstsecond");
    assert_eq!(line["response"]["body"], "thirdfourth");
}

#[test]
fn what_is_large_passes_in_whole() {
    let upstream = Upstream::start(|mut request, wire, _| {
        assert!(wire.body(&mut request));
        let length = request.body.len();
        wire.send(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
        ));
        wire.send(&request.body);
    });
    let proxy = Proxy::start(&upstream.url, &["--max-body", "11"]);
    let mut wire = proxy.wire();
    let body = "0123456789é".repeat(200_000);
    let answer = wire.ask(&format!(
        "POST / HTTP/1.1\nHost: x\nContent-Length: LENGTH\n\n{body}"
    ));
    assert!(answer.text() == body);
    let line = proxy.line();
    let cut = json!({"body": "0123456789", "truncated": true});
    for own in [&line, &line["response"]] {
        assert_eq!(
            json!({"body": own["body"], "truncated": own["truncated"]}),
            cut
        );
    }
}

#[test]
fn zipped_answers_are_recorded_unzipped() {
    let mut zip = GzEncoder::new(Vec::new(), Compression::default());
    zip.write_all(b"{\"id\": 7.0}").unwrap();
    let zipped = zip.finish().unwrap();
    let head = |encoding: &str| {
        let length = zipped.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\n\
             Content-Length: {length}\r\n\r\n"
        )
    };
    for (encoding, member, value) in [
        ("gzip", "body", json!({"id": 7.0})),
        ("br", "raw_body_base64", Json::Null),
    ] {
        let upstream = saying([head(encoding).as_bytes(), &zipped].concat());
        let proxy = Proxy::start(&upstream.url, &[]);
        let mut wire = proxy.wire();
        let answer = wire.ask("GET / HTTP/1.1\nHost: x\nAccept-Encoding: gzip, br;q=0.1\n\n");
        assert_eq!(answer.header("content-encoding"), Some(encoding));
        assert_eq!(answer.body, zipped);
        assert_eq!(
            upstream.last().header("accept-encoding"),
            Some("gzip, br;q=0.1")
        );
        let line = proxy.line();
        let found = &line["response"][member];
        assert!(
            *found == value || value.is_null() && found.is_string(),
            "{line}"
        );
    }
}

#[test]
fn bodies_that_json_cannot_hold_are_recorded_raw() {
    let twice = r#"{"a":1,"a":2}"#;
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\n\x89P\xff";
    let upstream = saying(&answer[..]);
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    let answer = wire.ask(&format!(
        "POST / HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: LENGTH\n\n{twice}"
    ));
    assert_eq!(answer.body, b"\x89P\xff");
    let line = proxy.line();
    assert_eq!(line["raw_body"], twice);
    assert_eq!(line["response"]["raw_body_base64"], "iVD/");
    assert_eq!(line["response"].get("body"), None);
}

/// A request that is full of secrets.
const SECRETS: &str = "POST /login?api_key=sesame&page=2 HTTP/1.1\nHost: x\n\
    Authorization: Bearer sesame\nCookie: session=sesame; theme=dark\nX-Trace: trace-1\n\
    Content-Type: application/json\nContent-Length: LENGTH\n\n\
    {\"user\":\"ann\",\"password\":\"sesame\",\"pin\":{\"new\":1234}}";

fn keeper() -> Upstream {
    saying(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\
         Set-Cookie: session=sesame; HttpOnly\r\nSet-Cookie: b=other\r\n\r\n\
         {\"access_token\":\"sesame\"}\n",
    )
}

#[test]
fn secrets_are_masked() {
    let upstream = keeper();
    let proxy = Proxy::start(&upstream.url, &["--mask", "x-trace", "--mask", "pin"]);
    let mut wire = proxy.wire();
    wire.ask(SECRETS);
    let request = upstream.last();
    assert_eq!(request.header("authorization"), Some("Bearer sesame"));
    assert_eq!(request.target(), "/login?api_key=sesame&page=2");
    wire.ask("GET / HTTP/1.1\nHost: x\nAuthorization: Bearer barley\n\n");
    let text = proxy.text();
    for secret in ["sesame", "dark", "trace-1", "1234", "barley", "other"] {
        assert!(!text.contains(secret), "{text}");
    }
    let lines = proxy.lines();
    let first = &lines[0];
    let mask = first["body"]["password"].as_str().unwrap();
    assert!(mask.starts_with("***") && mask.len() == 11, "{mask}");
    assert_eq!(first["headers"]["authorization"], format!("Bearer {mask}"));
    assert_eq!(first["response"]["body"]["access_token"], mask);
    let cookies = &first["response"]["headers"]["set-cookie"];
    assert_eq!(cookies[0], format!("session={mask}; HttpOnly"));
    let query = format!("/login?api_key={mask}&page=2");
    assert!(first["url"].as_str().unwrap().ends_with(&query));
    assert_eq!(first["body"]["user"], "ann");
    assert_ne!(
        lines[1]["headers"]["authorization"],
        first["headers"]["authorization"]
    );
}

#[test]
fn secrets_are_shown_to_whoever_asks_for_them() {
    let upstream = keeper();
    let proxy = Proxy::start(&upstream.url, &["--no-mask"]);
    proxy.wire().ask(SECRETS);
    let line = proxy.line();
    assert_eq!(line["headers"]["authorization"], "Bearer sesame");
    assert_eq!(line["headers"]["cookie"], "session=sesame; theme=dark");
    assert_eq!(line["body"]["password"], "sesame");
    assert!(!proxy.text().contains("***"));
}

#[test]
fn answers_without_a_body_have_none() {
    let upstream = Upstream::start(|request, wire, _| match request.target() {
        "/none" => wire.send("HTTP/1.1 204 No Content\r\n\r\n"),
        "/same" => wire.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
        _ => wire.send("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n"),
    });
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    for (method, path, length) in [
        ("HEAD", "/", Some("12345")),
        ("GET", "/none", None),
        // The library leaves it out, as servers may.
        ("GET", "/same", None),
        ("HEAD", "/", Some("12345")),
    ] {
        wire.send(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let head = wire.head().unwrap();
        assert_eq!(
            head.header("content-length").filter(|own| *own != "0"),
            length,
            "{path}"
        );
    }
    let lines = proxy.lines();
    assert_eq!(lines.len(), 4);
    for line in &lines {
        assert_eq!(line["response"].get("body"), None, "{line}");
        assert_eq!((line.get("error"), line.get("truncated")), (None, None));
    }
    let statuses: Vec<&Json> = lines.iter().map(|line| &line["status"]).collect();
    assert_eq!(statuses, [200, 204, 304, 200]);
}

#[test]
fn who_waits_for_leave_to_go_on_gets_it() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(wire.head().unwrap().status(), 100);
    let answer = wire.ask("abc");
    assert_eq!(answer.status(), 200);
    assert_eq!(proxy.line()["body"], "abc");
}

#[test]
fn other_protocols_are_refused() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&upstream.url, &[]);
    let upgrade = |to: &str| {
        let request = format!("GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: {to}\n\n");
        proxy.wire().ask(&request)
    };
    let refused = upgrade("websocket");
    assert_eq!(refused.status(), 501);
    assert!(
        refused.text().contains("websocket can't be recorded"),
        "{}",
        refused.text()
    );
    assert_eq!(proxy.text(), "");
    // Some clients offer it to everybody.
    assert_eq!(upgrade("h2c").status(), 200);
    assert_eq!(upstream.last().header("upgrade"), None);
}

#[test]
fn a_server_that_is_away_is_told_of_and_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let proxy = Proxy::start(&format!("http://{address}"), &[]);
    let mut wire = proxy.wire();
    for _ in 0..2 {
        let answer = wire.ask("POST /a HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc");
        assert_eq!(answer.status(), 502);
        let told = answer.text();
        assert!(
            told.contains(&format!("no answer from the upstream http://{address}: ")),
            "{told}"
        );
        assert!(told.to_lowercase().contains("refused"), "{told}");
    }
    let line = &proxy.lines()[1];
    assert_eq!(line.get("status"), None);
    assert!(
        line["error"]
            .as_str()
            .unwrap()
            .contains("no answer from the upstream")
    );
    let (status, said) = proxy.stop();
    assert_eq!(status, 0);
    assert_eq!(
        said,
        "traffic.jsonl: 2 exchanges recorded, 2 of them without a whole answer\n"
    );
}

#[test]
fn a_server_without_a_certificate_is_not_trusted() {
    let upstream = Upstream::start(echo);
    let proxy = Proxy::start(&upstream.url.replace("http:", "https:"), &[]);
    let answer = proxy.wire().ask("GET / HTTP/1.1\nHost: x\n\n");
    assert_eq!(answer.status(), 502, "{}", answer.text());
}

#[test]
fn answers_that_break_off_break_off() {
    let upstream = Upstream::start(|_, wire, _| {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        wire.send_chunk("half");
        wire.close();
    });
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    // What came before may be on its way still.
    if let Some(mut answer) = wire.head() {
        assert!(!wire.body(&mut answer));
    }
    let line = &proxy.awaited(1)[0];
    let told = line["error"].as_str().unwrap();
    assert!(
        told.starts_with("the upstream's answer broke off: "),
        "{told}"
    );
    assert_eq!(
        (&line["response"]["body"], &line["response"]["truncated"]),
        (&json!("half"), &json!(true))
    );
}

#[test]
fn clients_may_go_away() {
    let (upstream, say, _) = told();
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut wire = proxy.wire();
    wire.send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(wire.head().unwrap().status(), 200);
    say.send("half").unwrap();
    assert_eq!(wire.chunk().unwrap(), "half");
    drop(wire);
    let lines = proxy.awaited(1);
    assert_eq!(
        lines[0]["error"],
        "the client went away before the answer was whole"
    );
    assert_eq!(lines[0]["response"]["body"], "half");
    // One that never had an answer.
    let mut wire = proxy.wire();
    wire.send("POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
    std::thread::sleep(Duration::from_millis(100));
    drop(wire);
    let lines = proxy.awaited(2);
    assert_eq!(
        (&lines[1]["body"], &lines[1]["truncated"]),
        (&json!("ab"), &json!(true))
    );
    assert!(lines[1]["error"].is_string());
}

#[test]
fn redirections_and_cookies_lead_back_to_the_proxy() {
    let upstream = Upstream::start(|request, wire, _| {
        let own = request.header("host").unwrap().to_owned();
        let to = request
            .target()
            .rsplit('/')
            .next()
            .unwrap()
            .replace('*', &own);
        let to = to.replace('+', "/");
        wire.send(format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nSet-Cookie: a=b; Path=/v1; Secure\r\n\
             Content-Length: 0\r\n\r\n"
        ));
    });
    let proxy = Proxy::start(&format!("{}/v1", upstream.url), &[]);
    let mut wire = proxy.wire();
    for (to, seen) in [
        ("http:++*+v1+a?b=c", "http://x:81/a?b=c"),
        ("+v1+a", "/a"),
        ("https:++login.example+v1", "https://login.example/v1"),
    ] {
        let answer = wire.ask(&format!("GET /{to} HTTP/1.1\nHost: x:81\n\n"));
        assert_eq!(answer.header("location"), Some(seen));
        assert_eq!(answer.header("set-cookie"), Some("a=b; Path=/"));
    }
    let own = format!("{}/v1/a?b=c", upstream.url);
    assert_eq!(proxy.lines()[0]["response"]["headers"]["location"], own);
}

#[test]
fn exchanges_under_way_come_to_their_end_after_an_interruption() {
    let (upstream, say, _) = told();
    let proxy = Proxy::start(&upstream.url, &[]);
    let mut idle = proxy.wire();
    let mut wire = proxy.wire();
    wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut answer = wire.head().unwrap();
    proxy.signal("-INT");
    // Nobody waits for clients that ask nothing.
    assert!(idle.head().is_none());
    say.send("late").unwrap();
    say.send("").unwrap();
    assert!(wire.body(&mut answer));
    assert_eq!(answer.text(), "late");
    let line = proxy.line();
    assert_eq!(
        (line["response"]["body"].as_str(), line.get("error")),
        (Some("late"), None)
    );
    let mut proxy = proxy;
    let mut said = String::new();
    proxy.errors.read_to_string(&mut said).unwrap();
    assert_eq!(said, "traffic.jsonl: 1 exchange recorded\n");
    assert_eq!(proxy.process.wait().unwrap().code(), Some(0));
}

/// Runs the program to its end.
fn done(folder: &Path, options: &[&str]) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(folder, options).output().unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    (status.code().unwrap(), said)
}

/// Asks for the address of a variable, and ends with a status.
const ASK: &str = "
import os, sys, urllib.request
for name in ('API_BASE_URL', 'SHOP_URL'):
    with urllib.request.urlopen(os.environ[name] + '/' + name) as answer:
        print(answer.status)
sys.exit(int(sys.argv[1]))
";

/// Records what that program asks.
fn asked(folder: &Path, upstream: &Upstream, options: &[&str], status: &str) -> (i32, String) {
    let python = support::python();
    let command = ["--", python.to_str().unwrap(), "-c", ASK, status];
    let own = ["--upstream", &upstream.url, "--env", "SHOP_URL"];
    done(folder, &[options, &own, &command].concat())
}

#[test]
fn a_command_is_recorded_to_its_end() {
    let upstream = Upstream::start(echo);
    for status in [0, 3] {
        let folder = tempfile::tempdir().unwrap();
        let (ended, said) = asked(folder.path(), &upstream, &[], &status.to_string());
        assert_eq!(ended, status, "{said}");
        // Standard output is the command's.
        assert_eq!(said, "200\n200\ntraffic.jsonl: 2 exchanges recorded\n");
        let text = fs::read_to_string(folder.path().join("traffic.jsonl")).unwrap();
        assert!(
            text.contains("/API_BASE_URL") && text.contains("/SHOP_URL"),
            "{text}"
        );
    }
}

#[test]
fn commands_that_end_otherwise_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let run = |command: &[&str]| {
        let options = [&["--upstream", "http://127.0.0.1:9", "--"], command].concat();
        done(folder.path(), &options)
    };
    let (status, said) = run(&["no-such-program"]);
    assert_eq!(status, 2);
    assert!(
        said.contains("error: `no-such-program` can't be run: "),
        "{said}"
    );
    assert_eq!(run(&["sh", "-c", "kill -9 $$"]).0, 128 + 9);
    let (status, said) = run(&["true"]);
    assert_eq!(status, 0);
    assert!(
        said.contains("note: the command sent nothing to the proxy"),
        "{said}"
    );
}

#[test]
fn a_command_is_asked_to_end_with_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done";
    let mut process = program(folder.path(), &["--upstream", "http://127.0.0.1:9"])
        .args(["--", "sh", "-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let said = process.stdout.take().unwrap();
    BufReader::new(said).read_line(&mut line).unwrap();
    let id = process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(process.wait().unwrap().code(), Some(5));
}

#[test]
fn what_cannot_be_recorded_is_said_first() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("full.jsonl"), "{}\n").unwrap();
    let upstream = ["--upstream", "http://127.0.0.1:9"];
    for (options, words) in [
        (&["-o", "full.jsonl"][..], "add `--append`"),
        (
            &["-o", "nowhere/t.jsonl"],
            "`nowhere/t.jsonl` can't be written: ",
        ),
        (&["--listen", "0.0.0.0:0"], "add `--yes`"),
        (&["--listen", "8081"], "no address such as 127.0.0.1:8081"),
        (&["--upstream", "localhost:80"], "no address such as"),
        (&["--mask", "a", "--no-mask"], "cannot be used with"),
        (&["--env", "A"], "COMMAND"),
    ] {
        let own = options.iter().copied();
        let usual = upstream
            .iter()
            .copied()
            .filter(|_| options[0] != "--upstream");
        let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
            .arg("record")
            .args(own)
            .args(usual)
            .args(["-o", "t.jsonl"].iter().filter(|_| options[0] != "-o"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("full.jsonl")).unwrap(),
        "{}\n"
    );
}

#[test]
fn recordings_can_be_continued() {
    let upstream = Upstream::start(echo);
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        assert_eq!(asked(folder.path(), &upstream, &["--append"], "0").0, 0);
    }
    let text = fs::read_to_string(folder.path().join("traffic.jsonl")).unwrap();
    let numbers = text.lines().map(|line| {
        let line: Json = serde_json::from_str(line).unwrap();
        line["seq"].as_u64().unwrap()
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn a_disk_that_is_full_is_told_of() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let upstream = Upstream::start(echo);
    let folder = tempfile::tempdir().unwrap();
    let python = support::python();
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["record", "-o", "/dev/full", "--upstream", &upstream.url])
        .args(["--env", "SHOP_URL", "--"])
        .arg(python)
        .args(["-c", ASK, "0"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the recording has gaps"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

/// Answers payments in place of the server, and remembers what it is told of.
#[derive(Default)]
struct Forger(Mutex<Vec<String>>);

impl Tamper for Forger {
    fn before(&self, asked: &Asked) -> Decision {
        if asked.target != "/payments" {
            return Decision::Forward;
        }
        Decision::Answer(MadeUp {
            status: 201,
            content_type: Some("application/json".to_owned()),
            headers: vec![("Location".to_owned(), "/payments/1".to_owned())],
            body: asked.body.to_vec(),
        })
    }

    fn after(&self, asked: &Asked, answered: Answered) {
        assert!(answered.is_whole);
        let body = String::from_utf8_lossy(&answered.body).into_owned();
        let (status, by_itself) = (answered.status, answered.is_made_up);
        let told = format!(
            "{} {} {status} {by_itself} {body}",
            asked.method, asked.target
        );
        self.0.lock().unwrap().push(told);
    }
}

#[test]
fn something_else_can_answer() {
    let upstream = Upstream::start(echo);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traffic.jsonl");
    let forger = std::sync::Arc::new(Forger::default());
    let options = Options {
        upstream: Target::parse(&upstream.url).unwrap(),
        preserve_host: false,
        max_body: 100,
        masking: Masking::none(),
        tamper: Some(forger.clone()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let file = TrafficFile::create(&path).unwrap();
    let recording = Recording::start(&options, listener, file).unwrap();
    let mut wire = Wire::to(&format!("http://{}", recording.address()));
    let forged = wire.ask("POST /payments HTTP/1.1\nHost: x\nContent-Length: LENGTH\n\n[1.50]");
    assert_eq!((forged.status(), forged.text()), (201, "[1.50]"));
    assert_eq!(forged.header("location"), Some("/payments/1"));
    wire.ask("POST /other HTTP/1.1\nHost: x\nContent-Length: LENGTH\n\nabc");
    assert_eq!(upstream.last().text(), "abc");
    assert_eq!(upstream.seen.lock().unwrap().len(), 1);
    let told = forger.0.lock().unwrap().clone();
    assert_eq!(
        told,
        [
            "POST /payments 201 true [1.50]",
            "POST /other 200 false {\"target\":\"/other\",\"length\":3}",
        ]
    );
    let recorded = recording.stop(Duration::from_secs(1)).unwrap();
    assert_eq!(
        recorded,
        Recorded {
            exchanges: 2,
            ..Recorded::default()
        }
    );
    let text = fs::read_to_string(&path).unwrap();
    let injected: Vec<bool> = text
        .lines()
        .map(|line| line.contains("\"injected\":true"))
        .collect();
    assert_eq!(injected, [true, false]);
}

/// Pays, refunds all of it in two parts, tries to refund more, and pays again.
/// Looks at the answers unless it is careless.
const SUITE: &str = "
import json, os, sys, urllib.error, urllib.request
def ask(path, body):
    url = os.environ['API_BASE_URL'] + path
    head = {'Content-Type': 'application/json', 'Idempotency-Key': 'k-%d' % len(statuses)}
    request = urllib.request.Request(url, json.dumps(body).encode(), head)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    statuses.append(answer.status)
    return json.load(answer)
statuses = []
key = ask('/payments', {'amount': 100})['id']
for amount in (60, 40, 1):
    ask('/payments/' + key + '/refunds', {'amount': amount})
other = ask('/payments', {'amount': 100})['id']
print(statuses, other != key)
sys.exit(0 if statuses == [201, 201, 201, 409, 201] or 'careless' in sys.argv else 1)
";

#[test]
fn who_asked_is_known_from_a_masked_recording() {
    let rules = project().join("tests/fixtures/cli/views/tabs.rules.yaml");
    let mut sources = Sources::default();
    let file = sources.add("tabs.rules.yaml", fs::read_to_string(&rules).unwrap());
    let (parsed, mut findings) = RuleFile::parse(&sources, file);
    let document = Document::open(&mut sources, &rules.with_file_name("openapi.yaml")).unwrap();
    let built = build(&document, &parsed.unwrap(), 0, &mut findings).unwrap();
    let (setting, nothing) = (Setting::default(), Environment::default());
    let watch = Watch::new(&built, &document, &[], &setting, &nothing);
    for (credential, actor) in [("***$BOB_TOKEN", Some("bob")), ("***0123abcd", None)] {
        let exchange = Exchange {
            method: "GET".to_owned(),
            url: "/tabs/b1".to_owned(),
            headers: vec![("authorization".to_owned(), format!("Bearer {credential}"))],
            ..Exchange::default()
        };
        let Prepared::Ready(ready) = prepare(&watch, &exchange, 0) else {
            panic!("{credential} can't be read");
        };
        let found = ready.request.get("actor").and_then(|own| own.as_str());
        assert_eq!(found, actor, "{credential}");
    }
}

/// Orders something, and wants to see what it costs.
const BUYER: &str = "
import json, os, sys, urllib.request
order = {'price': 12.5, 'count': 3, 'discount': 1.25, 'rate': 1.1, 'method': 'card'}
head = {'Content-Type': 'application/json'}
url = os.environ['API_BASE_URL'] + '/orders'
request = urllib.request.Request(url, json.dumps(order).encode(), head)
seen = json.load(urllib.request.urlopen(request))
print(seen['total'], seen['fee'], seen.get('note'))
sys.exit(0 if (seen['total'], seen.get('note')) == (39.88, None) else 1)
";

#[test]
fn a_fault_may_show_other_values() {
    for (fault, seen) in [
        ("order-total/arithmetic/all/down", "39.87 0.36 None"),
        ("new-order/dropped/1/answer", "39.88 0.36 shown"),
    ] {
        let (status, said, lines) = injected(&ORDERS, BUYER, fault, "");
        assert_eq!(status, 1, "{said}");
        assert!(said.starts_with(seen), "{fault}: {said}");
        assert!(said.contains("both accept it; its answer shows "), "{said}");
        assert_eq!(lines[0]["injected"], true);
    }
}

/// Orders with a discount that is too large, and wants to see what it costs.
const BARGAIN: &str = "
import json, os, sys, urllib.request
def ask(**changes):
    order = {'price': 12.5, 'count': 3, 'discount': 1.25, 'rate': 1.1, 'method': 'card', **changes}
    head = {'Content-Type': 'application/json'}
    url = os.environ['API_BASE_URL'] + '/orders'
    return json.load(urllib.request.urlopen(urllib.request.Request(url, json.dumps(order).encode(), head)))
if 'after' in sys.argv:
    ask(note='first')
seen = ask(price=10, count=2, discount=12.5, method='transfer')
print({name: seen.get(name) for name in ('total', 'fee', 'paid', 'note')})
";

/// An accepting answer that is made up shows what the rules say of such a server,
/// not what an earlier answer or an example of the document shows.
#[test]
fn made_up_answers_show_what_is_computed() {
    for how in ["first", "after"] {
        let fault = "discount-within-price/dropped/all/rule";
        let (status, said, _) = injected(&ORDERS, BARGAIN, fault, how);
        assert_eq!(status, 0, "{said}");
        let seen = "{'total': 8.25, 'fee': 0.25, 'paid': 0, 'note': None}";
        assert!(said.starts_with(seen), "{how}: {said}");
    }
}

/// A server, and the rule file that it keeps, below the fixtures.
struct Kept(&'static str, &'static str);

const REFUNDS: Kept = Kept("tests/support/refunds.py", "refused/payments.rules.yaml");
const ORDERS: Kept = Kept("tests/support/orders.py", "ensure/orders.rules.yaml");

/// Runs a suite with a server that is right, and a fault put in front of it:
/// the status, and what was said; what the server was asked is in the recording.
fn injected(kept: &Kept, suite: &str, fault: &str, how: &str) -> (i32, String, Vec<Json>) {
    let server = Server::start(kept.0, &["none"]);
    let folder = tempfile::tempdir().unwrap();
    let rules = project().join("tests/fixtures/cli").join(kept.1);
    let python = support::python();
    let url = server.url.trim_end_matches('/');
    let (status, said) = done(
        folder.path(),
        &[
            "--upstream",
            url,
            "--inject",
            fault,
            "--rules",
            rules.to_str().unwrap(),
            "--",
            python.to_str().unwrap(),
            "-c",
            suite,
            how,
        ],
    );
    let text = fs::read_to_string(folder.path().join("traffic.jsonl")).unwrap_or_default();
    let lines = text.lines();
    let lines = lines.map(|line| serde_json::from_str(line).unwrap());
    (status, said, lines.collect())
}

#[test]
fn a_suite_notices_a_fault_or_not() {
    let (status, said, lines) =
        injected(&REFUNDS, SUITE, "refund-within/dropped/all/rule", "careful");
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("[201, 201, 201, 201, 201] True"), "{said}");
    assert!(
        said.ends_with(
            "refund-within/dropped/all/rule: 1 answer of a server that doesn't enforce the rule\n  \
             POST /payments/pay_1/refunds: a right server refuses it (refund-within); it was \
             accepted as new: 201\nthe suite fails: it notices, if it passes without \
             --inject; `crossfield audit --inject-all` compares the two\n"
        ),
        "{said}"
    );
    let made_up: Vec<bool> = lines
        .iter()
        .map(|line| line.get("injected").is_some())
        .collect();
    assert_eq!(made_up, [false, false, false, true, false]);
    let (status, said, _) = injected(
        &REFUNDS,
        SUITE,
        "refund-within/dropped/all/rule",
        "careless",
    );
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("the suite doesn't notice: it passed although"),
        "{said}"
    );
}

#[test]
fn a_fault_may_refuse_what_is_right() {
    let (status, said, lines) = injected(
        &REFUNDS,
        SUITE,
        "refund-within/relational/all/le-lt",
        "careful",
    );
    assert_eq!(status, 1, "{said}");
    // The second refund isn't made; after it, one is left that is right.
    assert!(said.contains("[201, 201, 409, 201, 201] True"), "{said}");
    assert_eq!(lines[2]["status"], 409);
}

#[test]
fn a_fault_that_no_request_shows_is_told_of() {
    let (status, said, _) = injected(&REFUNDS, SUITE, "note/dropped/all/rule", "careful");
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("[201, 201, 201, 409, 201] True"), "{said}");
    assert!(
        said.ends_with("no request shows the fault: the suite can't notice it\n"),
        "{said}"
    );
    let (status, said, _) = injected(&REFUNDS, "", "refund-within/dropped/all/rule", "");
    assert_eq!(status, 0, "{said}");
    let nobody_knows = "no request could be judged: whether one shows the fault isn't known\n";
    assert!(said.ends_with(nobody_knows), "{said}");
    let (status, said, lines) =
        injected(&REFUNDS, SUITE, "refund-within/dropped/all/rul", "careful");
    assert_eq!((status, lines.len()), (2, 0));
    assert!(
        said.contains("did you mean `refund-within/dropped/all/rule`?"),
        "{said}"
    );
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn an_emitted_suite_passes_through_the_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let cases = fs::read_to_string(project().join("tests/fixtures/emit/shop.cases.json")).unwrap();
    let file = CaseFile::read(&cases).unwrap();
    let outputs = pytest::emit(&[file]).unwrap();
    write(folder.path(), &outputs).unwrap();
    let log = folder.path().join("requests.jsonl");
    let server = Server::start(
        "tests/support/fake_payments.py",
        &["right", log.to_str().unwrap()],
    );
    let recorded = folder.path().join("traffic.jsonl");
    let suite = support::pytest(folder.path());
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["record", "--upstream", &server.url, "-o"])
        .arg(&recorded)
        .arg("--")
        .arg(suite.get_program())
        .args(suite.get_args())
        .args(["-p", "no:randomly"])
        .current_dir(folder.path())
        .env_remove("PYTEST_ADDOPTS")
        .envs(
            suite
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("API_TOKEN", "sesame-4711")
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let read = |path: &Path| -> Vec<Json> {
        let text = fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let (known, lines) = (read(&log), read(&recorded));
    assert!(known.len() > 5, "{said}");
    assert!(!fs::read_to_string(&recorded).unwrap().contains("sesame"));
    let server = server.url.trim_end_matches('/');
    let origin = server.find("/v1").map_or(server, |at| &server[..at]);
    let sent = |line: &Json| {
        (
            line["url"].as_str().unwrap().to_owned(),
            line["body"].to_string(),
        )
    };
    let seen = |own: &Json| {
        let body: Json = serde_json::from_str(own["body"].as_str().unwrap()).unwrap();
        (
            format!("{origin}{}", own["path"].as_str().unwrap()),
            body.to_string(),
        )
    };
    let sent: Vec<_> = lines.iter().map(sent).collect();
    let seen: Vec<_> = known.iter().map(seen).collect();
    assert_eq!(sent, seen);
}
