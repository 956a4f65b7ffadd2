//! Presence: the messages on the live socket about which people have which order open.
//!
//! Names are chosen in the browser and are not verified, because there are no accounts yet.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Event, client to server: [`Watch`].
pub const WATCH: &str = "WATCH";

/// Event, client to server: [`Present`].
pub const PRESENT: &str = "PRESENT";

/// Event, server to client: [`Presence`].
pub const PRESENCE: &str = "PRESENCE";

/// The longest name, in characters; the rest is cut off.
pub const MAX_NAME: usize = 40;

/// The most orders that a client may watch; further ones are ignored.
pub const MAX_WATCHED: usize = 100;

/// The most people listed for one order; further ones are left out.
pub const MAX_PEOPLE: usize = 20;

/// The orders for which a client wants to receive presence; replaces those of its last
/// message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The orders.
    pub orders: Vec<Uuid>,
}

/// The order that a client has open; replaces that of its last message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// The order that is open; `None` if there is none.
    pub order: Option<Uuid>,
    /// What the person does with it.
    pub doing: Doing,
    /// The name that the person has entered.
    pub name: String,
}

/// What a person does with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doing {
    /// The order is open and has unsaved changes.
    Editing,
    /// The order is open.
    Viewing,
}

impl Doing {
    /// The name on the wire, which people see too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Editing => "editing",
            Self::Viewing => "viewing",
        }
    }
}

/// A person who has an order open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// What the person does with it.
    pub doing: Doing,
    /// The name that the person has entered.
    pub name: String,
    /// The id of their client ([`client_id`]). A person with two windows is listed twice.
    pub id: String,
}

/// The people who have an order open, including the receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The order.
    pub order: Uuid,
    /// At most [`MAX_PEOPLE`]; those who edit come first.
    pub people: Vec<Person>,
}

/// The id under which other clients see this one. It is not the session id, because
/// a session id is enough to send messages in its client's name. It is a hash of half
/// the length, so the session id cannot be computed from it.
pub fn client_id(session: &str) -> String {
    // FNV-1a, the upper 48 of its 64 bits.
    let hash = session
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{:012x}", hash >> 16)
}

/// A name in the form that others see: one line, not empty, at most [`MAX_NAME`]
/// characters.
pub fn tidy_name(name: &str) -> String {
    let printable = name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>();
    let words: Vec<_> = printable.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(MAX_NAME).collect();
    if name.is_empty() {
        "Somebody".to_owned()
    } else {
        name.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(tidy_name("  Ada\n Byron "), "Ada Byron");
        assert_eq!(tidy_name("\t"), "Somebody");
        assert_eq!(tidy_name(&"é".repeat(90)).chars().count(), MAX_NAME);
    }

    #[test]
    fn the_id_of_a_client_is_shorter_than_its_session_id() {
        let id = client_id("QQdF6UIYwE-sBCYy");
        assert_eq!(id, client_id("QQdF6UIYwE-sBCYy"));
        assert_ne!(id, client_id("QQdF6UIYwE-sBCYz"));
        assert_eq!(id.len(), 12);
    }

    #[test]
    fn those_who_edit_come_first() {
        let person = |doing, name: &str| Person {
            doing,
            name: name.into(),
            id: String::new(),
        };
        let mut people = [
            person(Doing::Viewing, "Ada"),
            person(Doing::Editing, "Grace"),
        ];
        people.sort();
        assert_eq!(people[0].name, "Grace");
    }
}
