//! A TCP proxy in front of a service, with which a test can make the service unavailable.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards to a service while it is open.
pub struct Proxy {
    pub address: SocketAddr,
    open: watch::Sender<bool>,
    stalled: watch::Sender<bool>,
}

impl Proxy {
    /// Starts a proxy in front of the host of `url`, which is `open` or not.
    pub async fn start(url: &str, open: bool) -> Self {
        let host = url.split('@').next_back().unwrap();
        let host = host
            .trim_start_matches("redis://")
            .split('/')
            .next()
            .unwrap();
        let target: SocketAddr = host.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, state) = watch::channel(open);
        let (stalled, stall) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target, state.clone(), stall.clone()));
            }
        });
        Self {
            address,
            open,
            stalled,
        }
    }

    /// The address to use instead of `url`.
    pub fn instead_of(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let user = host.rsplit_once('@').map_or("", |(user, _)| user);
        let at = if user.is_empty() { "" } else { "@" };
        format!("{scheme}://{user}{at}{}/{path}", self.address)
    }

    /// Refuses new connections and closes the open ones.
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    /// Keeps connections open but stops forwarding.
    pub fn stall(&self) {
        self.stalled.send_replace(true);
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn forward(
    mut client: TcpStream,
    target: SocketAddr,
    mut open: watch::Receiver<bool>,
    mut stalled: watch::Receiver<bool>,
) {
    if !*open.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
        () = until(&mut stalled, true) => {}
        () = until(&mut open, false) => return,
    }
    until(&mut open, false).await;
}

async fn until(state: &mut watch::Receiver<bool>, wanted: bool) {
    let _ = state.wait_for(|state| *state == wanted).await;
}
