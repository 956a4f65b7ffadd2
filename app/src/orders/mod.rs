//! Orders on the screen.
//!
//! The list: [`store`] holds the rows, one signal each ([`row_state`]), and the loaded
//! part of the list ([`window`], [`sort_key`], [`view`]); [`list`] loads what is missing
//! and [`concurrent_changes`] adds what changed during a request; [`user_activity`]
//! decides when rows may move.
//!
//! The view: [`panel`], [`search`], [`filters`], [`columns`], [`table`] ([`scroll`],
//! [`measure`], [`row_pool`], [`dom_order`], [`active_row`], [`row_navigation`]), [`row`]
//! ([`cells`]), [`empty`], [`announce`].
//!
//! Editing an order: [`edit_machine`] has the logic and [`editing`] connects it to the
//! page; [`edit_modal`], [`edit_form`], [`fields`], [`conflict`], [`notes`] and
//! [`history`] ([`change`]) show it.

pub mod active_row;
pub mod announce;
pub mod cells;
pub mod change;
pub mod columns;
pub mod concurrent_changes;
pub mod conflict;
pub mod dom_order;
pub mod edit_form;
pub mod edit_machine;
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
pub mod scroll;
pub mod search;
pub mod sort_key;
pub mod store;
pub mod table;
pub mod user_activity;
pub mod view;
pub mod window;
