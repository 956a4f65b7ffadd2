//! Limits how many sessions exist, and how fast a client may begin new ones.
//!
//! A session stays in memory from its handshake on, even if its client never returns: with
//! long polling it takes one request and no connection. So sessions are counted at the
//! handshake, and not when they join a namespace.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::UPGRADE;
use metrics::counter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::socket::{MAX_CLIENT_MESSAGE, PATH, session_id};
use crate::http::body_budget::BODY_TIMEOUT;
use crate::http::error::Error;
use crate::http::origin::{self, AllowedOrigins};
use crate::http::rate_limit::RateLimit;
use crate::http::refusal::Refusal;
use crate::metric_names as names;

/// The most packets in one request of a polling client.
const MAX_PACKETS: usize = 100;

/// The separator of packets in one request (Engine.IO protocol 4).
const SEPARATOR: u8 = 0x1e;

/// The limits of sessions; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handshakes {
    free: Arc<Semaphore>,
    rate: RateLimit,
    origins: AllowedOrigins,
}

/// The permit of one session. It is an extension of the request that began the session,
/// which Engine.IO keeps until the session ends.
#[derive(Clone, Debug)]
struct SessionPermit {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Handshakes {
    /// Allows `max_sessions` at a time, from our own pages and those of `origins`; `rate`
    /// limits the requests of each client.
    pub fn new(max_sessions: usize, rate: RateLimit, origins: AllowedOrigins) -> Self {
        Self {
            free: Arc::new(Semaphore::new(max_sessions)),
            rate,
            origins,
        }
    }

    /// Counts a request that begins a session, upgrades it to a WebSocket, or sends
    /// packets. A poll for packets of the server is not counted.
    pub async fn admit(&self, mut request: Request) -> Result<Request, Error> {
        if !request.uri().path().starts_with(PATH) {
            return Ok(request);
        }
        if !origin::is_ours(request.headers(), &self.origins) {
            return Err(Refusal::CrossSite.into());
        }
        let begins = session_id(&request).is_none();
        let upgrades = request.headers().contains_key(UPGRADE);
        if !begins && !upgrades && request.method() == Method::GET {
            return Ok(request);
        }
        self.rate.take(self.rate.client(&request))?;
        if begins {
            let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| {
                counter!(names::REFUSED, "what" => "socket").increment(1);
                Refusal::Overloaded
            })?;
            let permit = SessionPermit {
                _permit: Arc::new(permit),
            };
            request.extensions_mut().insert(permit);
        }
        if request.method() == Method::POST {
            return limit_packets(request).await;
        }
        Ok(request)
    }
}

/// Refuses a request with too many packets, because each is handled by its own task.
async fn limit_packets(request: Request) -> Result<Request, Error> {
    let (head, body) = request.into_parts();
    let body = timeout(BODY_TIMEOUT, to_bytes(body, MAX_CLIENT_MESSAGE.into()))
        .await
        .map_err(|_| Refusal::BodyTooSlow)?
        .map_err(|_| Refusal::BodyTooLarge)?;
    if body.split(|byte| *byte == SEPARATOR).count() > MAX_PACKETS {
        return Err(Refusal::BodyTooLarge.into());
    }
    Ok(Request::from_parts(head, Body::from(body)))
}
