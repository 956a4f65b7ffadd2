//! Orders on the screen.
//!
//! The list: [`store`] holds the rows, one signal each ([`row_state`]), and which
//! part of the list is known ([`window`], [`sort_key`], [`view`]); [`list`] loads
//! what is missing, [`meanwhile`] what it missed; [`hands`] says when it may move.
//!
//! How it looks: [`panel`], [`search`], [`filters`], [`columns`], [`table`]
//! ([`scroll`], [`measure`], [`pool`], [`dom_order`], [`active`], [`moves`]), [`row`]
//! ([`cells`]), [`empty`], [`announce`].
//!
//! Changing one: [`edit_modal`], [`edit_form`], [`fields`], [`editing`], [`save`],
//! [`conflict`], [`notes`], [`history`] ([`change`]).

pub mod active_row;
pub mod announce;
pub mod cells;
pub mod change;
pub mod columns;
pub mod concurrent_changes;
pub mod conflict;
pub mod dom_order;
pub mod edit_form;
pub mod edit_modal;
pub mod editing;
pub mod empty;
pub mod fields;
pub mod filters;
pub mod history;
pub mod list;
pub mod measure;
pub mod notes;
pub mod panel;
pub mod row;
pub mod row_navigation;
pub mod row_pool;
pub mod row_state;
pub mod save;
pub mod scroll;
pub mod search;
pub mod sort_key;
pub mod store;
pub mod table;
pub mod user_activity;
pub mod view;
pub mod window;
