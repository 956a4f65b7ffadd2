//! How many sessions may begin, and how many there may be.
//!
//! A session is kept in memory from its handshake on, whether or not its client
//! ever comes back: by long polling it takes one request and no connection. So
//! sessions are counted here, at the door, and not when they join a namespace.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::counter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{PATH, session_id};
use crate::error::Error;
use crate::http::rate_limit::RateLimit;
use crate::http::refusal::Refusal;
use crate::telemetry::metrics::names;

/// Room for sessions; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handshakes {
    room: Arc<Semaphore>,
    rate: RateLimit,
}

/// A session's place. Engine.IO keeps the request that a session began with for
/// as long as there is a session, and this in its extensions.
#[derive(Clone, Debug)]
struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Handshakes {
    /// Room for `most` sessions, each client's rate limited by `rate`.
    pub fn new(most: usize, rate: RateLimit) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            rate,
        }
    }

    /// Counts a request to begin a session, or to say something in one. Waiting
    /// for what the server has to say is free.
    fn admit(&self, request: &mut Request) -> Result<(), Error> {
        let begins = session_id(request).is_none();
        if !begins && request.method() == Method::GET {
            return Ok(());
        }
        self.rate.take(self.rate.client(request))?;
        if begins {
            let permit = Arc::clone(&self.room).try_acquire_owned().map_err(|_| {
                counter!(names::REFUSED, "what" => "socket").increment(1);
                Refusal::Overloaded
            })?;
            let place = Place {
                _permit: Arc::new(permit),
            };
            request.extensions_mut().insert(place);
        }
        Ok(())
    }
}

/// Turns away sessions for which there is no room.
pub async fn limit(
    State(handshakes): State<Handshakes>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(PATH)
        && let Err(refused) = handshakes.admit(&mut request)
    {
        return refused.into_response();
    }
    next.run(request).await
}
