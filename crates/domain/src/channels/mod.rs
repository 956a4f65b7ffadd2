//! Channels: where orders come from, and what they say.
//!
//! | module | what is in it |
//! |---|---|
//! | [`account`] | which channel, and whose account there |
//! | [`event`] | what a channel's message says, whichever channel sent it |
//! | [`data_subject`] | whom a privacy request is about, and whether something names them |
//! | [`shop`] | how Shopify's shops are named |

pub mod account;
pub mod data_subject;
pub mod event;
pub mod shop;
