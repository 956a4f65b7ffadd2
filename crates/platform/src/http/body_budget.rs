//! Limits the bytes of request bodies that are in memory at a time, from their first byte
//! until the request is answered. A client that sends too much, or too slowly, is refused;
//! one client cannot use up the whole limit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use metrics::counter;
use tokio::time::Sleep;

use super::client_address::ClientAddresses;
use super::error::Error;
use super::refusal::Refusal;
use crate::metric_names as names;

/// The most bytes of bodies in flight. Webhooks are 10-20 kB, so thousands of them fit.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The most bytes in flight from one client address.
pub const MAX_CLIENT_BYTES: usize = 16 * 1024 * 1024;

/// The memory that a chunk of a body takes besides its bytes: a client may send chunks of
/// one byte.
const CHUNK_OVERHEAD: usize = 64;

/// A body that has not arrived within this time is refused. Shopify waits five seconds in
/// all for an answer, and other bodies are a few kilobytes.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Counts bytes in flight; cheap to clone.
#[derive(Clone, Debug)]
pub struct BodyBudget {
    addresses: ClientAddresses,
    in_flight: Arc<Mutex<BytesInFlight>>,
}

#[derive(Debug, Default)]
struct BytesInFlight {
    total: usize,
    by_client: HashMap<IpAddr, usize>,
}

impl BodyBudget {
    /// A budget of which nothing is used.
    pub fn new(addresses: ClientAddresses) -> Self {
        Self {
            addresses,
            in_flight: Arc::default(),
        }
    }

    /// Runs the next handler, and counts the body of the request until it is answered.
    pub async fn count(&self, request: Request, next: Next) -> Response {
        if request.body().is_end_stream() {
            return next.run(request).await;
        }
        let share = Arc::new(RequestShare {
            client: self.addresses.of(&request),
            budget: self.clone(),
            bytes: AtomicUsize::new(0),
            refused: AtomicU8::new(0),
        });
        let body_share = Arc::clone(&share);
        let request = request.map(|body| {
            Body::new(CountedBody {
                body,
                share: body_share,
                deadline: Box::pin(tokio::time::sleep(BODY_TIMEOUT)),
            })
        });
        let response = next.run(request).await;
        match share.refused.load(Ordering::Relaxed) {
            REFUSED_TOO_MUCH => {
                counter!(names::REFUSED, "what" => "body").increment(1);
                Error::from(Refusal::Overloaded).into_response()
            }
            REFUSED_TOO_SLOW => Error::from(Refusal::BodyTooSlow).into_response(),
            _ => response,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BytesInFlight> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves `bytes`; `false` if that would exceed a limit.
    fn take(&self, client: Option<IpAddr>, bytes: usize) -> bool {
        let mut in_flight = self.lock();
        let BytesInFlight { total, by_client } = &mut *in_flight;
        if *total + bytes > MAX_BYTES {
            return false;
        }
        if let Some(client) = client {
            let known = by_client.get(&client).copied().unwrap_or(0);
            if known + bytes > MAX_CLIENT_BYTES {
                return false;
            }
            by_client.insert(client, known + bytes);
        }
        *total += bytes;
        true
    }

    fn release(&self, client: Option<IpAddr>, bytes: usize) {
        let mut in_flight = self.lock();
        in_flight.total -= bytes;
        if let Some(client) = client
            && let Some(known) = in_flight.by_client.get_mut(&client)
        {
            *known -= bytes;
            if *known == 0 {
                in_flight.by_client.remove(&client);
            }
        }
    }
}

/// The bytes that one request has in flight.
#[derive(Debug)]
struct RequestShare {
    budget: BodyBudget,
    client: Option<IpAddr>,
    bytes: AtomicUsize,
    refused: AtomicU8,
}

/// The values of [`RequestShare::refused`]; 0 means that the body was not refused.
const REFUSED_TOO_MUCH: u8 = 1;
const REFUSED_TOO_SLOW: u8 = 2;

impl RequestShare {
    fn take(&self, bytes: usize) -> bool {
        let taken = self.budget.take(self.client, bytes);
        if taken {
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        } else {
            self.refused.store(REFUSED_TOO_MUCH, Ordering::Relaxed);
        }
        taken
    }
}

impl Drop for RequestShare {
    fn drop(&mut self) {
        self.budget.release(self.client, *self.bytes.get_mut());
    }
}

/// A body that is counted as it arrives, and that fails if it arrives too slowly.
struct CountedBody {
    body: Body,
    share: Arc<RequestShare>,
    deadline: Pin<Box<Sleep>>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending if self.deadline.as_mut().poll(context).is_ready() => {
                self.share
                    .refused
                    .store(REFUSED_TOO_SLOW, Ordering::Relaxed);
                return Poll::Ready(Some(Err(axum::Error::new(
                    "the body did not arrive in time",
                ))));
            }
            Poll::Pending => return Poll::Pending,
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && !self.share.take(data.len() + CHUNK_OVERHEAD)
        {
            return Poll::Ready(Some(Err(axum::Error::new(
                "too many bytes of bodies are in flight",
            ))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[test]
    fn one_client_and_all_clients_together_are_limited() {
        let budget = BodyBudget::new(ClientAddresses::new(&[]));
        assert!(budget.take(Some(client(1)), MAX_CLIENT_BYTES));
        assert!(!budget.take(Some(client(1)), 1));
        for other in 2..=4 {
            assert!(budget.take(Some(client(other)), MAX_CLIENT_BYTES));
        }
        assert!(!budget.take(Some(client(5)), 1));
        budget.release(Some(client(1)), MAX_CLIENT_BYTES);
        assert!(budget.take(Some(client(5)), 1));
    }

    #[test]
    fn a_client_without_bytes_in_flight_is_forgotten() {
        let budget = BodyBudget::new(ClientAddresses::new(&[]));
        for last in 0..=255 {
            let share = RequestShare {
                budget: budget.clone(),
                client: Some(client(last)),
                bytes: AtomicUsize::new(0),
                refused: AtomicU8::new(0),
            };
            assert!(share.take(100));
        }
        let in_flight = budget.lock();
        assert!(in_flight.total == 0 && in_flight.by_client.is_empty());
    }
}
