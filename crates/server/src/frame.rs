//! What holds for every request, whichever page it asks for?
//!
//! It gets a reference number, a language and a [`Context`]; what changes something proves that it comes from one of our pages; what goes
//! wrong is told in one way; the answer bears the security headers; one line goes to the log, without values: the route's pattern instead of the
//! path, no query, no body, no cookie.

use crate::app::App;
use crate::context::{Circumstances, Context, Theme};
use crate::csrf;
use crate::flash::Flash;
use crate::origin;
use crate::problem::Problem;
use crate::random::draw;
use crate::session_cookie::{Cookie, Secret};
use crate::words::Words;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use data_encoding::BASE32_NOPAD;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

/// The address of the connection's other end; [`crate::serve()`] puts it into each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(header::HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Puts the frame around routes.
pub fn frame(app: App, pages: Router<App>) -> Router {
    let limits = app.config().limits;
    pages
        .merge(crate::assets::routes())
        .fallback(async || Problem::not_found())
        .layer(from_fn(prove))
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(RequestBodyTimeoutLayer::new(limits.body_pause))
        .layer(RequestBodyLimitLayer::new(limits.upload))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler ended in a panic").into_response()))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.answer))
        .layer(from_fn_with_state(app.clone(), attend))
        .layer(CompressionLayer::new())
        .with_state(app)
}

/// From the first byte to the line in the log.
async fn attend(State(app): State<App>, request: Request, next: Next) -> Response {
    let begin_ms = app.now_ms();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    let (parts, body) = request.into_parts();
    let context = match circumstances(&app, &parts).await {
        Ok(found) => Context(Arc::new(found)),
        Err(problem) => return bare(&app, &problem),
    };
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(context.clone());
    let response = match origin::check(&context, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let (response, cause) = dress(response, &context).await;
    let (status, ms) = (response.status().as_u16(), app.now_ms() - begin_ms);
    let account = context.person.as_ref().map_or("-", |person| person.account.as_str());
    let (reference, address) = (context.reference.as_str(), context.address);
    if status >= 500 {
        tracing::error!(%method, route, status, ms, reference, account, %address, cause, "request failed");
    } else {
        tracing::info!(%method, route, status, ms, reference, account, %address, "request");
    }
    finish(response, &context)
}

/// An answer before there is a context: the system has no random bytes, or the record cannot be asked.
fn bare(app: &App, problem: &Problem) -> Response {
    tracing::error!(status = problem.status.as_u16(), cause = problem.cause, "request failed");
    let mut response = (problem.status, problem.title(&Words::of("en"))).into_response();
    put_headers(response.headers_mut(), app.config().behind_proxy);
    response
}

async fn circumstances(app: &App, request: &Parts) -> Result<Circumstances, Problem> {
    let headers = &request.headers;
    let secure = app.config().behind_proxy;
    let path = request.uri.path().to_owned();
    let by_key = path.starts_with("/api/") && headers.contains_key(header::AUTHORIZATION);
    let needs_nobody = path.starts_with("/assets/") || by_key;
    let cookie = |cookie: Cookie| if needs_nobody { None } else { cookie.read(headers, secure) };
    let (person, session) = match cookie(Cookie::Session).and_then(Secret::parse) {
        Some(secret) => (app.person(secret.clone()).await?, Some(secret)),
        None => (None, None),
    };
    let guest = cookie(Cookie::Guest).and_then(Secret::parse);
    let known = if person.is_some() { session } else { guest };
    let new_guest = known.is_none() && !needs_nobody;
    let secret = if new_guest { Some(Secret::fresh(app.random()).map_err(Problem::internal)?) } else { known };
    let flash = cookie(Cookie::Flash).zip(secret.as_ref()).and_then(|(text, secret)| Flash::open(text, secret));
    Ok(Circumstances {
        words: language(headers, secure),
        theme: Cookie::Theme.read(headers, secure).and_then(Theme::parse),
        keys: Cookie::Keys.read(headers, secure) != Some("off"),
        offset_min: offset(headers, secure),
        query: request.uri.query().unwrap_or("").to_owned(),
        address: address(app, request),
        reference: BASE32_NOPAD.encode(&draw::<5>(app.random()).map_err(Problem::internal)?),
        wants_json: wants_json(&path, headers),
        app: app.clone(),
        person,
        path,
        secure,
        flash,
        secret,
        new_guest,
    })
}

fn language(headers: &HeaderMap, secure: bool) -> Words {
    let chosen = Cookie::Language.read(headers, secure).unwrap_or("");
    let browser = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or("");
    Words::choose(&[chosen, browser])
}

/// Minutes east of UTC, within what the world's zones have.
fn offset(headers: &HeaderMap, secure: bool) -> i32 {
    let told = Cookie::Offset.read(headers, secure).and_then(|text| text.parse().ok());
    told.filter(|minutes| (-14 * 60..=14 * 60).contains(minutes)).unwrap_or(0)
}

/// The caller's address. A proxy appends the address that it saw, so its word is the last one.
fn address(app: &App, request: &Parts) -> IpAddr {
    let forwarded = || {
        let line = request.headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        line.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = request.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    if app.config().behind_proxy { forwarded().unwrap_or(peer) } else { peer }
}

fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    path == "/api" || path.starts_with("/api/") || (accept.contains("json") && !accept.contains("text/html"))
}

/// What changes something comes from one of our pages, or bears a key of the interface.
async fn prove(Extension(context): Extension<Context>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    // A program proves itself by its key, which no browser adds by itself; cookies were not looked at.
    if request.uri().path().starts_with("/api/") && (context.secret.is_none() || context.new_guest) {
        return next.run(request).await;
    }
    match proved(&context, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn proved(context: &Context, request: Request) -> Result<Request, Problem> {
    let words = context.words;
    let refused = || Problem::denied(t!(words, "csrf-refused")).hint(t!(words, "csrf-hint"));
    let secret = context.secret.as_ref().filter(|_| !context.new_guest).ok_or_else(refused)?;
    if !csrf::same_origin(request.headers(), origin::host(context, request.headers())) {
        return Err(refused());
    }
    if let Some(token) = request.headers().get(csrf::HEADER) {
        let fits = token.to_str().is_ok_and(|token| csrf::fits(secret, token));
        return if fits { Ok(request) } else { Err(refused()) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let form = kind.starts_with("application/x-www-form-urlencoded");
    let upload = kind.starts_with("multipart/form-data");
    if !form && !upload {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, t!(words, "form-expected")));
    }
    let (parts, body) = request.into_parts();
    let limit = context.app.config().limits.body;
    let (token, body) = if form { form_token(body, limit).await? } else { upload_token(body).await? };
    if token.is_some_and(|token| csrf::fits(secret, &token)) {
        return Ok(Request::from_parts(parts, body));
    }
    Err(refused())
}

/// Reads a form whole and hands its bytes on.
async fn form_token(body: Body, limit: usize) -> Result<(Option<String>, Body), Problem> {
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|error| unreadable(&error))?;
    let token =
        form_urlencoded::parse(&bytes).find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.into_owned());
    Ok((token, Body::from(bytes)))
}

/// Reads the first field of an upload and hands on what was read before the rest.
async fn upload_token(mut body: Body) -> Result<(Option<String>, Body), Problem> {
    use http_body_util::BodyExt;
    let mut read: Vec<u8> = Vec::new();
    let mut token = None;
    while token.is_none() && read.len() < 16 << 10 {
        let Some(frame) = body.frame().await else { break };
        let frame = frame.map_err(|error| unreadable(&error))?;
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        token = csrf::token_of_upload(&read);
    }
    Ok((token, Body::new(Rejoined { read: Some(Bytes::from(read)), rest: body })))
}

/// A body whose beginning was read already.
struct Rejoined {
    read: Option<Bytes>,
    rest: Body,
}

impl hyper::body::Body for Rejoined {
    type Data = Bytes;
    type Error = axum::Error;
    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        match self.read.take() {
            Some(bytes) => std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(bytes)))),
            None => std::pin::Pin::new(&mut self.rest).poll_frame(cx),
        }
    }
}

/// Why a body did not arrive: too long, too slow, or cut off.
fn unreadable(error: &dyn std::error::Error) -> Problem {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("length limit") {
            return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "");
        }
        if text.contains("time") && text.contains("out") {
            return Problem::new(StatusCode::REQUEST_TIMEOUT, "");
        }
        cause = error.source();
    }
    Problem::bad_request("")
}

/// Tells what went wrong in the one way. Gives the cause for the log along.
async fn dress(response: Response, context: &Context) -> (Response, String) {
    if let Some(problem) = response.extensions().get::<Problem>() {
        if let (Some(to), false) = (&problem.redirect, context.wants_json) {
            return (crate::redirect::Redirect::to(context, to).into_response(), String::new());
        }
        return (problem.answer(context), problem.cause.clone());
    }
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let dressed = kind.starts_with("text/html") || kind.starts_with("application/");
    if !(status.is_client_error() || status.is_server_error()) || dressed {
        return (response, String::new());
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let said = axum::body::to_bytes(response.into_body(), 2048).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    // What a library says of a request is for its sender; what it says of itself is for the log.
    let problem = match status.is_client_error() {
        true => Problem::new(status, said),
        false => Problem { cause: said, ..Problem::new(status, "") },
    };
    let mut response = problem.answer(context);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    (response, problem.cause)
}

fn finish(mut response: Response, context: &Context) -> Response {
    let headers = response.headers_mut();
    put_headers(headers, context.secure);
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page && context.new_guest {
        let set = context.secret.as_ref().and_then(|secret| Cookie::Guest.set(&secret.text(), context.secure));
        append(headers, set);
    }
    if is_page && context.flash.is_some() {
        append(headers, Cookie::Flash.clear(context.secure));
    }
    response
}

fn append(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(value) = cookie {
        headers.append(header::SET_COOKIE, value);
    }
}

fn put_headers(headers: &mut HeaderMap, secure: bool) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if secure {
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}
