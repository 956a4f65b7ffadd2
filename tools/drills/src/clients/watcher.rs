//! One dashboard: connects, catches up, listens, and does so again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use bench::socket::{Event, SyncClient};
use domain::wire::sync::{CURSOR, ORDER_SYNCED, ORDERS_SYNCED};
use domain::wire::{Order, OrderChanges};
use reqwest::Client;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::view::View;

/// Pauses before connecting again, as `socket.io-client` does, in a hurry.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What a client asks for when it connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One `ORDER_SYNCED` a change, and no more.
    Plain,
    /// `ORDERS_SYNCED` frames, and cursors to catch up from: the dashboard.
    Dashboard,
}

/// What a watcher and those who ask it share.
#[derive(Debug, Default)]
struct Shared {
    view: Mutex<View>,
    state: Mutex<Connection>,
}

#[derive(Debug, Default, Clone)]
struct Connection {
    /// Connected, and caught up since.
    live: bool,
    /// Times it was.
    count: u32,
    trouble: Option<String>,
}

/// A client that stays connected, whatever happens; ends when dropped.
#[derive(Debug)]
pub struct Watcher {
    name: String,
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl Watcher {
    /// Starts one that connects to `urls`, the next one each time.
    pub fn start(name: String, kind: Kind, urls: Vec<String>) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::default());
        let session = Session {
            kind,
            http: Client::builder().timeout(Duration::from_secs(5)).build()?,
            shared: Arc::clone(&shared),
            // Of an empty desk, or read with the first catching up.
            cursor: None,
        };
        let task = tokio::spawn(session.run(urls)).abort_handle();
        Ok(Self { name, shared, task })
    }

    /// For messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it shows.
    pub fn view(&self) -> MutexGuard<'_, View> {
        lock(&self.shared.view)
    }

    /// It is connected and has caught up.
    pub fn is_live(&self) -> bool {
        lock(&self.shared.state).live
    }

    /// How often it connected.
    pub fn connections(&self) -> u32 {
        lock(&self.shared.state).count
    }

    /// What went wrong last.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.shared.state).trouble.clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The task behind a watcher.
struct Session {
    kind: Kind,
    http: Client,
    shared: Arc<Shared>,
    cursor: Option<String>,
}

impl Session {
    async fn run(mut self, urls: Vec<String>) {
        let mut pause = FIRST_PAUSE;
        for url in urls.iter().cycle() {
            let before = lock(&self.shared.state).count;
            let Err(error) = self.listen(url).await;
            let mut state = lock(&self.shared.state).clone();
            state.live = false;
            state.trouble = Some(format!("{error:#}"));
            let was_live = state.count > before;
            *lock(&self.shared.state) = state;
            if was_live {
                pause = FIRST_PAUSE;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One connection, until it breaks.
    async fn listen(&mut self, url: &str) -> anyhow::Result<std::convert::Infallible> {
        let auth = match self.kind {
            Kind::Plain => json!({}),
            Kind::Dashboard => json!({"batch": true, "cursor": true}),
        };
        // Listening before catching up: nothing falls in between. What is
        // pushed meanwhile waits in the socket.
        let mut socket = SyncClient::connect(url, auth).await?;
        self.catch_up(url).await?;
        {
            let mut state = lock(&self.shared.state);
            state.live = true;
            state.count += 1;
        }
        loop {
            let event = socket.next().await?;
            self.hear(&event)?;
        }
    }

    fn hear(&mut self, event: &Event) -> anyhow::Result<()> {
        match event.name.as_str() {
            ORDER_SYNCED => lock(&self.shared.view).hear(&event.json::<Order>()?),
            ORDERS_SYNCED => {
                let orders: Vec<Order> = event.json()?;
                let mut view = lock(&self.shared.view);
                for order in &orders {
                    view.hear(order);
                }
            }
            CURSOR => self.cursor = Some(event.json()?),
            _ => {}
        }
        Ok(())
    }

    /// Applies what changed since the cursor; the first time, reads everything.
    async fn catch_up(&mut self, url: &str) -> anyhow::Result<()> {
        let Some(mut cursor) = self.cursor.clone() else {
            let start: OrderChanges = self.get(&format!("{url}/orders/changes")).await?;
            for order in super::list(&self.http, url).await? {
                lock(&self.shared.view).hear(&order);
            }
            self.cursor = Some(start.cursor);
            return Ok(());
        };
        loop {
            let since = format!("{url}/orders/changes?limit=200&since={cursor}");
            let gap: OrderChanges = self.get(&since).await?;
            let mut view = lock(&self.shared.view);
            for order in &gap.data {
                view.hear(order);
            }
            drop(view);
            cursor = gap.cursor;
            self.cursor = Some(cursor.clone());
            if !gap.has_more {
                return Ok(());
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> anyhow::Result<T> {
        let answer = self.http.get(url).send().await?.error_for_status()?;
        answer.json().await.context("an answer of another shape")
    }
}
