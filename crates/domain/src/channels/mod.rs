//! Sales channels, from which orders come, and the content of their messages.
//!
//! | module | content |
//! |---|---|
//! | [`account`] | channels, a merchant's accounts with them, and the ids of orders |
//! | [`event`] | the content of a message, in the same form for every channel |
//! | [`data_subject`] | the person in a privacy request, and the search for their data |
//! | [`shop`] | the domains of Shopify's shops |

pub mod account;
pub mod data_subject;
pub mod event;
pub mod shop;
