//! Deliveries on the screen: the webhooks that channels sent, and their outcome.
//!
//! - [`store`]: the rows, one signal each; [`load`] and [`refresh`] fetch them,
//!   [`show`] patches them, [`retry`] retries them
//! - [`merge`]: which rows a newly loaded page adds, keeps and drops: pure rules
//! - [`list`], [`row`], [`filters`], [`search`], [`empty`]: the panel
//! - [`retry_all`]: the confirmation before retrying many
//! - [`shops`], [`shop_line`], [`shop_list`], [`shop_store`]: the shops they
//!   come from, and removing one
//! - [`payload`], [`payload_parts`], [`loaded`], [`facts`], [`body`],
//!   [`pretty`], [`clipboard`]: the viewer of one delivery

pub mod body;
pub mod clipboard;
pub mod empty;
pub mod facts;
pub mod filters;
pub mod list;
pub mod load;
pub mod loaded;
pub mod merge;
pub mod payload;
pub mod payload_parts;
pub mod pretty;
pub mod refresh;
pub mod retry;
pub mod retry_all;
pub mod row;
pub mod search;
pub mod shop_line;
pub mod shop_list;
pub mod shop_store;
pub mod shops;
pub mod show;
pub mod store;

use domain::wire::{DeliveryStats, Problem};

use crate::format;

/// The path of the page.
pub const PATH: &str = domain::pages::Page::Deliveries.path();

/// Not processed yet.
pub const PENDING: &str = "pending";

/// Failed for good; can be retried.
pub const DEAD: &str = "dead";

/// The states of a delivery, in the order of the filter chips.
pub const STATES: [&str; 7] = [
    PENDING,
    "applied",
    "unchanged",
    "discarded",
    "ignored",
    "rejected",
    DEAD,
];

/// A state, for people.
pub fn label(state: &str) -> String {
    let mut label = state.to_owned();
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    label
}

/// A count that stops at [`DeliveryStats::MAX_COUNT`]: `12`, `10,000+`.
pub fn at_least(count: u64) -> String {
    let more = if count >= DeliveryStats::MAX_COUNT {
        "+"
    } else {
        ""
    };
    format!("{}{more}", format::count(count))
}

/// `1 delivery`, `1,204 deliveries`.
pub fn deliveries(count: u64) -> String {
    match count {
        1 => "1 delivery".to_owned(),
        _ => format!("{} deliveries", format::count(count)),
    }
}

/// The reason of a failure, for people: in the words of the server, if it sent any.
pub fn reason(problem: Problem) -> String {
    match problem.detail {
        // Status 0 never reached the server: the detail is a technical text of the browser.
        Some(detail) if problem.status != 0 => format!("{}: {detail}.", problem.title),
        _ => format!("{}.", problem.title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capped_count_says_that_there_may_be_more() {
        assert_eq!(at_least(9_999), "9,999");
        assert_eq!(at_least(10_000), "10,000+");
    }

    #[test]
    fn states_are_capitalised() {
        assert_eq!(label(DEAD), "Dead");
        assert_eq!(label(""), "");
    }
}
