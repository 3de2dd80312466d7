//! How do requests come in, and how does the server stop?
//!
//! Each connection has bounds: how long the head of a request may take to arrive and how large it may be, how many connections there are at one
//! time. A client that sends a byte a minute is let go. When it is told to stop, the server takes no new connection, lets
//! what is under way end, and returns; what does not end in time is cut off.

use crate::config::Limits;
use crate::frame::Peer;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

/// Bytes that the head of a request may take: the request line, all headers.
const HEAD_BYTES: usize = 32 << 10;
const MOST_HEADERS: usize = 64;
/// How long requests under way may take after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Answers until `shutdown` comes, then lets what is under way end.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let arrival = tokio::select! {
            biased;
            () = &mut shutdown => break,
            arrival = arrive(&listener, &room) => arrival,
        };
        match arrival {
            Ok((stream, peer, permit)) => attend(stream, peer, permit, &router, limits, &graceful),
            // Out of file handles, or the client went away between: the next one may fare better.
            Err(error) => {
                tracing::warn!(cause = %error, "a connection was not taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

async fn arrive(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
    router: &Router,
    limits: Limits,
    graceful: &GracefulShutdown,
) {
    // Answers are small and whole: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = router.clone().map_request(move |request: Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(Peer(peer));
        request
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(cause = %error, "a connection ended early");
        }
        drop(permit);
    });
}
