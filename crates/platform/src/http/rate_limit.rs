//! Limits requests per second by client address. Signed webhooks are exempt, because a shop
//! that sends many must not be refused; webhooks with a wrong signature count.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::counter;

use super::client_address::ClientAddresses;
use super::error::Error;
use crate::metric_names as names;

/// A client may send this many times its rate at once: a page that opens, or whose user
/// scrolls fast, sends many requests in a moment.
const BURST: u32 = 5;

/// Limits each client's rate; cheap to clone.
#[derive(Clone, Debug)]
pub struct RateLimit {
    clients: Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
    addresses: ClientAddresses,
}

impl RateLimit {
    /// Allows `per_second` requests of each client, or any number if that is 0.
    pub fn new(per_second: u32, addresses: ClientAddresses) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::new(BURST).unwrap_or(NonZeroU32::MIN));
            Quota::per_second(rate).allow_burst(burst)
        });
        Self {
            clients: quota.map(|quota| Arc::new(RateLimiter::keyed(quota))),
            addresses,
        }
    }

    /// Counts a request of a client.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyRequests`] if the client has sent too many.
    pub fn take(&self, client: Option<IpAddr>) -> Result<(), Error> {
        let (Some(clients), Some(address)) = (&self.clients, client) else {
            return Ok(());
        };
        clients.check_key(&address).map_err(|until| {
            counter!(names::RATE_LIMITED).increment(1);
            let wait = until.wait_time_from(governor::clock::Clock::now(
                &governor::clock::DefaultClock::default(),
            ));
            Error::TooManyRequests {
                seconds: wait.as_secs() + 1,
            }
        })
    }

    /// Forgets clients that have sent nothing for a while. Must be called periodically.
    pub fn forget_idle(&self) {
        if let Some(clients) = &self.clients {
            clients.retain_recent();
        }
    }

    /// The address of the client that sent a request.
    pub fn client(&self, request: &Request) -> Option<IpAddr> {
        self.addresses.of(request)
    }
}

/// Refuses requests of clients that send too many.
pub async fn limit(State(limit): State<RateLimit>, request: Request, next: Next) -> Response {
    let client = limit.client(&request);
    match limit.take(client) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// Refuses requests of clients that send too many webhooks with a wrong signature.
pub async fn limit_unsigned(
    State(limit): State<RateLimit>,
    request: Request,
    next: Next,
) -> Response {
    let client = limit.client(&request);
    let response = next.run(request).await;
    if response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    match limit.take(client) {
        Ok(()) => response,
        Err(refused) => refused.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(per_second: u32) -> RateLimit {
        RateLimit::new(per_second, ClientAddresses::new(&[]))
    }

    #[test]
    fn each_client_has_its_own_limit() {
        let limit = limit(2);
        let client = |address: &str| Some(address.parse().unwrap());
        for _ in 0..10 {
            assert!(limit.take(client("1.1.1.1")).is_ok());
        }
        let refused = limit.take(client("1.1.1.1"));
        assert!(matches!(
            refused,
            Err(Error::TooManyRequests { seconds: 1 })
        ));
        assert!(limit.take(client("2.2.2.2")).is_ok());
    }

    #[test]
    fn zero_means_no_limit() {
        let limit = limit(0);
        assert!((0..1_000).all(|_| limit.take(Some([1, 1, 1, 1].into())).is_ok()));
    }
}
