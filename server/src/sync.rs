//! The namespace `/sync`: who joins which rooms.

use std::sync::Arc;

use domain::wire::Object;
use domain::wire::sync::{BATCH_ROOM, CURSOR_ROOM, NAMESPACE, ROOM};
use orders::presence;
use orders::presence::registry::Registry;
use platform::live::clients::Clients;
use platform::live::connection_registry::ConnectionRegistry;
use platform::live::socket;
use serde::Deserialize;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tracing::debug;

/// What a client may ask for when it connects (`auth`).
#[derive(Debug, Default, Deserialize)]
struct Options {
    /// `ORDERS_SYNCED` frames instead of one `ORDER_SYNCED` per change.
    #[serde(default)]
    batch: bool,
    /// A `CURSOR` now and then, to catch up from after a broken connection.
    #[serde(default)]
    cursor: bool,
}

/// The socket's parts.
#[expect(missing_debug_implementations, reason = "the layer has none")]
pub struct Sync {
    /// The tower layer that serves `/socket.io`.
    pub layer: SocketIoLayer,
    /// The handle to send through.
    pub io: SocketIo,
    /// The clients' connections, to close those of clients that are too slow.
    pub connections: ConnectionRegistry,
    /// How many clients are in which room.
    pub clients: Clients,
    /// Who has which order open.
    pub people: Registry,
}

/// The socket with its namespace.
pub fn socket() -> Sync {
    let people = Registry::default();
    let clients = Clients::default();
    let connections = ConnectionRegistry::default();
    let (layer, io) = socket::builder().with_state(people.clone()).build_layer();
    let (counted, known) = (clients.clone(), connections.clone());
    let join = move |socket: SocketRef, TryData(options): TryData<Object<Options>>| {
        // Other clients send other things as `auth`, or nothing: they get the
        // default.
        let Object(options) = options.unwrap_or_default();
        join(&socket, &options, &counted, &known);
        std::future::ready(Ok::<(), std::convert::Infallible>(()))
    };
    io.ns(NAMESPACE, on_connect.with(join));
    Sync {
        layer,
        io,
        connections,
        clients,
        people,
    }
}

/// Puts a client into its rooms, and listens to it, before it is told that it is
/// connected. So everything committed after that reaches it: between what it reads then
/// and what it receives, nothing is missing. And what it sends at once is heard.
fn join(
    socket: &SocketRef,
    options: &Options,
    clients: &Clients,
    connections: &ConnectionRegistry,
) {
    let room = if options.batch { BATCH_ROOM } else { ROOM };
    let membership = Arc::new(clients.join(room));
    socket.join(room);
    if options.cursor {
        socket.join(CURSOR_ROOM);
    }
    presence::sockets::listen(socket);
    let connections = connections.clone();
    socket.on_disconnect(
        async move |socket: SocketRef, State(people): State<Registry>| {
            drop(membership);
            connections.forget(&socket);
            people.set_local(socket.id, None);
        },
    );
}

async fn on_connect(socket: SocketRef) {
    debug!(socket.id = %socket.id, "client connected");
}
