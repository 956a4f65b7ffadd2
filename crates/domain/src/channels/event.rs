//! The content of a channel's message, in a form that is the same for every channel. Each
//! adapter in the `channels` crate translates its messages into it.

use crate::channels::account::ExternalOrderId;
use crate::channels::data_subject::DataSubject;
use crate::orders::patch::OrderPatch;

/// The content of a webhook or of another message of a channel.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelEvent {
    /// An order was created or changed; contains its current state.
    OrderChanged(Box<OrderPatch>),
    /// The order was deleted at the channel.
    OrderDeleted(ExternalOrderId),
    /// An event about an order, such as an edit or a refund. The changed order follows in
    /// another message, so there is nothing to apply.
    OrderTouched(ExternalOrderId),
    /// A customer requests the data that is stored about them.
    DataRequested(DataSubject),
    /// A customer's personal data must be erased.
    CustomerRedacted(DataSubject),
    /// All data of the account must be erased.
    AccountRedacted,
}

impl ChannelEvent {
    /// The order that the event is about; `None` if it is about a person or an account.
    pub const fn order_id(&self) -> Option<&ExternalOrderId> {
        match self {
            Self::OrderChanged(patch) => Some(&patch.external_id),
            Self::OrderDeleted(id) | Self::OrderTouched(id) => Some(id),
            Self::DataRequested(_) | Self::CustomerRedacted(_) | Self::AccountRedacted => None,
        }
    }
}
