//! The rules of the order desk: pure types and functions, no I/O.
//!
//! Compiled twice, natively for the server and to WebAssembly for the browser,
//! so both sides agree on one definition of an order and of a conflict.
//!
//! | module | what it decides |
//! |---|---|
//! | [`notice`] | what a webhook says, by topic |
//! | [`payload`] | what a Shopify order payload means ([`payload::OrderPatch`]) |
//! | [`person`] | whom a privacy request is about, and whether something names them |
//! | [`shop`] | how shops are named |
//! | [`time`] | which times can be stored |
//! | [`topic`] | which webhook topics carry an order |
//! | [`status`] | how Shopify's statuses map onto the desk's five |
//! | [`money`] | exact amounts in minor units |
//! | [`fees`] | the shipping fee for a total |
//! | [`order`] | the stored state of an order and its field-level changes |
//! | [`channel`] | whether and how a webhook changes an order |
//! | [`edit`] | whether and how a person's edit changes an order |
//! | [`draft`] | what becomes of an edit under way when the order changes |
//! | [`search`] | what an order is found by |
//! | [`case`] | upper and lower case |
//! | [`api`] | the JSON that crosses the wire |
//! | [`sync`] | names on the live socket |
//! | [`presence`] | who has which order open |

pub mod api;
pub mod case;
pub mod channel;
pub mod draft;
pub mod edit;
pub mod fees;
pub mod money;
pub mod notice;
pub mod order;
pub mod payload;
pub mod person;
pub mod presence;
pub mod search;
pub mod shop;
pub mod status;
pub mod sync;
pub mod time;
pub mod topic;

#[cfg(test)]
mod samples;
