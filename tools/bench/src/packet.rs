//! Socket.IO v4 packets of the namespace `/sync`, as text frames of a websocket.
//!
//! An Engine.IO packet begins with one digit (0 open, 1 close, 2 ping, 3 pong,
//! 4 message); a message is a Socket.IO packet, which begins with another digit (0
//! connected, 1 disconnected, 2 event, 4 refused) and the namespace.

use serde_json::value::RawValue;

/// The path of the websocket, below the server's address.
pub const PATH: &str = "/socket.io/?EIO=4&transport=websocket";

/// The answer to a ping.
pub const PONG: &str = "3";

/// The beginning of an event's packet; its JSON list follows.
const EVENT: &str = "42/sync,";

/// One packet from the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The connection is open; the client may join the namespace.
    Open,
    /// Must be answered with [`PONG`], or the server disconnects the client.
    Ping,
    /// The namespace accepted the client.
    Connected,
    /// The namespace refused the client, with a reason as JSON.
    Refused(&'a str),
    /// The server ends the connection.
    Close,
    /// An event: its name and its arguments, `["NAME",…]`, as JSON.
    Event(&'a str),
    /// Any other packet.
    Other,
}

impl<'a> Packet<'a> {
    /// Reads a text frame.
    pub fn read(text: &'a str) -> Self {
        if let Some(list) = text.strip_prefix(EVENT) {
            return Self::Event(list);
        }
        match text.as_bytes() {
            [b'0', ..] => Self::Open,
            [b'2'] => Self::Ping,
            [b'1'] => Self::Close,
            _ if text.starts_with("40/sync") => Self::Connected,
            _ if text.starts_with("41/sync") => Self::Close,
            _ => text
                .strip_prefix("44/sync,")
                .map_or(Self::Other, Self::Refused),
        }
    }
}

/// The packet that joins the namespace, with `auth` as JSON.
pub fn connect(auth: impl std::fmt::Display) -> String {
    format!("40/sync,{auth}")
}

/// The packet of an event.
pub fn event(name: &str, data: &serde_json::Value) -> String {
    format!("{EVENT}{}", serde_json::json!([name, data]))
}

/// Reads the name and first argument of an event.
pub fn name_and_data(list: &str) -> serde_json::Result<(String, Box<RawValue>)> {
    let mut parts: Vec<Box<RawValue>> = serde_json::from_str(list)?;
    let data = if parts.len() > 1 {
        parts.swap_remove(1)
    } else {
        RawValue::from_string("null".to_owned())?
    };
    let name = parts.first().map_or("\"\"", |name| name.get());
    Ok((serde_json::from_str(name)?, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_packet_is_recognized() {
        for (text, packet) in [
            ("0{\"sid\":\"a\"}", Packet::Open),
            ("2", Packet::Ping),
            ("1", Packet::Close),
            ("40/sync,{\"sid\":\"a\"}", Packet::Connected),
            ("41/sync,", Packet::Close),
            (
                "44/sync,{\"message\":\"no\"}",
                Packet::Refused("{\"message\":\"no\"}"),
            ),
            ("42/sync,[\"A\",1]", Packet::Event("[\"A\",1]")),
            ("42/other,[\"A\",1]", Packet::Other),
            ("", Packet::Other),
        ] {
            assert_eq!(Packet::read(text), packet, "{text}");
        }
    }

    #[test]
    fn an_event_is_read_as_it_was_written() {
        let text = event("ORDER_SYNCED", &json!({"id": "1"}));
        let Packet::Event(list) = Packet::read(&text) else {
            panic!("{text}");
        };
        let (name, data) = name_and_data(list).unwrap();
        assert_eq!(
            (name.as_str(), data.get()),
            ("ORDER_SYNCED", "{\"id\":\"1\"}")
        );
    }

    #[test]
    fn an_event_may_have_no_data() {
        let (name, data) = name_and_data("[\"A\"]").unwrap();
        assert_eq!((name.as_str(), data.get()), ("A", "null"));
    }
}
