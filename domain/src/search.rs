//! What an order is found by: words, so that both databases index the same.

use crate::order::OrderState;

/// The longest search, in characters.
pub const MAX_QUERY: usize = 100;

/// The words an order is found by, lower case, separated by blanks: its name,
/// Shopify id, customer and tracking number.
pub fn text_of(order: &OrderState) -> String {
    let id = order.shopify_order_id.to_string();
    let customer = order.channel.customer.as_ref();
    let parts = [
        Some(order.channel.name.as_str()),
        Some(id.as_str()),
        customer.and_then(|customer| customer.name.as_deref()),
        customer.and_then(|customer| customer.email.as_deref()),
        order.tracking_number.as_deref(),
    ];
    let words: Vec<String> = parts.into_iter().flatten().flat_map(words).collect();
    words.join(" ")
}

/// The words of a text: runs of letters and digits, lower case.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

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
    fn a_search_is_taken_apart_the_same_way() {
        assert_eq!(words(" #1001 ADA@Example "), ["1001", "ada", "example"]);
        assert!(words("--- !").is_empty());
        assert_eq!(words("Ægir Ößling"), ["ægir", "ößling"]);
    }
}
