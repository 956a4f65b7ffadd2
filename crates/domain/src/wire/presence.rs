//! Who has which order open: what travels over the live socket.
//!
//! Names are chosen in the browser and prove nothing; accounts come later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Event, client to server: [`Watch`].
pub const WATCH: &str = "WATCH";

/// Event, client to server: [`Present`].
pub const PRESENT: &str = "PRESENT";

/// Event, server to client: [`Presence`].
pub const PRESENCE: &str = "PRESENCE";

/// Longest name, in characters; the rest is cut off.
pub const MAX_NAME: usize = 40;

/// Orders one client may watch; the rest are left out.
pub const MAX_WATCHED: usize = 100;

/// People listed for one order; the rest are left out.
pub const MAX_PEOPLE: usize = 20;

/// Whose presence a client wants to hear of; replaces what it asked before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The orders.
    pub orders: Vec<Uuid>,
}

/// Where a client is; replaces what it said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// The order it has open; `None` has none.
    pub order: Option<Uuid>,
    /// What it does there.
    pub doing: Doing,
    /// The name the person goes by.
    pub name: String,
}

/// What a person does with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doing {
    /// Has it open, and unsaved changes.
    Editing,
    /// Has it open.
    Viewing,
}

impl Doing {
    /// The wire spelling, and the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Editing => "editing",
            Self::Viewing => "viewing",
        }
    }
}

/// Somebody who has an order open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// What they do.
    pub doing: Doing,
    /// The name they go by.
    pub name: String,
    /// Their client ([`client_id`]): one person in two windows is two.
    pub id: String,
}

/// Everybody who has an order open, the receiver included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The order.
    pub order: Uuid,
    /// At most [`MAX_PEOPLE`], those who edit first.
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

/// A name as it is shown to others: one line, not empty, not endless.
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
    fn a_client_is_known_by_less_than_its_session() {
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
