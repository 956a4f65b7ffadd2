//! Who changes an order.

use domain::channels::account::Channel;
use uuid::Uuid;

/// The author of a change to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A channel, through a delivery.
    Channel {
        /// The channel.
        channel: Channel,
        /// The id of the delivery.
        delivery_id: Uuid,
    },
    /// A person, with the name that they entered, if any. There are no accounts yet, so the
    /// name is not verified.
    Person(Option<String>),
}

impl Actor {
    /// The name that the history stores. A person's name has the prefix `desk`,
    /// for the order desk.
    pub fn name(&self) -> String {
        match self {
            Self::Channel { channel, .. } => channel.to_string(),
            Self::Person(None) => "desk".to_owned(),
            Self::Person(Some(name)) => format!("desk:{name}"),
        }
    }
}
