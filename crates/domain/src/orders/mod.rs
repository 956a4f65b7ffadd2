//! Orders: their state, and the rules by which channels and people change it.
//!
//! | module | content |
//! |---|---|
//! | [`order`] | the stored state of an order and its field-level changes |
//! | [`patch`] | the content of a channel's message about an order |
//! | [`channel_rules`] | the rules by which such a message changes an order |
//! | [`edit`] | the rules by which a person's edit changes an order |
//! | [`draft`] | the rules for an unsaved edit when the order changes |
//! | [`status`] | the five statuses of an order |
//! | [`fees`] | the shipping fee for a total |
//! | [`search`] | the words by which an order is found |

pub mod channel_rules;
pub mod draft;
pub mod edit;
pub mod fees;
pub mod order;
pub mod patch;
pub mod search;
pub mod status;

#[cfg(test)]
pub(crate) mod samples;
