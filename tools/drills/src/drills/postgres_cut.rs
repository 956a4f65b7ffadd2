//! Connections to `PostgreSQL` are cut during transactions: terminated by the database,
//! and reset by the proxy.

use std::time::Duration;

use tokio::time::interval;

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// Every this many rounds, the proxy resets all connections.
const RESET_EVERY: usize = 5;

/// Terminates all active connections except those of the drills.
const TERMINATE_ACTIVE: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name <> 'drills' AND state <> 'idle'";

/// Cuts connections four times a second.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    let mut rounds = interval(Duration::from_millis(250));
    let mut terminated = 0;
    for round in 1..=settings.pick(60, 20) {
        rounds.tick().await;
        if round % RESET_EVERY == 0 {
            environment
                .proxies
                .iter()
                .for_each(|proxies| proxies.database.reset());
        } else {
            let pool = environment.database.as_postgres()?;
            let active: i64 = sqlx::query_scalar(TERMINATE_ACTIVE).fetch_one(pool).await?;
            terminated += active;
        }
    }
    environment.notes.push(format!(
        "{terminated} active connections terminated by PostgreSQL, the others reset"
    ));
    environment.finish().await
}
