//! A TCP proxy in front of a service, for taking the service away.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards to `target` while open.
pub struct Proxy {
    pub address: SocketAddr,
    open: watch::Sender<bool>,
    held: watch::Sender<bool>,
}

impl Proxy {
    /// In front of the host of `url`, at first open or not.
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
        let (held, silence) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target, state.clone(), silence.clone()));
            }
        });
        Self {
            address,
            open,
            held,
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

    /// Refuses new connections and cuts the open ones.
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    /// Keeps connections, and whatever is said over them.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn forward(
    mut client: TcpStream,
    target: SocketAddr,
    mut open: watch::Receiver<bool>,
    mut held: watch::Receiver<bool>,
) {
    if !*open.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
        () = until(&mut held, true) => {}
        () = until(&mut open, false) => return,
    }
    until(&mut open, false).await;
}

async fn until(state: &mut watch::Receiver<bool>, wanted: bool) {
    let _ = state.wait_for(|state| *state == wanted).await;
}
