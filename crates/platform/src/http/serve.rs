//! Accepts connections, never more than there are slots, and serves them until shutdown.
//! `axum::serve` has neither a limit of connections nor a timeout for slow senders.
//!
//! It serves HTTP/1.1 only, with hyper's own server: hyper-util's "auto" server waits
//! without a time limit for the first bytes, and if upgrades are allowed it accepts the
//! HTTP/2 preface in spite of `http1_only`.

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
use super::unused_connections::UnusedConnections;
use crate::metric_names as names;

/// How long a client may take to send the head of a request: the first one, and the next
/// one on a connection that is kept alive.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest head of a request, with all of its headers, in bytes.
const MAX_HEAD: usize = 32 * 1024;

/// The most headers of a request.
const MAX_HEADERS: usize = 64;

/// The pause after the system could not accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections that may wait to be accepted. After a restart all dashboards reconnect at
/// once; one that does not fit tries again a second later.
const BACKLOG: u32 = 4_096;

/// How long to wait for the slot of a connection that was closed to make room.
const SLOT_TIMEOUT: Duration = Duration::from_millis(100);

/// Listens on an address.
///
/// # Errors
///
/// If the address cannot be used, for example because another process listens on it.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Connections of the previous process may still be closing.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `shutdown`, then finishes open requests.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    max_connections: usize,
    shutdown: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(max_connections));
    let unused = UnusedConnections::default();
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // No free file descriptor, or the client has already disconnected.
                warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(slot) = slot(&slots, &unused).await else {
            // Closed at once, so that a balancer tries another instance.
            counter!(names::REFUSED, "what" => "connection").increment(1);
            continue;
        };
        let connection = Connection::new(peer);
        unused.add(connection.clone());
        let io = connection.wrap(stream, slot);
        open.spawn(serve_connection(
            io,
            connection,
            app.clone(),
            shutdown.clone(),
        ));
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// A slot for a connection. If none is free, the oldest unused connection is closed.
async fn slot(slots: &Arc<Semaphore>, unused: &UnusedConnections) -> Option<OwnedSemaphorePermit> {
    if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
        return Some(slot);
    }
    if !unused.close_oldest() {
        return None;
    }
    let freed = timeout(SLOT_TIMEOUT, Arc::clone(slots).acquire_owned()).await;
    freed.ok()?.ok()
}

/// Serves one connection until it closes or, after `shutdown`, until the open request is
/// answered.
async fn serve_connection(
    stream: CuttableStream,
    connection: Connection,
    app: Router,
    shutdown: CancellationToken,
) {
    let app = app.map_request(move |mut request: Request<Incoming>| {
        connection.record_request();
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
        debug!(%error, "a connection failed");
    }
}
