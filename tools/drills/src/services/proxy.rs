//! A wire in front of a service that can be cut, or go silent.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::listen_anywhere;

/// What the wire lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything.
    Open,
    /// Nothing, without saying so: connections stay, and new ones are taken,
    /// but no byte arrives anywhere.
    Silent,
    /// Requests get through; their answers wait.
    AnswersHeld,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mode: Mode,
    /// Connections of an earlier generation are reset.
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
    /// In front of `target`, on an address of its own.
    pub async fn start(target: SocketAddr) -> anyhow::Result<Self> {
        let listener = listen_anywhere().await?;
        let address = listener.local_addr()?;
        let state = watch::Sender::new(State {
            mode: Mode::Open,
            generation: 0,
        });
        let seen = state.subscribe();
        let acceptor = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target, seen.clone()));
            }
        });
        Ok(Self {
            address,
            state,
            acceptor: acceptor.abort_handle(),
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on, on old connections and new ones.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// Resets every open connection; new ones are taken.
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
                != Mode::Silent),
            pump(from_server, to_client, state.clone(), |mode| mode
                == Mode::Open),
        )
    };
    let cut = async {
        let mut state = state.clone();
        let _ = state.wait_for(|state| state.generation != generation).await;
    };
    let was_cut = tokio::select! {
        _ = both => false,
        () = cut => true,
    };
    if was_cut {
        // Without a farewell, as when a cable is pulled and plugged in again.
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}

/// Carries bytes one way while `passes`, until either end is closed.
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

    /// A proxy in front of a service that says everything twice.
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

    async fn is_silent(client: &mut TcpStream) -> bool {
        let read = tokio::time::timeout(Duration::from_millis(100), client.read_u8());
        read.await.is_err()
    }

    #[tokio::test]
    async fn silence_loses_nothing_and_a_reset_ends_connections() {
        let (proxy, mut client) = echo().await;
        client.write_u8(7).await.unwrap();
        assert_eq!(client.read_u16().await.unwrap(), 0x0707);
        for mode in [Mode::Silent, Mode::AnswersHeld] {
            proxy.set(mode);
            client.write_u8(8).await.unwrap();
            assert!(is_silent(&mut client).await, "{mode:?}");
            proxy.set(Mode::Open);
            assert_eq!(client.read_u16().await.unwrap(), 0x0808);
        }
        proxy.reset();
        assert!(client.read_u8().await.is_err());
        assert!(TcpStream::connect(proxy.address()).await.is_ok());
    }
}
