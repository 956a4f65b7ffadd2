//! A new database for each test, and a queue name that no other test uses.

use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

use super::Folder;

/// The database and queue that a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    PostgresAndRedis,
}

/// The data store of a test server.
pub struct Store {
    pub name: String,
    pub database_url: String,
    pub redis_url: Option<String>,
    _folder: Option<Folder>,
}

impl Store {
    pub async fn create(backend: Backend) -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        match backend {
            Backend::Sqlite => {
                let folder = Folder::create();
                let file = folder.path().join("orders.db");
                Self {
                    name,
                    database_url: format!("sqlite://{}?mode=rwc", file.display()),
                    redis_url: None,
                    _folder: Some(folder),
                }
            }
            Backend::PostgresAndRedis => {
                let admin_url = service("TEST_DATABASE_URL");
                let admin = Database::connect(&admin_url).await.unwrap();
                admin
                    .execute_unprepared(&format!("CREATE DATABASE {name}"))
                    .await
                    .unwrap();
                let (server, _) = admin_url.rsplit_once('/').unwrap();
                Self {
                    database_url: format!("{server}/{name}"),
                    name,
                    redis_url: Some(service("TEST_REDIS_URL")),
                    _folder: None,
                }
            }
        }
    }

    /// A placeholder for a store that was moved out of its `TestApp`.
    pub fn none() -> Self {
        Self {
            name: String::new(),
            database_url: String::new(),
            redis_url: None,
            _folder: None,
        }
    }
}

/// The address of a service. A missing one is a failure, so that no test is skipped
/// unnoticed.
fn service(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run `make test`, or scripts/with-services.sh cargo test")
    })
}
