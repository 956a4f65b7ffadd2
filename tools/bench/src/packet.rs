//! Socket.IO v4 packets of the namespace `/sync`, as text frames of a websocket.
//!
//! Engine.IO puts one digit in front (0 open, 1 close, 2 ping, 3 pong, 4 message);
//! a message is a Socket.IO packet, with a digit of its own (0 connected, 1
//! disconnected, 2 event, 4 refused) and the namespace.

use serde_json::value::RawValue;

/// Where a client opens its websocket, below the server's address.
pub const PATH: &str = "/socket.io/?EIO=4&transport=websocket";

/// The answer to a ping.
pub const PONG: &str = "3";

/// What begins an event's packet; its JSON list follows.
const EVENT: &str = "42/sync,";

/// One packet from the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The connection is open; now the namespace can be asked for.
    Open,
    /// Answer with [`PONG`], or be cut off.
    Ping,
    /// The namespace took us in.
    Connected,
    /// The namespace refused us, with a reason as JSON.
    Refused(&'a str),
    /// The server ends the connection.
    Close,
    /// An event: its name and its arguments, `["NAME",…]`, as JSON.
    Event(&'a str),
    /// Anything else.
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

/// The packet that asks for the namespace.
pub fn connect(auth: &serde_json::Value) -> String {
    format!("40/sync,{auth}")
}

/// An event's packet.
pub fn event(name: &str, data: &serde_json::Value) -> String {
    format!("{EVENT}{}", serde_json::json!([name, data]))
}

/// An event's name and first argument.
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
    fn packets_are_told_apart() {
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
    fn an_event_survives_the_journey() {
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
