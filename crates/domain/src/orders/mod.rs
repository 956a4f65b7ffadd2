//! Orders: their state, and the rules by which channels and people change it.
//!
//! | module | what it decides |
//! |---|---|
//! | [`order`] | the stored state of an order and its field-level changes |
//! | [`patch`] | what a channel says about an order |
//! | [`channel_rules`] | whether and how that changes the order |
//! | [`edit`] | whether and how a person's edit changes an order |
//! | [`draft`] | what becomes of an edit under way when the order changes |
//! | [`status`] | the five statuses of an order |
//! | [`fees`] | the shipping fee for a total |
//! | [`search`] | what an order is found by |

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
