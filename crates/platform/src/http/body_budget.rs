//! How much of request bodies may be under way at a time, in memory: from their
//! first byte until the request is answered. Who sends too much, or too slowly,
//! is refused; nobody alone can take it all.

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

/// Bytes of bodies under way, at most. Webhooks are 10-20 kB: room for
/// thousands of them.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Of these, bytes from one client address.
pub const MAX_CLIENT_BYTES: usize = 16 * 1024 * 1024;

/// What a piece of a body takes besides its bytes: it may come in pieces of one.
const PIECE: usize = 64;

/// A body has arrived within this time or is refused: Shopify gives up after
/// five seconds in all, and what people type is a few kilobytes.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Counts bytes under way; cheap to clone.
#[derive(Clone, Debug)]
pub struct BodyBudget {
    addresses: ClientAddresses,
    under_way: Arc<Mutex<UnderWay>>,
}

#[derive(Debug, Default)]
struct UnderWay {
    total: usize,
    by_client: HashMap<IpAddr, usize>,
}

impl BodyBudget {
    /// Nothing yet.
    pub fn new(addresses: ClientAddresses) -> Self {
        Self {
            addresses,
            under_way: Arc::default(),
        }
    }

    /// Answers a request, and counts its body until then.
    pub async fn count(&self, request: Request, next: Next) -> Response {
        if request.body().is_end_stream() {
            return next.run(request).await;
        }
        let share = Arc::new(Share {
            client: self.addresses.of(&request),
            budget: self.clone(),
            bytes: AtomicUsize::new(0),
            refused: AtomicU8::new(0),
        });
        let counted = Arc::clone(&share);
        let request = request.map(|body| {
            Body::new(Counted {
                body,
                share: counted,
                late: Box::pin(tokio::time::sleep(BODY_TIMEOUT)),
            })
        });
        let response = next.run(request).await;
        match share.refused.load(Ordering::Relaxed) {
            TOO_MUCH => {
                counter!(names::REFUSED, "what" => "body").increment(1);
                Error::from(Refusal::Overloaded).into_response()
            }
            TOO_SLOW => Error::from(Refusal::BodyTooSlow).into_response(),
            _ => response,
        }
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts `bytes` more, if there is room for them.
    fn take(&self, client: Option<IpAddr>, bytes: usize) -> bool {
        let mut under_way = self.lock();
        let UnderWay { total, by_client } = &mut *under_way;
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

    fn give_back(&self, client: Option<IpAddr>, bytes: usize) {
        let mut under_way = self.lock();
        under_way.total -= bytes;
        if let Some(client) = client
            && let Some(known) = under_way.by_client.get_mut(&client)
        {
            *known -= bytes;
            if *known == 0 {
                under_way.by_client.remove(&client);
            }
        }
    }
}

/// What one request has under way.
#[derive(Debug)]
struct Share {
    budget: BodyBudget,
    client: Option<IpAddr>,
    bytes: AtomicUsize,
    refused: AtomicU8,
}

/// Why a body was refused.
const TOO_MUCH: u8 = 1;
const TOO_SLOW: u8 = 2;

impl Share {
    fn take(&self, bytes: usize) -> bool {
        let taken = self.budget.take(self.client, bytes);
        if taken {
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        } else {
            self.refused.store(TOO_MUCH, Ordering::Relaxed);
        }
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(self.client, *self.bytes.get_mut());
    }
}

/// A body that is counted as it arrives, and has to arrive in time.
struct Counted {
    body: Body,
    share: Arc<Share>,
    late: Pin<Box<Sleep>>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending if self.late.as_mut().poll(context).is_ready() => {
                self.share.refused.store(TOO_SLOW, Ordering::Relaxed);
                return Poll::Ready(Some(Err(axum::Error::new("the body came too slowly"))));
            }
            Poll::Pending => return Poll::Pending,
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && !self.share.take(data.len() + PIECE)
        {
            return Poll::Ready(Some(Err(axum::Error::new("too much is under way"))));
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
    fn nobody_alone_takes_all_the_room_and_all_together_no_more_than_there_is() {
        let budget = BodyBudget::new(ClientAddresses::new(&[]));
        assert!(budget.take(Some(client(1)), MAX_CLIENT_BYTES));
        assert!(!budget.take(Some(client(1)), 1));
        for other in 2..=4 {
            assert!(budget.take(Some(client(other)), MAX_CLIENT_BYTES));
        }
        assert!(!budget.take(Some(client(5)), 1));
        budget.give_back(Some(client(1)), MAX_CLIENT_BYTES);
        assert!(budget.take(Some(client(5)), 1));
    }

    #[test]
    fn nothing_is_remembered_of_clients_that_are_done() {
        let budget = BodyBudget::new(ClientAddresses::new(&[]));
        for last in 0..=255 {
            let share = Share {
                budget: budget.clone(),
                client: Some(client(last)),
                bytes: AtomicUsize::new(0),
                refused: AtomicU8::new(0),
            };
            assert!(share.take(100));
        }
        let under_way = budget.lock();
        assert!(under_way.total == 0 && under_way.by_client.is_empty());
    }
}
