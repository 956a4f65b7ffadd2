//! A running server, and the functions with which tests use it.

mod backend;
mod folder;
mod proxy;
mod webhook;

use std::time::Duration;

use channels::shopify::signature::WebhookSecrets;
use domain::wire::{Order, OrderPage};
use inbox::deliveries::entity as delivery;
use orders::entities::order_event;
use platform::db::Db;
use platform::queue::retry::RetryPolicy;
use reqwest::{Client, Response, StatusCode};
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};
use serde_json::Value;
use server::composition;
use server::config::{Config, Limits};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use backend::{Backend, Store};
pub use folder::Folder;
pub use proxy::Proxy;
pub use webhook::{Webhook, order, webhook};

/// The secret with which test webhooks are signed.
pub const SECRET: &str = "test-secret";

/// The longest time that a test waits for a condition before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs each test function on both backends.
#[macro_export]
macro_rules! on_both_backends {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                use $crate::helpers::{Backend, TestApp};
                super::$name(TestApp::spawn(Backend::Sqlite).await).await;
            })*
        }
        mod on_postgres_and_redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                use $crate::helpers::{Backend, TestApp};
                super::$name(TestApp::spawn(Backend::PostgresAndRedis).await).await;
            })*
        }
    };
}

/// A server for one test; it is stopped when dropped.
pub struct TestApp {
    pub url: String,
    pub http: Client,
    pub store: Store,
    /// The server's database, for checks and changes that the API does not offer.
    pub db: DatabaseConnection,
    pub config: Config,
    shutdown: CancellationToken,
    server: Option<JoinHandle<anyhow::Result<()>>>,
}

impl TestApp {
    pub async fn spawn(backend: Backend) -> Self {
        let store = Store::create(backend).await;
        let config = config(&store);
        Self::start(store, config).await
    }

    /// Starts with the settings of a test.
    pub async fn start(store: Store, config: Config) -> Self {
        let app = Self::start_unready(store, config).await;
        app.until("the server is ready", async || {
            app.get("/readyz").await.status() == StatusCode::OK
        })
        .await;
        app
    }

    /// Starts without waiting for the database.
    pub async fn start_unready(store: Store, config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // A third of these connections are for reads; a test may use several at a time.
        let db = Db::open(&store.database_url, 12)
            .await
            .unwrap()
            .read()
            .clone();
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(composition::run(listener, config.clone(), shutdown.clone()));
        Self {
            url,
            http: Client::new(),
            store,
            db,
            config,
            shutdown,
            server: Some(server),
        }
    }

    /// Stops gracefully and starts again on the same database.
    pub async fn restart(mut self) -> Self {
        self.shutdown.cancel();
        self.server.take().unwrap().await.unwrap().unwrap();
        let store = std::mem::replace(&mut self.store, Store::none());
        Self::start(store, self.config.clone()).await
    }

    /// Starts a graceful shutdown, as SIGTERM does.
    pub fn ask_to_stop(&self) {
        self.shutdown.cancel();
    }

    pub async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.url);
        self.http.get(url).send().await.unwrap()
    }

    pub async fn put(&self, id: &str, body: Value) -> Response {
        let url = format!("{}/orders/{id}", self.url);
        self.http.put(url).json(&body).send().await.unwrap()
    }

    /// Every order, newest first.
    pub async fn orders(&self) -> Vec<Order> {
        let page: OrderPage = self.get("/orders?limit=200").await.json().await.unwrap();
        page.data
    }

    /// The only order.
    pub async fn order(&self) -> Order {
        let mut orders = self.orders().await;
        assert_eq!(orders.len(), 1, "expected one order: {orders:?}");
        orders.remove(0)
    }

    /// Every delivery, in order of arrival.
    pub async fn deliveries(&self) -> Vec<delivery::Model> {
        let query = delivery::Entity::find().order_by_asc(delivery::Column::Id);
        query.all(&self.db).await.unwrap()
    }

    /// The history of all orders, oldest first.
    pub async fn events(&self) -> Vec<order_event::Model> {
        let query = order_event::Entity::find().order_by_asc(order_event::Column::Id);
        query.all(&self.db).await.unwrap()
    }

    /// Sends a webhook, expects it to be accepted, and waits until no delivery is pending.
    pub async fn deliver(&self, webhook: Webhook) {
        let answer = webhook.send(self).await;
        assert_eq!(answer.status(), StatusCode::OK);
        self.drained().await;
    }

    /// Waits until no delivery is pending.
    pub async fn drained(&self) {
        self.until("the inbox is drained", async || {
            let deliveries = self.deliveries().await;
            deliveries
                .iter()
                .all(|delivery| delivery.state != delivery::DeliveryState::Pending)
        })
        .await;
    }

    /// Waits for a condition.
    pub async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(waited.await.is_ok(), "gave up waiting until {what}");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// The settings of a test: as in production, but with short pauses between retries.
pub fn config(store: &Store) -> Config {
    Config {
        database_url: store.database_url.clone(),
        redis_url: store.redis_url.clone(),
        queue_name: store.name.clone(),
        secrets: WebhookSecrets::parse(&format!("older-secret,{SECRET}")).unwrap(),
        tiers: domain::orders::fees::ShippingTiers::default(),
        retry: RetryPolicy {
            base: Duration::from_millis(50),
            ..RetryPolicy::default()
        },
        allowed_origins: Vec::new(),
        allowed_hosts: Vec::new(),
        allowed_shops: Vec::new(),
        payload_retention: Some(chrono::TimeDelta::days(90)),
        limits: Limits::DEFAULT,
        trusted_proxies: Vec::new(),
        database_connections: 8,
        drain: Duration::ZERO,
        site_root: "../target/site".into(),
        demo: false,
    }
}

/// The status, the type and the body of a problem.
pub async fn problem(response: Response) -> (StatusCode, String, Value) {
    let status = response.status();
    let content_type = response.headers().get("content-type").cloned();
    assert_eq!(content_type.unwrap(), "application/problem+json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status.as_u16());
    let kind = body["type"].as_str().unwrap();
    let kind = kind.strip_prefix("/problems/").unwrap().to_owned();
    (status, kind, body)
}
