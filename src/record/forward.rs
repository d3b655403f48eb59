//! Hands requests on to the upstream, and answers back.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Uri, Version};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;

use super::copy::{Copy, Tee};
use super::exchange::{Exchange, Sent};
use super::file::TrafficFile;
use super::hop;
use super::mask::Masking;
use super::rewrite::rewrite;
use super::tamper::{Answered, Asked, Change, Decision, MadeUp, Tamper};
use super::upstream::Upstream;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a connection is kept that nobody uses: less than servers do, who
/// may otherwise close it while a request is on its way.
const IDLE: Duration = Duration::from_secs(1);

/// A body that is on its way.
pub(super) type Passing = UnsyncBoxBody<Bytes, hyper::Error>;

/// The client of the upstream.
pub(super) type Upward = Client<HttpsConnector<HttpConnector>, Passing>;

/// What all exchanges have in common.
pub(super) struct Shared {
    pub(super) upstream: Upstream,
    pub(super) preserve_host: bool,
    pub(super) max_body: usize,
    pub(super) masking: Masking,
    pub(super) tamper: Option<Arc<dyn Tamper>>,
    pub(super) file: Arc<TrafficFile>,
    pub(super) client: Upward,
    /// `http://127.0.0.1:8081`, where clients don't say how they name the proxy.
    pub(super) own_address: String,
}

/// A client that trusts the same authorities as `run` does.
pub(super) fn client() -> Upward {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .wrap_connector(http);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        .pool_timer(TokioTimer::new())
        .http1_preserve_header_case(true)
        .build(connector)
}

/// The answer to a request, whoever gives it.
pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Response<Passing> {
    if let Some(protocol) = hop::other_protocol(&request) {
        let told = format!("{protocol} can't be recorded: this proxy passes on HTTP/1.1 only");
        return own_answer(StatusCode::NOT_IMPLEMENTED, &told);
    }
    let (mut parts, body) = request.into_parts();
    let target = target(&parts.uri);
    let Some(uri) = shared.upstream.uri(&target) else {
        let told = format!("`{target}` is no path that can be passed on");
        return own_answer(StatusCode::BAD_REQUEST, &told);
    };
    let proxy = proxy_address(&parts, &shared.own_address);
    let is_kept = hop::is_kept(parts.version, &parts.headers);
    outward(&mut parts, uri, &shared);
    let copy = Copy::new(shared.max_body);
    let exchange = Exchange::new(
        Arc::clone(&shared),
        Sent {
            at: Timestamp::now(),
            method: parts.method.clone(),
            url: parts.uri.to_string(),
            headers: parts.headers.clone(),
            copy: copy.clone(),
        },
    );
    if !is_kept {
        // Upstreams see as many connections as they would without the proxy.
        let close = HeaderValue::from_static("close");
        parts.headers.insert(CONNECTION, close);
    }
    let tee = Tee::request(body, copy).boxed_unsync();
    match &shared.tamper {
        None => pass_on(&shared, exchange, Request::from_parts(parts, tee), &proxy).await,
        Some(tamper) => {
            let tamper = Arc::clone(tamper);
            let request = Request::from_parts(parts, tee);
            decide(&shared, tamper, exchange, request, target, &proxy).await
        }
    }
}

/// Lets `tamper` look at a request, and answer it.
async fn decide(
    shared: &Arc<Shared>,
    tamper: Arc<dyn Tamper>,
    mut exchange: Exchange,
    request: Request<Passing>,
    target: String,
    proxy: &str,
) -> Response<Passing> {
    let (parts, body) = request.into_parts();
    let body = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => return unreadable(exchange, &error),
    };
    let asked = Arc::new(Asked {
        method: parts.method.to_string(),
        target,
        headers: parts.headers.clone(),
        body: body.clone(),
    });
    exchange.asked(Arc::clone(&asked));
    let decided = tokio::task::spawn_blocking(move || tamper.before(&asked)).await;
    match decided {
        Ok(Decision::Answer(made_up)) => inject(shared, exchange, &made_up),
        Ok(Decision::Forward) => {
            let request = Request::from_parts(parts, whole(body));
            pass_on(shared, exchange, request, proxy).await
        }
        Ok(Decision::Change(change)) => {
            let request = Request::from_parts(parts, whole(body));
            match ask(shared, &mut exchange, request).await {
                Ok(answer) => changed(shared, exchange, answer, change, proxy).await,
                Err(refusal) => refusal,
            }
        }
        Err(error) => {
            exchange.fail(format!("nobody could decide who answers: {error}"));
            own_answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                "a mistake of Crossfield: nobody could decide who answers",
            )
        }
    }
}

/// Gives an answer that the upstream doesn't know of.
fn inject(shared: &Shared, mut exchange: Exchange, made_up: &MadeUp) -> Response<Passing> {
    exchange.injected();
    let response = response(made_up);
    let copy = Copy::of(&made_up.body, shared.max_body);
    exchange.answered(response.status(), response.headers().clone(), copy);
    response
}

/// Gives what is made of the upstream's answer.
async fn changed(
    shared: &Shared,
    mut exchange: Exchange,
    answer: Response<Incoming>,
    change: Change,
    proxy: &str,
) -> Response<Passing> {
    let (mut parts, body) = answer.into_parts();
    hop::remove(&mut parts.headers);
    let body = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            let told = format!("the upstream's answer broke off: {error}");
            exchange.fail(told.clone());
            return own_answer(StatusCode::BAD_GATEWAY, &told);
        }
    };
    let original = Answered::whole(parts.status, &parts.headers, &body);
    let made_up = change(&original);
    exchange.changed(original);
    if let Some(made_up) = made_up {
        return inject(shared, exchange, &made_up);
    }
    let copy = Copy::of(&body, shared.max_body);
    exchange.answered(parts.status, parts.headers.clone(), copy);
    rewrite(&mut parts.headers, &shared.upstream, proxy);
    parts.version = Version::HTTP_11;
    Response::from_parts(parts, whole(body))
}

fn response(made_up: &MadeUp) -> Response<Passing> {
    let mut response = Response::new(whole(Bytes::copy_from_slice(&made_up.body)));
    *response.status_mut() =
        StatusCode::from_u16(made_up.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = made_up.content_type.iter();
    let content_type = content_type.map(|own| (CONTENT_TYPE.as_str(), own.as_str()));
    let others = made_up.headers.iter();
    let others = others.map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in content_type.chain(others) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(text)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Lets the upstream answer.
async fn pass_on(
    shared: &Arc<Shared>,
    mut exchange: Exchange,
    request: Request<Passing>,
    proxy: &str,
) -> Response<Passing> {
    let answer = match ask(shared, &mut exchange, request).await {
        Ok(answer) => answer,
        Err(refusal) => return refusal,
    };
    let (mut parts, body) = answer.into_parts();
    hop::remove(&mut parts.headers);
    let copy = Copy::new(shared.max_body);
    exchange.answered(parts.status, parts.headers.clone(), copy.clone());
    rewrite(&mut parts.headers, &shared.upstream, proxy);
    parts.version = Version::HTTP_11;
    Response::from_parts(parts, Tee::answer(body, copy, exchange).boxed_unsync())
}

/// The upstream's answer, or what is said where there is none.
async fn ask(
    shared: &Shared,
    exchange: &mut Exchange,
    request: Request<Passing>,
) -> Result<Response<Incoming>, Response<Passing>> {
    shared.client.request(request).await.map_err(|error| {
        let told = format!(
            "no answer from the upstream {}: {}",
            shared.upstream.origin(),
            reason(&error)
        );
        exchange.fail(told.clone());
        own_answer(StatusCode::BAD_GATEWAY, &told)
    })
}

fn unreadable(mut exchange: Exchange, error: &hyper::Error) -> Response<Passing> {
    let told = format!("the request broke off: {error}");
    exchange.fail(told.clone());
    own_answer(StatusCode::BAD_REQUEST, &told)
}

/// Path and query; requests may name the whole address.
fn target(uri: &Uri) -> String {
    match uri.path_and_query() {
        Some(target) if target.as_str().starts_with('?') => format!("/{target}"),
        Some(target) => target.to_string(),
        None => "/".to_owned(),
    }
}

/// How the client names the proxy.
fn proxy_address(parts: &Parts, own: &str) -> String {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    host.map_or_else(|| own.to_owned(), |host| format!("http://{host}"))
}

/// Makes a request one to the upstream.
fn outward(parts: &mut Parts, uri: Uri, shared: &Shared) {
    hop::remove(&mut parts.headers);
    if !shared.preserve_host
        && let Some(host) = shared.upstream.host()
    {
        parts.headers.insert(HOST, host);
    }
    parts.uri = uri;
    parts.version = Version::HTTP_11;
}

/// What the proxy says for itself.
fn own_answer(status: StatusCode, told: &str) -> Response<Passing> {
    let mut response = Response::new(whole(format!("crossfield record: {told}\n").into()));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

fn whole(bytes: Bytes) -> Passing {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// What libraries say of an error, without what we know already.
fn reason(error: &hyper_util::client::legacy::Error) -> String {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes.dedup();
    match causes.as_slice() {
        [] => error.to_string(),
        all => all.join(": "),
    }
}
