//! The official socket.io-client, from Rust.

use std::cell::Cell;
use std::rc::Rc;

use domain::api::Order;
use domain::sync::{NAMESPACE, ORDERS_SYNCED};
use js_sys::{JSON, Object, Reflect};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;

use super::Connection;

/// Failed attempts after which "connecting" becomes "offline".
const PATIENCE: u32 = 3;

#[wasm_bindgen(raw_module = "/vendor/socket.io.esm.min.js")]
extern "C" {
    type Socket;
    #[wasm_bindgen(js_name = io)]
    fn connect(namespace: &str, options: &JsValue) -> Socket;
    #[wasm_bindgen(method)]
    fn on(this: &Socket, event: &str, handler: &JsValue);
    #[wasm_bindgen(method)]
    fn disconnect(this: &Socket);
}

/// Connects, and stays connected until the current owner is cleaned up.
pub(super) fn open(
    connection: WriteSignal<Connection>,
    on_orders: impl Fn(Vec<Order>) + 'static,
    on_connect: impl Fn() + 'static,
) {
    let socket = connect(NAMESPACE, &options());
    let failures = Rc::new(Cell::new(0_u32));

    let connected = {
        let failures = Rc::clone(&failures);
        Closure::<dyn FnMut(JsValue)>::new(move |_| {
            failures.set(0);
            connection.set(Connection::Live);
            on_connect();
        })
    };
    let disconnected =
        Closure::<dyn FnMut(JsValue)>::new(move |_| connection.set(Connection::Connecting));
    let failed = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        failures.set(failures.get() + 1);
        if failures.get() >= PATIENCE {
            connection.set(Connection::Offline);
        }
    });
    let synced = Closure::<dyn FnMut(JsValue)>::new(move |frame| {
        if let Some(orders) = read(&frame) {
            on_orders(orders);
        }
    });
    socket.on("connect", connected.as_ref());
    socket.on("disconnect", disconnected.as_ref());
    socket.on("connect_error", failed.as_ref());
    socket.on(ORDERS_SYNCED, synced.as_ref());

    // The handlers must live as long as the socket that calls them.
    let open = SendWrapper::new((socket, connected, disconnected, failed, synced));
    on_cleanup(move || open.0.disconnect());
}

fn options() -> JsValue {
    let options = Object::new();
    let set = |target: &Object, key: &str, value: &JsValue| {
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(target, &key.into(), value);
    };
    let auth = Object::new();
    set(&auth, "batch", &true.into());
    set(&options, "auth", &auth);
    // Long polling would need sticky sessions behind a load balancer.
    let transports = js_sys::Array::of1(&"websocket".into());
    set(&options, "transports", &transports);
    set(&options, "reconnectionDelayMax", &3_000.into());
    options.into()
}

fn read(frame: &JsValue) -> Option<Vec<Order>> {
    let json = JSON::stringify(frame).ok()?;
    serde_json::from_str(&String::from(json)).ok()
}
