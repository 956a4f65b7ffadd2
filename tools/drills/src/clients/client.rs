//! One dashboard client: connects, catches up, receives updates, and reconnects.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use bench::socket::{Event, SyncClient};
use domain::wire::sync::{CURSOR, ORDER_SYNCED, ORDERS_SYNCED};
use domain::wire::{Order, OrderChanges};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::view::View;

/// Pauses before reconnecting double as those of `socket.io-client`, but are shorter.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The updates that a client requests when it connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only an `ORDER_SYNCED` for each change.
    Plain,
    /// `ORDERS_SYNCED` frames, and cursors to catch up from, as the dashboard does.
    Dashboard,
}

/// State shared by a client and its task.
#[derive(Debug, Default)]
struct Shared {
    view: Mutex<View>,
    status: Mutex<Status>,
}

#[derive(Debug, Default, Clone)]
struct Status {
    /// Connected and caught up.
    live: bool,
    /// How often it became live.
    connections: u32,
    last_error: Option<String>,
}

/// A client that reconnects whenever its connection ends; ends when dropped.
#[derive(Debug)]
pub struct Client {
    name: String,
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl Client {
    /// Starts a client that connects to `urls`, to the next one each time.
    pub fn start(name: String, kind: Kind, urls: Vec<String>) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::default());
        let session = Session {
            kind,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(5))
                .build()?,
            shared: Arc::clone(&shared),
            // Received from an empty server, or read when catching up the first time.
            cursor: None,
        };
        let task = tokio::spawn(session.run(urls)).abort_handle();
        Ok(Self { name, shared, task })
    }

    /// Its name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The orders it shows.
    pub fn view(&self) -> MutexGuard<'_, View> {
        lock(&self.shared.view)
    }

    /// Whether it is connected and has caught up.
    pub fn is_live(&self) -> bool {
        lock(&self.shared.status).live
    }

    /// How often it connected and caught up.
    pub fn connections(&self) -> u32 {
        lock(&self.shared.status).connections
    }

    /// The error that ended its last connection.
    pub fn last_error(&self) -> Option<String> {
        lock(&self.shared.status).last_error.clone()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The task of a client.
struct Session {
    kind: Kind,
    http: reqwest::Client,
    shared: Arc<Shared>,
    cursor: Option<String>,
}

impl Session {
    async fn run(mut self, urls: Vec<String>) {
        let mut pause = FIRST_PAUSE;
        for url in urls.iter().cycle() {
            let before = lock(&self.shared.status).connections;
            let Err(error) = self.listen(url).await;
            let mut status = lock(&self.shared.status).clone();
            status.live = false;
            status.last_error = Some(format!("{error:#}"));
            let was_live = status.connections > before;
            *lock(&self.shared.status) = status;
            if was_live {
                pause = FIRST_PAUSE;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Connects and receives updates until the connection ends.
    async fn listen(&mut self, url: &str) -> anyhow::Result<std::convert::Infallible> {
        let auth = match self.kind {
            Kind::Plain => json!({}),
            Kind::Dashboard => json!({"batch": true, "cursor": true}),
        };
        // The client connects before it catches up, so that no update is missed.
        // Updates sent meanwhile wait in the socket.
        let mut socket = SyncClient::connect(url, auth).await?;
        self.catch_up(url).await?;
        {
            let mut status = lock(&self.shared.status);
            status.live = true;
            status.connections += 1;
        }
        loop {
            let event = socket.next().await?;
            self.apply(&event)?;
        }
    }

    fn apply(&mut self, event: &Event) -> anyhow::Result<()> {
        match event.name.as_str() {
            ORDER_SYNCED => lock(&self.shared.view).apply(&event.json::<Order>()?),
            ORDERS_SYNCED => {
                let orders: Vec<Order> = event.json()?;
                let mut view = lock(&self.shared.view);
                for order in &orders {
                    view.apply(order);
                }
            }
            CURSOR => self.cursor = Some(event.json()?),
            _ => {}
        }
        Ok(())
    }

    /// Applies the changes since the cursor; the first time, reads all orders.
    async fn catch_up(&mut self, url: &str) -> anyhow::Result<()> {
        let Some(mut cursor) = self.cursor.clone() else {
            let start: OrderChanges = self.get(&format!("{url}/orders/changes")).await?;
            for order in super::listing::list(&self.http, url).await? {
                lock(&self.shared.view).apply(&order);
            }
            self.cursor = Some(start.cursor);
            return Ok(());
        };
        loop {
            let since = format!("{url}/orders/changes?limit=200&since={cursor}");
            let changes: OrderChanges = self.get(&since).await?;
            let mut view = lock(&self.shared.view);
            for order in &changes.data {
                view.apply(order);
            }
            drop(view);
            cursor = changes.cursor;
            self.cursor = Some(cursor.clone());
            if !changes.has_more {
                return Ok(());
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> anyhow::Result<T> {
        let response = self.http.get(url).send().await?.error_for_status()?;
        response.json().await.context("unexpected response body")
    }
}
