//! Data for pages: one signature each, two sources. On the server the services
//! are called directly; the browser uses the REST API.

use std::fmt::Display;

use chrono::{DateTime, Utc};
#[cfg(not(feature = "hydrate"))]
use domain::api::OrderChanges;
use domain::api::{OrderPage, OrderQuery, OrderStats, Problem};
use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
pub use browser::{changes, update_order};

/// What the dashboard needs to show itself for the first time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstLook {
    /// The newest orders.
    pub page: OrderPage,
    /// Key figures.
    pub stats: OrderStats,
    /// Where to catch up from.
    pub cursor: String,
    /// The data is made up.
    pub demo: bool,
    /// The server's time: ages are the same in both renderings.
    pub now: DateTime<Utc>,
}

/// Loads the dashboard's first look. Runs on the server; the browser receives
/// the result with the page, and asks again only after navigating back.
pub async fn first_look(query: OrderQuery) -> Result<FirstLook, Problem> {
    // Before the orders: what changes in between is caught up on, not missed.
    let cursor = cursor().await?;
    let (page, stats) = futures::join!(orders(query), stats());
    Ok(FirstLook {
        cursor,
        page: page?,
        stats: stats?,
        demo: is_demo(),
        now: now(),
    })
}

/// A problem that never reached a server, or not one of ours.
pub fn unreachable_problem(detail: impl Display) -> Problem {
    Problem {
        kind: "/problems/unreachable".to_owned(),
        title: "The server could not be reached".to_owned(),
        status: 0,
        detail: Some(detail.to_string()),
        current: None,
        conflicts: Vec::new(),
        errors: Vec::new(),
        delivery_id: None,
    }
}

#[cfg(feature = "ssr")]
mod server {
    use domain::api::{OrderPage, OrderQuery, OrderStats, Problem};
    use leptos::context::use_context;

    use super::unreachable_problem;
    use crate::backend::BackendContext;

    fn context() -> Result<BackendContext, Problem> {
        use_context().ok_or_else(|| unreachable_problem("no backend"))
    }

    pub(super) fn is_demo() -> bool {
        context().is_ok_and(|context| context.demo)
    }

    pub(super) async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
        let backend = context()?.backend;
        backend.orders(&query).await.map_err(|error| error.0)
    }

    pub(super) async fn cursor() -> Result<String, Problem> {
        let backend = context()?.backend;
        backend.cursor().await.map_err(|error| error.0)
    }

    pub(super) async fn stats() -> Result<OrderStats, Problem> {
        let backend = context()?.backend;
        backend.stats().await.map_err(|error| error.0)
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use domain::api::{
        Order, OrderChanges, OrderPage, OrderQuery, OrderStats, Problem, UpdateOrder,
    };
    use gloo_net::http::{Request, Response};
    use send_wrapper::SendWrapper;
    use serde::de::DeserializeOwned;
    use uuid::Uuid;

    use super::unreachable_problem;

    async fn read<T: DeserializeOwned>(
        response: Result<Response, gloo_net::Error>,
    ) -> Result<T, Problem> {
        let response = response.map_err(unreachable_problem)?;
        if response.ok() {
            return response.json().await.map_err(unreachable_problem);
        }
        let status = response.status();
        Err(response.json().await.unwrap_or_else(|_| Problem {
            status,
            ..unreachable_problem(format!("unexpected answer, status {status}"))
        }))
    }

    async fn get<T: DeserializeOwned>(url: String) -> Result<T, Problem> {
        // The browser has one thread; Leptos asks for `Send` all the same.
        SendWrapper::new(async move { read(Request::get(&url).send().await).await }).await
    }

    pub(super) async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
        get(format!("/orders?{}", query.to_query_string())).await
    }

    pub(super) async fn stats() -> Result<OrderStats, Problem> {
        get("/orders/stats".to_owned()).await
    }

    pub(super) async fn cursor() -> Result<String, Problem> {
        let changes: OrderChanges = get("/orders/changes".to_owned()).await?;
        Ok(changes.cursor)
    }

    /// What changed since a cursor: `GET /orders/changes`.
    pub async fn changes(since: String) -> Result<OrderChanges, Problem> {
        get(format!("/orders/changes?since={since}")).await
    }

    /// Saves an edit: `PUT /orders/{id}`.
    pub async fn update_order(id: Uuid, update: UpdateOrder) -> Result<Order, Problem> {
        SendWrapper::new(async move {
            let request = Request::put(&format!("/orders/{id}"))
                .json(&update)
                .map_err(unreachable_problem)?;
            read(request.send().await).await
        })
        .await
    }
}

/// One page of orders.
pub async fn orders(query: OrderQuery) -> Result<OrderPage, Problem> {
    #[cfg(feature = "ssr")]
    return server::orders(query).await;
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return browser::orders(query).await;
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    return Err(unreachable_problem(format!("{query:?}")));
}

/// A cursor to catch up from.
pub async fn cursor() -> Result<String, Problem> {
    #[cfg(feature = "ssr")]
    return server::cursor().await;
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return browser::cursor().await;
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    return Err(unreachable_problem("no source"));
}

/// There is nothing to catch up on where there is no browser.
#[cfg(not(feature = "hydrate"))]
pub async fn changes(since: String) -> Result<OrderChanges, Problem> {
    std::future::ready(Err(unreachable_problem(since))).await
}

/// Key figures.
pub async fn stats() -> Result<OrderStats, Problem> {
    #[cfg(feature = "ssr")]
    return server::stats().await;
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return browser::stats().await;
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    return Err(unreachable_problem("no source"));
}

fn is_demo() -> bool {
    #[cfg(feature = "ssr")]
    return server::is_demo();
    #[cfg(not(feature = "ssr"))]
    return false;
}

/// The time now.
pub fn now() -> DateTime<Utc> {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        // The standard library has no clock in the browser.
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
        return DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default();
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return std::time::SystemTime::now().into();
}
