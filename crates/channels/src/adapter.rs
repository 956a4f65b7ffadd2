//! What every channel has to provide: one table of functions per channel, so that the
//! callers do not depend on any particular channel.

use domain::channels::account::{Channel, ChannelAccount};
use domain::channels::event::ChannelEvent;
use domain::orders::status::StatusMap;

use crate::shopify;
use crate::shopify::payload::PayloadError;

/// The event that a message describes; `None` if its topic is not supported.
pub type Parsed = Option<Result<ChannelEvent, PayloadError>>;

/// How to read one channel's messages.
#[derive(Debug, Clone, Copy)]
pub struct Adapter {
    /// Reads a message of a topic that was sent in the name of an account.
    pub parse: fn(topic: &str, account: &str, body: &[u8]) -> Parsed,
    /// Maps the channel's own statuses onto the status of an order.
    pub status_map: StatusMap,
}

/// The adapter of a channel.
pub const fn of(channel: Channel) -> Adapter {
    match channel {
        Channel::Shopify => Adapter {
            parse: shopify::parse,
            status_map: shopify::status::map,
        },
    }
}

/// Reads a message with the adapter of the channel that it came from.
pub fn parse(account: &ChannelAccount, topic: &str, body: &[u8]) -> Parsed {
    (of(account.channel).parse)(topic, &account.name, body)
}
