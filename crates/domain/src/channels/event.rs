//! What a channel's message says, in terms that are the same for every channel.
//! Each adapter in the `channels` crate reads its own messages into this.

use crate::channels::account::ExternalOrderId;
use crate::channels::data_subject::DataSubject;
use crate::orders::patch::OrderPatch;

/// The content of a webhook, or of anything else a channel sends.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelEvent {
    /// The whole order, as it is now.
    OrderChanged(Box<OrderPatch>),
    /// The order was deleted at the channel.
    OrderDeleted(ExternalOrderId),
    /// Something related to an order happened, such as an edit or a refund. The
    /// order itself follows in a message of its own, so there is nothing to apply.
    OrderTouched(ExternalOrderId),
    /// A customer asks what is stored about them.
    DataRequested(DataSubject),
    /// A customer's personal data must be erased.
    CustomerRedacted(DataSubject),
    /// Everything about the account must be erased.
    AccountRedacted,
}

impl ChannelEvent {
    /// The one order it is about, unless it is about a person or an account.
    pub const fn order_id(&self) -> Option<&ExternalOrderId> {
        match self {
            Self::OrderChanged(patch) => Some(&patch.external_id),
            Self::OrderDeleted(id) | Self::OrderTouched(id) => Some(id),
            Self::DataRequested(_) | Self::CustomerRedacted(_) | Self::AccountRedacted => None,
        }
    }
}
