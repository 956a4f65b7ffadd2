//! The official socket.io-client, from Rust.

use std::cell::Cell;
use std::rc::Rc;

use domain::wire::Order;
use domain::wire::presence::{PRESENCE, Presence};
use domain::wire::sync::{CURSOR, NAMESPACE, ORDERS_SYNCED};
use js_sys::{JSON, Object, Reflect};
use leptos::ev;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::frames::Frames;
use super::{ConnectionState, Live, SyncCursor};
use crate::api;

/// Failed attempts after which "reconnecting" becomes "offline".
const OFFLINE_AFTER: u32 = 3;

#[wasm_bindgen(raw_module = "/vendor/socket.io.esm.min.js")]
extern "C" {
    #[derive(Clone)]
    type Socket;
    #[wasm_bindgen(js_name = io)]
    fn connect(namespace: &str, options: &JsValue) -> Socket;
    #[wasm_bindgen(method)]
    fn on(this: &Socket, event: &str, handler: &JsValue);
    #[wasm_bindgen(method)]
    fn emit(this: &Socket, event: &str, data: &JsValue);
    #[wasm_bindgen(method, getter)]
    fn id(this: &Socket) -> Option<String>;
    #[wasm_bindgen(method, js_name = connect)]
    fn reconnect(this: &Socket);
    #[wasm_bindgen(method)]
    fn disconnect(this: &Socket);
}

/// An open socket.
pub(super) struct Handle(SendWrapper<Socket>);

impl Handle {
    /// Sends a message if connected; sent later, it would be out of date.
    pub(super) fn emit(&self, event: &str, data: &impl Serialize) {
        let json = serde_json::to_string(data).unwrap_or_default();
        if self.id().is_some()
            && let Ok(data) = JSON::parse(&json)
        {
            self.0.emit(event, &data);
        }
    }

    pub(super) fn id(&self) -> Option<String> {
        self.0.id()
    }
}

/// Connects, and stays connected until the current owner is cleaned up.
pub(super) fn open(
    live: Live,
    on_orders: impl Fn(Vec<Order>) + Clone + 'static,
    on_connect: impl Fn() + 'static,
    on_presence: impl Fn(Presence) + 'static,
    sync_cursor: Option<SyncCursor>,
) {
    let socket = connect(NAMESPACE, &options());
    live.socket
        .set_value(Some(Handle(SendWrapper::new(socket.clone()))));
    let failures = Rc::new(Cell::new(0_u32));
    let frames = Frames::new(on_orders);

    let connected = {
        let failures = Rc::clone(&failures);
        handler(move |_| {
            failures.set(0);
            live.connection.set(ConnectionState::Live);
            on_connect();
        })
    };
    let on_lost = move || {
        if let Some(sync_cursor) = sync_cursor {
            sync_cursor.connection_lost();
        }
        if live.connection.get_untracked() == ConnectionState::Live {
            live.true_until.set(api::now());
            live.connection.set(ConnectionState::Reconnecting);
        }
    };
    let disconnected = {
        let socket = socket.clone();
        handler(move |reason| {
            on_lost();
            // The client does not reconnect by itself after this reason. The server uses
            // it for clients that fell behind, so that they start over.
            if reason == "io server disconnect" {
                socket.reconnect();
            }
        })
    };
    let failed = handler(move |_| {
        failures.set(failures.get() + 1);
        if failures.get() >= OFFLINE_AFTER {
            live.connection.set(ConnectionState::Offline);
        }
    });
    let synced = handler(move |frame| {
        if let Some(orders) = read::<Vec<Order>>(&frame) {
            live.changed_at.set(Some(api::now()));
            frames.push(orders);
        }
    });
    let people = handler(move |frame| {
        if let Some(presence) = read(&frame) {
            on_presence(presence);
        }
    });
    let sent = handler(move |cursor| {
        if let (Some(sync_cursor), Some(cursor)) = (sync_cursor, cursor.as_string()) {
            sync_cursor.server_sent_up_to(cursor);
        }
    });
    socket.on(CURSOR, sent.as_ref());
    socket.on("connect", connected.as_ref());
    socket.on("disconnect", disconnected.as_ref());
    socket.on("connect_error", failed.as_ref());
    socket.on(ORDERS_SYNCED, synced.as_ref());
    socket.on(PRESENCE, people.as_ref());

    // The browser notices a lost network long before a heartbeat is missed.
    let offline = window_event_listener(ev::offline, move |_| {
        on_lost();
        live.connection.set(ConnectionState::Offline);
    });
    let online = window_event_listener(ev::online, {
        let socket = SendWrapper::new(socket.clone());
        move |_| {
            // The old connection may not have noticed the loss yet: start a new one.
            socket.disconnect();
            socket.reconnect();
        }
    });

    // The handlers must live as long as the socket that calls them.
    let handlers = (connected, disconnected, failed, synced, people, sent);
    let open = SendWrapper::new((socket, handlers));
    on_cleanup(move || {
        offline.remove();
        online.remove();
        live.socket.try_set_value(None);
        open.0.disconnect();
    });
}

fn handler(listen: impl FnMut(JsValue) + 'static) -> Closure<dyn FnMut(JsValue)> {
    Closure::new(listen)
}

fn options() -> JsValue {
    let options = Object::new();
    let set = |target: &Object, key: &str, value: &JsValue| {
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(target, &key.into(), value);
    };
    let auth = Object::new();
    set(&auth, "batch", &true.into());
    set(&auth, "cursor", &true.into());
    set(&options, "auth", &auth);
    // Long polling would need sticky sessions behind a load balancer.
    let transports = js_sys::Array::of1(&"websocket".into());
    set(&options, "transports", &transports);
    set(&options, "reconnectionDelayMax", &3_000.into());
    options.into()
}

fn read<T: DeserializeOwned>(frame: &JsValue) -> Option<T> {
    let json = JSON::stringify(frame).ok()?;
    serde_json::from_str(&String::from(json)).ok()
}
