//! Waits until all webhooks were applied and a dashboard has received the last
//! status of every order.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::http::HttpConnection;
use crate::server::Server;
use crate::socket::{Event, SyncClient};
use crate::webhook::Webhooks;

/// How often progress is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// After this long without a broadcast, no more are expected.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// The fields used of an order in a frame.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderStatus<'a> {
    #[serde(borrow)]
    shopify_order_id: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
}

/// The orders that have reached their last status.
#[derive(Debug)]
struct Checklist {
    first_id: u64,
    status: &'static str,
    done: Vec<bool>,
    left: usize,
}

impl Checklist {
    fn check_off(&mut self, event: &Event) -> serde_json::Result<()> {
        let orders: Vec<OrderStatus> = serde_json::from_str(event.data.get())?;
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

/// A client that receives `ORDERS_SYNCED` frames, as the dashboard does, and tracks
/// which orders have reached their last status.
#[derive(Debug)]
pub struct OrderTracker {
    left: Arc<AtomicU64>,
    task: JoinHandle<anyhow::Result<Instant>>,
}

/// When everything was applied and received.
#[derive(Debug, Clone, Copy)]
pub struct Completion {
    /// When the last order was received and no webhook was left to apply.
    pub at: Instant,
    /// Orders whose last status was never received.
    pub unseen: u64,
}

impl OrderTracker {
    /// Connects, and tracks the orders of the first `count` webhooks.
    pub async fn connect(url: &str, webhooks: &Webhooks, count: u64) -> anyhow::Result<Self> {
        let mut client = SyncClient::connect(url, json!({"batch": true})).await?;
        let orders = usize::try_from(webhooks.orders(count))?;
        let mut list = Checklist {
            first_id: webhooks.first_id(),
            status: webhooks.last_event().status(),
            done: vec![false; orders],
            left: orders,
        };
        let left = Arc::new(AtomicU64::new(orders as u64));
        let shared = Arc::clone(&left);
        let task = tokio::spawn(async move {
            while list.left > 0 {
                list.check_off(&client.next().await?)?;
                shared.store(list.left as u64, Ordering::Relaxed);
            }
            anyhow::Ok(Instant::now())
        });
        Ok(Self { left, task })
    }

    /// Waits until every webhook was applied and every order was received. To be
    /// called when all webhooks were sent.
    pub async fn wait(self, server: &Server, timeout: Duration) -> anyhow::Result<Completion> {
        let begin = Instant::now();
        let applied = wait_until_applied(server, timeout).await?;
        let mut last = (self.left.load(Ordering::Relaxed), Instant::now());
        while !self.task.is_finished() && last.1.elapsed() < IDLE_TIMEOUT {
            tokio::time::sleep(POLL_INTERVAL).await;
            let left = self.left.load(Ordering::Relaxed);
            if left != last.0 {
                last = (left, Instant::now());
            }
            if begin.elapsed() > timeout {
                bail!("{left} orders were not received in time");
            }
        }
        let unseen = self.left.load(Ordering::Relaxed);
        if unseen > 0 && !self.task.is_finished() {
            self.task.abort();
            return Ok(Completion {
                at: applied,
                unseen,
            });
        }
        let received = self.task.await??;
        Ok(Completion {
            at: received.max(applied),
            unseen,
        })
    }
}

/// Waits until no webhook is left to apply; returns the time of that.
pub async fn wait_until_applied(server: &Server, timeout: Duration) -> anyhow::Result<Instant> {
    let begin = Instant::now();
    let mut connection = HttpConnection::open(server.address).await?;
    loop {
        let response = connection.get("/deliveries?state=pending&limit=1").await?;
        if response.status == 200 && memchr::memmem::find(response.body, b"\"data\":[]").is_some() {
            return Ok(Instant::now());
        }
        if begin.elapsed() > timeout {
            bail!("webhooks were not applied in time");
        }
        tokio::time::sleep(POLL_INTERVAL).await;
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
        let mut check_off = |orders: serde_json::Value| {
            let data = serde_json::value::to_raw_value(&orders).unwrap();
            let name = "ORDERS_SYNCED".to_owned();
            list.check_off(&Event { name, data }).unwrap();
            list.left
        };
        let order =
            |id: &str, status| json!({"shopifyOrderId": id, "status": status, "version": 1});
        assert_eq!(check_off(json!([order("100", "PENDING")])), 2);
        assert_eq!(
            check_off(json!([order("100", "CONFIRMED"), order("99", "CONFIRMED")])),
            1
        );
        assert_eq!(
            check_off(json!([
                order("100", "CONFIRMED"),
                order("102", "CONFIRMED")
            ])),
            1
        );
        assert_eq!(check_off(json!([order("101", "CONFIRMED")])), 0);
    }
}
