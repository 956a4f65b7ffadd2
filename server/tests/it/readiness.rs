//! Readiness while databases and queues are reachable but cannot be used.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::helpers::{Backend, Proxy, Store, TestApp, config, order, problem, webhook};

/// A Redis for one test; it is stopped when dropped, also when the test fails.
struct Redis(std::process::Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn readiness(app: &TestApp) -> (StatusCode, Value) {
    let answer = app.get("/readyz").await;
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_read_only_is_used_again_when_it_is_writable() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    let admin = Database::connect(&app.store.database_url).await.unwrap();
    let set = async |value: &str| {
        let name = &app.store.name;
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
        // The session of the test may be read-only itself when it changes the setting back.
        admin
            .execute_unprepared("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
            .await
            .unwrap();
        admin.execute_unprepared(&sql).await.unwrap();
    };
    let end_sessions = async || {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        admin.execute_unprepared(sql).await.unwrap();
    };
    let mut sent = 0;
    let mut send = async || {
        sent += 1;
        let webhook = webhook("orders/create", &order(sent, 0, json!({})));
        webhook.send(&app).await.status()
    };
    set("on").await;
    // As after a switch-over, every session is new; a session stays read-only if it was
    // opened read-only.
    end_sessions().await;
    let mut refused = 0;
    for _ in 0..50 {
        if send().await == StatusCode::SERVICE_UNAVAILABLE {
            refused += 1;
        }
    }
    assert!(refused >= 20, "{refused} of 50 were refused");
    let (status, body) = readiness(&app).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert_eq!(body["database"], "unavailable");

    set("off").await;
    app.until("webhooks are accepted again", async || {
        readiness(&app).await.0 == StatusCode::OK
    })
    .await;
    let mut refused = 0;
    for _ in 0..100 {
        if send().await != StatusCode::OK {
            refused += 1;
        }
    }
    // A few writes may fail before their read-only sessions are replaced.
    assert!(refused <= 5, "{refused} of 100 were refused after it ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_does_not_answer_degrades_readiness_without_slowing_the_check() {
    let store = Store::create(Backend::PostgresAndRedis).await;
    let mut config = config(&store);
    let redis_url = config.redis_url.take().unwrap();
    let redis = Proxy::start(&redis_url, true).await;
    config.redis_url = Some(redis.instead_of(&redis_url));
    let app = TestApp::start(store, config).await;
    redis.stall();
    for _ in 0..3 {
        let asked = Instant::now();
        // Balancers, people and monitoring may check at the same time.
        let (one, two, three) = tokio::join!(readiness(&app), readiness(&app), readiness(&app));
        assert!(
            asked.elapsed() < Duration::from_secs(2),
            "{:?}",
            asked.elapsed()
        );
        for (status, body) in [one, two, three] {
            assert_eq!(
                (status, &body["status"]),
                (StatusCode::OK, &json!("degraded"))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_without_free_memory_degrades_readiness() {
    let folder = crate::helpers::Folder::create();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let _redis = Redis(
        std::process::Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", ""])
            .args(["--maxmemory-policy", "noeviction"])
            .current_dir(folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap(),
    );
    let store = Store::create(Backend::PostgresAndRedis).await;
    let mut config = config(&store);
    let url = format!("redis://127.0.0.1:{port}");
    config.redis_url = Some(url.clone());
    let app = TestApp::start(store, config).await;
    app.until("it is ready", async || {
        readiness(&app).await.1["status"] == "ready"
    })
    .await;
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut limit = redis::cmd("CONFIG");
    let limit = limit.arg("SET").arg("maxmemory").arg("1mb");
    limit.query_async::<()>(&mut connection).await.unwrap();
    let (status, body) = readiness(&app).await;
    assert_eq!(
        (status, &body["queue"]),
        (StatusCode::OK, &json!("unavailable"))
    );
    // Webhooks are accepted nevertheless.
    let webhook = webhook("orders/create", &order(1, 0, json!({})));
    assert_eq!(webhook.send(&app).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_deleted_database_file_webhooks_are_refused() {
    let app = TestApp::spawn(Backend::Sqlite).await;
    let taken = webhook("orders/create", &order(1, 0, json!({})));
    assert_eq!(taken.send(&app).await.status(), StatusCode::OK);
    let path = app.store.database_url.strip_prefix("sqlite://").unwrap();
    std::fs::remove_file(path.split('?').next().unwrap()).unwrap();
    let (status, body) = readiness(&app).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    // A webhook that was written to the deleted file would be lost when the process ends.
    let lost = webhook("orders/create", &order(2, 0, json!({})));
    let (status, kind, _) = problem(lost.send(&app).await).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "not-stored")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_inbox_answers_every_webhook_before_shopify_gives_up() {
    let app = TestApp::spawn(Backend::PostgresAndRedis).await;
    app.deliver(webhook("orders/create", &order(1, 0, json!({}))))
        .await;
    let admin = Database::connect(&app.store.database_url).await.unwrap();
    let lock = sea_orm::TransactionTrait::begin(&admin).await.unwrap();
    lock.execute_unprepared("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let send = async |id: u64| {
        // Sent one after the other, so that some of them wait for the commit before theirs.
        tokio::time::sleep(Duration::from_millis(id * 100)).await;
        let webhook = webhook("orders/create", &order(id, 0, json!({})));
        let sent = Instant::now();
        let status = webhook.send(&app).await.status();
        (status, sent.elapsed())
    };
    let sent = futures::future::join_all((2..60).map(send)).await;
    for (status, took) in sent {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(took < Duration::from_millis(4_800), "{took:?}");
    }
    lock.rollback().await.unwrap();
    app.until("webhooks are accepted again", async || {
        let again = webhook("orders/create", &order(99, 0, json!({})));
        again.send(&app).await.status() == StatusCode::OK
    })
    .await;
}
