//! Requests a second, by client address. Signed webhooks are exempt: a shop
//! that sends many is not to be turned away; only wrong signatures count.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use metrics::counter;

use super::client_address::client_address;
use super::connection::Connection;
use crate::error::Error;
use crate::telemetry::metrics::names;

/// A client may send this many times its rate at once: a page that opens, or
/// somebody who scrolls fast, asks for much in a moment.
const BURST: u32 = 5;

/// Limits each client's rate; cheap to clone.
#[derive(Clone, Debug)]
pub struct RateLimit {
    clients: Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
    trusted: Arc<[IpNet]>,
}

impl RateLimit {
    /// `per_second` requests of each client, or any number if that is 0.
    /// Proxies among `trusted` speak for their clients.
    pub fn new(per_second: u32, trusted: &[IpNet]) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::new(BURST).unwrap_or(NonZeroU32::MIN));
            Quota::per_second(rate).allow_burst(burst)
        });
        Self {
            clients: quota.map(|quota| Arc::new(RateLimiter::keyed(quota))),
            trusted: trusted.into(),
        }
    }

    /// Takes one request of the client's; how long to wait when there is none
    /// left, in seconds.
    fn take(&self, request: &Client) -> Result<(), u64> {
        let (Some(clients), Some(address)) = (&self.clients, request.0) else {
            return Ok(());
        };
        clients.check_key(&address).map_err(|until| {
            counter!(names::RATE_LIMITED).increment(1);
            let wait = until.wait_time_from(governor::clock::Clock::now(
                &governor::clock::DefaultClock::default(),
            ));
            wait.as_secs() + 1
        })
    }

    /// Forgets clients that were quiet for a while. To be called now and then.
    pub fn forget_quiet(&self) {
        if let Some(clients) = &self.clients {
            clients.retain_recent();
        }
    }

    fn client(&self, request: &Request) -> Client {
        let connection = request.extensions().get::<Connection>();
        Client(connection.map(|connection| {
            let peer = connection.peer.ip();
            network(client_address(peer, request.headers(), &self.trusted))
        }))
    }
}

/// Where a request is from.
struct Client(Option<IpAddr>);

/// Everybody has an IPv6 network of their own to choose addresses from.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mut segments = address.segments();
            segments[4..].fill(0);
            IpAddr::V6(Ipv6Addr::from(segments))
        }
    }
}

/// Turns away clients that send too much.
pub async fn limit(State(limit): State<RateLimit>, request: Request, next: Next) -> Response {
    let client = limit.client(&request);
    match limit.take(&client) {
        Ok(()) => next.run(request).await,
        Err(seconds) => Error::TooManyRequests { seconds }.into_response(),
    }
}

/// Turns away clients that send too many wrong signatures.
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
    match limit.take(&client) {
        Ok(()) => response,
        Err(seconds) => Error::TooManyRequests { seconds }.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_a_rate_of_their_own() {
        let limit = RateLimit::new(2, &[]);
        let client = |address: &str| Client(Some(network(address.parse().unwrap())));
        for _ in 0..10 {
            assert_eq!(limit.take(&client("1.1.1.1")), Ok(()));
        }
        assert_eq!(limit.take(&client("1.1.1.1")), Err(1));
        assert_eq!(limit.take(&client("2.2.2.2")), Ok(()));
    }

    #[test]
    fn nobody_gets_around_it_with_another_address_of_their_network() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }

    #[test]
    fn zero_is_no_limit() {
        let limit = RateLimit::new(0, &[]);
        let client = Client(Some([1, 1, 1, 1].into()));
        assert!((0..1_000).all(|_| limit.take(&client).is_ok()));
    }
}
