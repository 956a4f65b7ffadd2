//! How many sessions may begin, and how many there may be.
//!
//! A session is kept in memory from its handshake on, whether or not its client
//! ever comes back: by long polling it takes one request and no connection. So
//! sessions are counted here, at the door, and not when they join a namespace.

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

/// Packets in one batch of a polling client.
const MAX_PACKETS: usize = 100;

/// What separates packets in a batch (Engine.IO protocol 4).
const SEPARATOR: u8 = 0x1e;

/// Room for sessions; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handshakes {
    room: Arc<Semaphore>,
    rate: RateLimit,
    origins: AllowedOrigins,
}

/// Room for one session. Engine.IO keeps the request that a session began with for
/// as long as there is a session, and this in its extensions.
#[derive(Clone, Debug)]
struct SessionPermit {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Handshakes {
    /// Room for `most` sessions, each client's rate limited by `rate`, from pages of
    /// `origins` and our own.
    pub fn new(most: usize, rate: RateLimit, origins: AllowedOrigins) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            rate,
            origins,
        }
    }

    /// Counts a request to begin a session, to go over to a WebSocket, or to say
    /// something. Waiting for what the server has to say is free.
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
            let permit = Arc::clone(&self.room).try_acquire_owned().map_err(|_| {
                counter!(names::REFUSED, "what" => "socket").increment(1);
                Refusal::Overloaded
            })?;
            let permit = SessionPermit {
                _permit: Arc::new(permit),
            };
            request.extensions_mut().insert(permit);
        }
        if request.method() == Method::POST {
            return few_packets(request).await;
        }
        Ok(request)
    }
}

/// Refuses a batch of too many packets: each is handled by a task of its own.
async fn few_packets(request: Request) -> Result<Request, Error> {
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
