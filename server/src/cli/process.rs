//! What commands need of this machine: an address, and a signal to stop.

use std::net::{Ipv4Addr, SocketAddr};

/// The address of a server on this machine.
pub fn local_url(listen_addr: SocketAddr) -> String {
    let mut address = listen_addr;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}")
}

/// Waits for Ctrl-C, or for SIGTERM from an init system.
pub async fn stop_requested() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
