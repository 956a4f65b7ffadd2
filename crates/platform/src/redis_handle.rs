//! Connections to Redis, with time limits and automatic reconnection.

use std::time::Duration;

use anyhow::Context;
use redis::Client;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long an answer may take. The client's default, 500 ms, is too short for a machine
/// with two cores under load.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest pause between attempts to reconnect.
const MAX_RECONNECT_PAUSE: Duration = Duration::from_secs(2);

/// A handle on Redis; cheap to clone.
#[derive(Clone)]
pub struct RedisHandle {
    /// Opens separate connections, for subscriptions.
    pub client: Client,
    /// The connection that all users of the handle share. It reconnects when it breaks.
    pub connection: ConnectionManager,
}

impl RedisHandle {
    /// A handle that connects when it is first used, so that the server starts, and accepts
    /// webhooks, while Redis is unavailable. Needs a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If `url` is not a Redis address.
    pub fn open(url: &str) -> anyhow::Result<Self> {
        let client = Client::open(url).context("REDIS_URL is not a Redis address")?;
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_max_delay(MAX_RECONNECT_PAUSE);
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), settings)?;
        Ok(Self { client, connection })
    }
}

impl std::fmt::Debug for RedisHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisHandle").finish_non_exhaustive()
    }
}
