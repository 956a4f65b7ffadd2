//! The namespace `/sync` of the live socket: puts each client into the rooms that it asks
//! for.

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

/// The options that a client may send when it connects (`auth`).
#[derive(Debug, Default, Deserialize)]
struct JoinOptions {
    /// `ORDERS_SYNCED` frames instead of one `ORDER_SYNCED` per change.
    #[serde(default)]
    batch: bool,
    /// A `CURSOR` every few seconds, to catch up from after a broken connection.
    #[serde(default)]
    cursor: bool,
}

/// The parts of the live socket.
#[expect(missing_debug_implementations, reason = "the layer has none")]
pub struct LiveSocket {
    /// The tower layer that serves `/socket.io`.
    pub layer: SocketIoLayer,
    /// The handle that sends events.
    pub io: SocketIo,
    /// The clients' connections, to close those of clients that are too slow.
    pub connections: ConnectionRegistry,
    /// The number of clients in each room.
    pub clients: Clients,
    /// Which person has which order open.
    pub presence: Registry,
}

/// Builds the live socket with its namespace.
pub fn socket() -> LiveSocket {
    let presence = Registry::default();
    let clients = Clients::default();
    let connections = ConnectionRegistry::default();
    let (layer, io) = socket::builder().with_state(presence.clone()).build_layer();
    let (counted, known) = (clients.clone(), connections.clone());
    let join = move |socket: SocketRef, TryData(options): TryData<Object<JoinOptions>>| {
        // A client whose `auth` is missing or has another form gets the default.
        let Object(options) = options.unwrap_or_default();
        join(&socket, &options, &counted, &known);
        std::future::ready(Ok::<(), std::convert::Infallible>(()))
    };
    io.ns(NAMESPACE, on_connect.with(join));
    LiveSocket {
        layer,
        io,
        connections,
        clients,
        presence,
    }
}

/// Puts a client into its rooms, and listens to it, before the connection is confirmed to
/// it. So it receives everything that is committed after that, with no gap to what it reads
/// then, and no event that it sends is missed.
fn join(
    socket: &SocketRef,
    options: &JoinOptions,
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
        async move |socket: SocketRef, State(presence): State<Registry>| {
            drop(membership);
            connections.forget(&socket);
            presence.set_local(socket.id, None);
        },
    );
}

async fn on_connect(socket: SocketRef) {
    debug!(socket.id = %socket.id, "client connected");
}
