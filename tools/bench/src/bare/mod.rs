//! Servers that do next to nothing: as fast as ours could possibly be.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpSocket;
use tokio::signal::unix::{SignalKind, signal};

use crate::context::Context;
use crate::server::{Server, Start};

pub mod http;
pub mod socket;

/// Starts one as a process of its own, by the name of its command.
pub async fn start(context: &Context, command: &str) -> anyhow::Result<Server> {
    Server::start(Start {
        program: &std::env::current_exe()?,
        arguments: &[command],
        environment: Vec::new(),
        ready_path: "/readyz",
        folder: &context.out,
        log: context.out.join(format!("{command}.log")),
    })
    .await
}

/// Serves until asked to stop.
async fn serve(address: SocketAddr, app: Router) -> anyhow::Result<()> {
    // Room for all connections of a benchmark at once, as the server has it.
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
