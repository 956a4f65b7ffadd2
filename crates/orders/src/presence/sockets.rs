//! The messages of clients about presence: which order they have open, and for which
//! orders they want to receive presence.

use domain::wire::Object;
use domain::wire::presence::{
    MAX_WATCHED, PRESENCE, PRESENT, Person, Present, WATCH, Watch, client_id, tidy_name,
};
use socketioxide::extract::{SocketRef, State, TryData};

use super::registry::Registry;
use super::room;

/// Handles the messages of a client. Malformed messages are ignored.
pub fn listen(socket: &SocketRef) {
    socket.on(WATCH, watch);
    socket.on(PRESENT, present);
}

/// Joins the rooms of the orders that the client asks for, and sends it their presence.
async fn watch(
    socket: SocketRef,
    State(registry): State<Registry>,
    TryData(asked): TryData<Object<Watch>>,
) {
    let Ok(Object(mut asked)) = asked else { return };
    asked.orders.truncate(MAX_WATCHED);
    let before = socket.rooms();
    for room in before.iter().filter(|room| room.starts_with("order:")) {
        socket.leave(room.clone());
    }
    for order in asked.orders {
        socket.join(room(order));
        let presence = registry.presence(order);
        if !presence.people.is_empty() {
            // Fails when the buffer is full: then the client is disconnected or asks again.
            let _ = socket.emit(PRESENCE, &presence);
        }
    }
}

/// The client has opened, closed or begun to edit an order.
async fn present(
    socket: SocketRef,
    State(registry): State<Registry>,
    TryData(sent): TryData<Object<Present>>,
) {
    let Ok(Object(sent)) = sent else { return };
    let person = Person {
        doing: sent.doing,
        name: tidy_name(&sent.name),
        id: client_id(&socket.id.to_string()),
    };
    registry.set_local(socket.id, sent.order.map(|order| (order, person)));
}
