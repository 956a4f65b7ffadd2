//! A TCP proxy in front of a service that can reset or stall connections.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::listen_on_free_port;

/// What the proxy forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything.
    Forward,
    /// Nothing: connections stay open and new ones are accepted, but no data passes
    /// in either direction.
    Stall,
    /// Only requests; responses wait.
    StallResponses,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mode: Mode,
    /// Connections opened in an earlier generation are reset.
    generation: u64,
}

/// Forwards to one address; ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    acceptor: AbortHandle,
}

impl Proxy {
    /// Starts a proxy in front of `target`, on a free address.
    pub async fn start(target: SocketAddr) -> anyhow::Result<Self> {
        let listener = listen_on_free_port().await?;
        let address = listener.local_addr()?;
        let state = watch::Sender::new(State {
            mode: Mode::Forward,
            generation: 0,
        });
        let changes = state.subscribe();
        let acceptor = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target, changes.clone()));
            }
        });
        Ok(Self {
            address,
            state,
            acceptor: acceptor.abort_handle(),
        })
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the mode of existing and new connections.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// Resets every open connection; new ones are accepted.
    pub fn reset(&self) {
        self.state.send_modify(|state| state.generation += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.acceptor.abort();
        self.reset();
    }
}

async fn forward(mut client: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>) {
    let generation = state.borrow_and_update().generation;
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let both = async {
        tokio::join!(
            pump(from_client, to_server, state.clone(), |mode| mode
                != Mode::Stall),
            pump(from_server, to_client, state.clone(), |mode| mode
                == Mode::Forward),
        )
    };
    let reset = async {
        let mut state = state.clone();
        let _ = state.wait_for(|state| state.generation != generation).await;
    };
    let was_reset = tokio::select! {
        _ = both => false,
        () = reset => true,
    };
    if was_reset {
        // Closing with zero linger sends RST instead of FIN.
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}

/// Copies bytes in one direction while `passes` allows it, until either end closes.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
    passes: impl Fn(Mode) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if state.wait_for(|state| passes(state.mode)).await.is_err() {
            return;
        }
        if read == 0 {
            let _ = to.shutdown().await;
            return;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    /// A proxy in front of a service that sends every byte twice, and a connection to it.
    async fn echo() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = socket.read_u8().await {
                        let _ = socket.write_all(&[byte, byte]).await;
                    }
                });
            }
        });
        let proxy = Proxy::start(target).await.unwrap();
        let client = TcpStream::connect(proxy.address()).await.unwrap();
        (proxy, client)
    }

    async fn receives_nothing(client: &mut TcpStream) -> bool {
        let read = tokio::time::timeout(Duration::from_millis(100), client.read_u8());
        read.await.is_err()
    }

    #[tokio::test]
    async fn stalling_loses_nothing_and_a_reset_ends_connections() {
        let (proxy, mut client) = echo().await;
        client.write_u8(7).await.unwrap();
        assert_eq!(client.read_u16().await.unwrap(), 0x0707);
        for mode in [Mode::Stall, Mode::StallResponses] {
            proxy.set(mode);
            client.write_u8(8).await.unwrap();
            assert!(receives_nothing(&mut client).await, "{mode:?}");
            proxy.set(Mode::Forward);
            assert_eq!(client.read_u16().await.unwrap(), 0x0808);
        }
        proxy.reset();
        assert!(client.read_u8().await.is_err());
        assert!(TcpStream::connect(proxy.address()).await.is_ok());
    }
}
