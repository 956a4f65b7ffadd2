//! What clients say and ask: where they are, and whose presence they want to
//! hear of.

use domain::wire::Object;
use domain::wire::presence::{
    MAX_WATCHED, PRESENCE, PRESENT, Person, Present, WATCH, Watch, client_id, tidy_name,
};
use socketioxide::extract::{SocketRef, State, TryData};

use super::registry::Registry;
use super::room;

/// Listens to a client. Messages of another shape are ignored.
pub fn listen(socket: &SocketRef) {
    socket.on(WATCH, watch);
    socket.on(PRESENT, present);
}

/// Joins the rooms of the orders asked for, and says who is there already.
async fn watch(
    socket: SocketRef,
    State(people): State<Registry>,
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
        let presence = people.presence(order);
        if !presence.people.is_empty() {
            // A full buffer: the client is cut or will ask again.
            let _ = socket.emit(PRESENCE, &presence);
        }
    }
}

/// The client opened, left or began to edit an order.
async fn present(
    socket: SocketRef,
    State(people): State<Registry>,
    TryData(said): TryData<Object<Present>>,
) {
    let Ok(Object(said)) = said else { return };
    let person = Person {
        doing: said.doing,
        name: tidy_name(&said.name),
        id: client_id(&socket.id.to_string()),
    };
    people.moved(socket.id, said.order.map(|order| (order, person)));
}
