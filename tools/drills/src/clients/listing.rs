//! The orders that a client reads when it joins.

use domain::wire::{Order, OrderPage};

/// Reads all orders, page by page, as a client that joins later does.
pub async fn list(http: &reqwest::Client, url: &str) -> anyhow::Result<Vec<Order>> {
    let mut orders = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = format!("{url}/orders?limit=200{cursor}");
        let response = http.get(page).send().await?.error_for_status()?;
        let page: OrderPage = response.json().await?;
        orders.extend(page.data);
        match page.next_cursor {
            Some(next) if page.has_more => cursor = format!("&cursor={next}"),
            _ => return Ok(orders),
        }
    }
}
