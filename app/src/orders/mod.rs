//! Orders on the screen.
//!
//! - [`store`]: the rows, one signal each
//! - [`merge`]: which rows belong where: pure rules
//! - [`table`], [`row`], [`filters`], [`empty`]: how they look
//! - [`edit_modal`], [`edit_form`], [`fields`], [`draft`], [`conflict`]: changing one

pub mod conflict;
pub mod draft;
pub mod edit_form;
pub mod edit_modal;
pub mod empty;
pub mod fields;
pub mod filters;
pub mod merge;
pub mod row;
pub mod store;
pub mod table;
