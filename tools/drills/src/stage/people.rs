//! People at the desk: edits by hand, which need no queue and so go on while
//! Redis is away.

use std::time::Duration;

use chrono::Utc;
use reqwest::Client;
use serde_json::json;
use simulator::SampleOrder;
use uuid::Uuid;

use super::Stage;
use crate::clients::view::Versions;
use crate::until::until;

/// Orders nothing else happens to: news about them heals no gap.
const QUIET: u64 = 960_000;
const COUNT: u64 = 5;

impl Stage {
    /// Some orders that no webhook of the stream is about; all clients know them.
    pub async fn quiet_orders(&self) -> anyhow::Result<Versions> {
        for number in 0..COUNT {
            let order = SampleOrder::new(QUIET + number).updated_at(Utc::now());
            let id = Uuid::new_v4().to_string();
            self.load
                .send(order.to_delivery("orders/create", &id))
                .await;
        }
        let mut quiet = Versions::new();
        until("the quiet orders are known", Duration::from_secs(30), async || {
            let sql = "SELECT id, version FROM orders WHERE shopify_order_id BETWEEN 960000 AND 969999";
            let rows: Vec<(Uuid, i64)> = self.database.rows(sql).await?;
            quiet = rows.into_iter().collect();
            Ok(quiet.len() as u64 == COUNT && self.audience.covers(&quiet))
        })
        .await?;
        Ok(quiet)
    }

    /// Somebody at the first instance writes a note on each of these orders.
    pub async fn edit(&self, orders: &mut Versions) -> anyhow::Result<()> {
        let http = Client::builder().timeout(Duration::from_secs(10)).build()?;
        for (order, version) in orders {
            let url = format!("{}/orders/{order}", self.instances[0].url());
            let note = json!({"version": version, "notes": format!("note {version}")});
            let answer = http.put(url).json(&note).send().await?;
            answer.error_for_status()?;
            *version += 1;
        }
        Ok(())
    }
}
