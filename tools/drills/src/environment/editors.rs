//! Edits by users, which need no queue and so continue while Redis is down.

use std::time::Duration;

use chrono::Utc;
use reqwest::Client;
use serde_json::json;
use simulator::SampleOrder;
use uuid::Uuid;

use super::Environment;
use crate::clients::view::Versions;
use crate::wait::wait_until;

/// Orders that no other webhook is about, so that no later update can hide a missed one.
const FIRST_QUIET_ORDER: u64 = 960_000;
const QUIET_ORDERS: u64 = 5;

impl Environment {
    /// Creates some orders that no other webhook is about, and waits until all clients
    /// show them.
    pub async fn quiet_orders(&self) -> anyhow::Result<Versions> {
        for number in 0..QUIET_ORDERS {
            let order = SampleOrder::new(FIRST_QUIET_ORDER + number).updated_at(Utc::now());
            let id = Uuid::new_v4().to_string();
            self.load
                .send(order.to_delivery("orders/create", &id))
                .await;
        }
        let mut quiet = Versions::new();
        wait_until("all clients show the quiet orders", Duration::from_secs(30), async || {
            let sql = "SELECT id, version FROM orders WHERE shopify_order_id BETWEEN 960000 AND 969999";
            let rows: Vec<(Uuid, i64)> = self.database.rows(sql).await?;
            quiet = rows.into_iter().collect();
            Ok(quiet.len() as u64 == QUIET_ORDERS && self.clients.cover(&quiet))
        })
        .await?;
        Ok(quiet)
    }

    /// Edits the note of each of these orders on the first instance.
    pub async fn edit(&self, orders: &mut Versions) -> anyhow::Result<()> {
        let http = Client::builder().timeout(Duration::from_secs(10)).build()?;
        for (order, version) in orders {
            let url = format!("{}/orders/{order}", self.instances[0].url());
            let note = json!({"version": version, "notes": format!("note {version}")});
            let response = http.put(url).json(&note).send().await?;
            response.error_for_status()?;
            *version += 1;
        }
        Ok(())
    }
}
