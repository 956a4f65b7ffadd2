//! A dashboard that watches until it has seen the last of every order.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::http::Connection;
use crate::server::Server;
use crate::socket::{Event, SyncClient};
use crate::webhook::Webhooks;

/// How often to look whether anything is left.
const LOOK: Duration = Duration::from_millis(50);

/// An order that was applied long ago and never broadcast will not be.
const SILENCE: Duration = Duration::from_secs(15);

/// What is left of an order in a frame, for here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen<'a> {
    #[serde(borrow)]
    shopify_order_id: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
}

/// Which orders have reached their last status.
#[derive(Debug)]
struct Checklist {
    first_id: u64,
    status: &'static str,
    done: Vec<bool>,
    left: usize,
}

impl Checklist {
    fn see(&mut self, event: &Event) -> serde_json::Result<()> {
        let orders: Vec<Seen> = serde_json::from_str(event.data.get())?;
        for order in orders {
            let id = order.shopify_order_id.parse::<u64>().unwrap_or_default();
            let at = usize::try_from(id.wrapping_sub(self.first_id)).unwrap_or(usize::MAX);
            if order.status == self.status
                && let Some(done) = self.done.get_mut(at)
                && !*done
            {
                *done = true;
                self.left -= 1;
            }
        }
        Ok(())
    }
}

/// Watches over `ORDERS_SYNCED` frames, as the dashboard does.
#[derive(Debug)]
pub struct Witness {
    left: Arc<AtomicU64>,
    task: JoinHandle<anyhow::Result<Instant>>,
}

/// When everything was over.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// When the last order was seen and nothing was left to apply.
    pub at: Instant,
    /// Orders whose last status was never seen.
    pub unseen: u64,
}

impl Witness {
    /// Begins to watch for what the first `count` webhooks tell.
    pub async fn connect(url: &str, webhooks: &Webhooks, count: u64) -> anyhow::Result<Self> {
        let mut client = SyncClient::connect(url, json!({"batch": true})).await?;
        let orders = usize::try_from(webhooks.orders(count))?;
        let mut list = Checklist {
            first_id: webhooks.first_id(),
            status: webhooks.last_news().status(),
            done: vec![false; orders],
            left: orders,
        };
        let left = Arc::new(AtomicU64::new(orders as u64));
        let shared = Arc::clone(&left);
        let task = tokio::spawn(async move {
            while list.left > 0 {
                list.see(&client.next().await?)?;
                shared.store(list.left as u64, Ordering::Relaxed);
            }
            anyhow::Ok(Instant::now())
        });
        Ok(Self { left, task })
    }

    /// Waits until every order was seen and every webhook was applied. Call when
    /// all were sent.
    pub async fn wait(self, server: &Server, patience: Duration) -> anyhow::Result<Over> {
        let begin = Instant::now();
        let applied = applied(server, patience).await?;
        let mut last = (self.left.load(Ordering::Relaxed), Instant::now());
        while !self.task.is_finished() && last.1.elapsed() < SILENCE {
            tokio::time::sleep(LOOK).await;
            let left = self.left.load(Ordering::Relaxed);
            if left != last.0 {
                last = (left, Instant::now());
            }
            if begin.elapsed() > patience {
                bail!("{left} orders were not seen in time");
            }
        }
        let unseen = self.left.load(Ordering::Relaxed);
        if unseen > 0 && !self.task.is_finished() {
            self.task.abort();
            return Ok(Over {
                at: applied,
                unseen,
            });
        }
        let seen = self.task.await??;
        Ok(Over {
            at: seen.max(applied),
            unseen,
        })
    }
}

/// Waits until no webhook is left to apply; returns when that was.
pub async fn applied(server: &Server, patience: Duration) -> anyhow::Result<Instant> {
    let begin = Instant::now();
    let mut connection = Connection::open(server.address).await?;
    loop {
        let answer = connection.get("/deliveries?state=pending&limit=1").await?;
        if answer.status == 200 && memchr::memmem::find(answer.body, b"\"data\":[]").is_some() {
            return Ok(Instant::now());
        }
        if begin.elapsed() > patience {
            bail!("webhooks were not applied in time");
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_counts_once_and_only_in_its_last_status() {
        let mut list = Checklist {
            first_id: 100,
            status: "CONFIRMED",
            done: vec![false; 2],
            left: 2,
        };
        let mut see = |orders: serde_json::Value| {
            let data = serde_json::value::to_raw_value(&orders).unwrap();
            let name = "ORDERS_SYNCED".to_owned();
            list.see(&Event { name, data }).unwrap();
            list.left
        };
        let order =
            |id: &str, status| json!({"shopifyOrderId": id, "status": status, "version": 1});
        assert_eq!(see(json!([order("100", "PENDING")])), 2);
        assert_eq!(
            see(json!([order("100", "CONFIRMED"), order("99", "CONFIRMED")])),
            1
        );
        assert_eq!(
            see(json!([
                order("100", "CONFIRMED"),
                order("102", "CONFIRMED")
            ])),
            1
        );
        assert_eq!(see(json!([order("101", "CONFIRMED")])), 0);
    }
}
