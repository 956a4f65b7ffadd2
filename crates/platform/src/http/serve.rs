//! Accepts connections, never more than there are slots, and serves them until
//! shutdown. `axum::serve` has neither a limit nor a timeout for slow senders.
//!
//! HTTP/1.1 only, by hyper's own server for it: hyper-util's "auto" server waits
//! without a time limit for the first bytes, and speaks HTTP/2 with whoever
//! begins with its preface, `http1_only` or not, where upgrades are allowed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use metrics::counter;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};

use super::connection::{Connection, CuttableStream};
use super::silent_connections::SilentConnections;
use crate::metric_names as names;

/// A client has this long to send the head of a request: its first, and the
/// next one on a connection that is kept open.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest head of a request, in bytes, all headers together.
const MAX_HEAD: usize = 32 * 1024;

/// Headers in a request, at most.
const MAX_HEADERS: usize = 64;

/// Pause when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections that may wait to be accepted. Every dashboard comes back at once
/// after a restart; one the system has no room for tries again a second later.
const BACKLOG: u32 = 4_096;

/// A connection that is cut gives its slot back within this time.
const ROOM_TIMEOUT: Duration = Duration::from_millis(100);

/// Listens on an address.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Connections of the process before this one may still be ending.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `shutdown`, then finishes requests under way.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    max_connections: usize,
    shutdown: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(max_connections));
    let silent = SilentConnections::default();
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or the client was gone already.
                warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(slot) = slot(&slots, &silent).await else {
            // Closed at once, so that a balancer tries elsewhere.
            counter!(names::REFUSED, "what" => "connection").increment(1);
            continue;
        };
        let connection = Connection::new(peer);
        silent.add(connection.clone());
        let io = connection.over(stream, slot);
        open.spawn(converse(io, connection, app.clone(), shutdown.clone()));
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// Room for a connection: that of one which has kept silent, if there is no other.
async fn slot(slots: &Arc<Semaphore>, silent: &SilentConnections) -> Option<OwnedSemaphorePermit> {
    if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
        return Some(slot);
    }
    if !silent.make_room() {
        return None;
    }
    let freed = timeout(ROOM_TIMEOUT, Arc::clone(slots).acquire_owned()).await;
    freed.ok()?.ok()
}

/// Serves one connection, until it ends or, after `shutdown`, until the request
/// under way is answered.
async fn converse(
    stream: CuttableStream,
    connection: Connection,
    app: Router,
    shutdown: CancellationToken,
) {
    let app = app.map_request(move |mut request: Request<Incoming>| {
        connection.speaks();
        request.extensions_mut().insert(connection.clone());
        request
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app))
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = shutdown.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        debug!(%error, "a connection broke");
    }
}
