//! The words by which orders are found. They are computed here, so that both databases
//! index the same words and the browser finds the same orders.

use crate::case::lower;
use crate::orders::order::OrderState;
use crate::wire::Order;

/// The longest search, in characters.
pub const MAX_QUERY: usize = 100;

/// The words by which an order is found, in lower case and separated by blanks: of its
/// name, the channel's id, the customer and the tracking number.
pub fn text_of(order: &OrderState) -> String {
    let customer = order.channel.customer.as_ref();
    let parts = [
        Some(order.channel.name.as_str()),
        Some(order.key.external_id.as_str()),
        customer.and_then(|customer| customer.name.as_deref()),
        customer.and_then(|customer| customer.email.as_deref()),
        order.tracking_number.as_deref(),
    ];
    let words: Vec<String> = parts.into_iter().flatten().flat_map(words).collect();
    words.join(" ")
}

/// Whether a search finds an order: every word of the search must be the beginning of a
/// word of the order.
pub fn finds(q: &str, order: &Order) -> bool {
    let wanted = words(q);
    let customer = order.customer.as_ref();
    let parts = [
        Some(order.name.clone()),
        order.shopify_order_id.map(|id| id.to_string()),
        customer.and_then(|customer| customer.name.clone()),
        customer.and_then(|customer| customer.email.clone()),
        order.tracking_number.clone(),
    ];
    let has: Vec<_> = parts
        .iter()
        .flatten()
        .flat_map(|part| words(part))
        .collect();
    let found = |word: &String| has.iter().any(|has| has.starts_with(word.as_str()));
    !wanted.is_empty() && wanted.iter().all(found)
}

/// The words of a text: runs of letters and digits, lower case.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(lower)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::samples;

    #[test]
    fn an_order_is_found_by_name_id_customer_and_tracking_number() {
        let mut order = samples::order();
        order.tracking_number = Some("1Z-999".into());
        assert_eq!(
            text_of(&order),
            "1001 450789469 ada byron ada example com 1z 999"
        );
    }

    #[test]
    fn a_browser_finds_the_same_orders_as_the_database() {
        let order = Order::from(&samples::order());
        for found in ["1001", "#1001", "ada byr", "BYRON exam", "450789"] {
            assert!(finds(found, &order), "{found}");
        }
        for not_found in ["1002", "ada lovelace", "yron", "", "--"] {
            assert!(!finds(not_found, &order), "{not_found}");
        }
    }

    #[test]
    fn a_search_is_split_into_words_like_an_order() {
        assert_eq!(words(" #1001 ADA@Example "), ["1001", "ada", "example"]);
        assert!(words("--- !").is_empty());
        assert_eq!(words("Ægir Ößling"), ["ægir", "ößling"]);
    }
}
