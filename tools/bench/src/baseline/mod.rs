//! Minimal servers on the same libraries as ours: their speed is its ceiling.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpSocket;
use tokio::signal::unix::{SignalKind, signal};

use crate::context::Context;
use crate::server::{Server, ServerOptions};

pub mod socket;

/// Starts the server with this command as a process.
pub async fn start(context: &Context, command: &str) -> anyhow::Result<Server> {
    Server::start(ServerOptions {
        program: &std::env::current_exe()?,
        arguments: &[command],
        environment: Vec::new(),
        ready_path: "/readyz",
        folder: &context.out,
        log: context.out.join(format!("{command}.log")),
    })
    .await
}

/// Serves until SIGTERM.
async fn serve(address: SocketAddr, app: Router) -> anyhow::Result<()> {
    // The same listen queue as the server's: room for all connections of a benchmark.
    let socket = TcpSocket::new_v4()?;
    socket.bind(address)?;
    let listener = socket.listen(4_096)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let app = app.route("/readyz", axum::routing::get(async || "ready"));
    tokio::select! {
        served = axum::serve(listener, app) => Ok(served?),
        _ = terminate.recv() => Ok(()),
    }
}
