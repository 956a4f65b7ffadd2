//! The description of the API: `/openapi.json`, generated from the handlers and the wire
//! types, and a page that shows it at `/docs`.

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use domain::wire::{DeliveryState, OrderSort, Problem};
use platform::http::headers::DOCS_POLICY;
use platform::http::problem::ProblemResponse;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{PathItem, Ref, RefOr};
use utoipa::{Modify, OpenApi};

use crate::health;

/// The document without its operations, which each router registers beside its handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Atomic Order Orchestrator",
        description = "Signed webhooks in, versioned orders out, live.\n\n\
            Every error is `application/problem+json` with a stable `type`: \
            `/problems/` and one of `invalid-signature`, `bad-webhook`, `not-an-order`, \
            `body-too-large`, `bad-query`, `bad-body`, `invalid-fields`, `version-required`, \
            `version-conflict`, `idempotency-key-reused`, `order-not-found`, \
            `delivery-not-found`, `shop-not-found`, `not-retryable`, `unsupported-body`, \
            `shop-not-allowed`, `too-many-new-shops`, `not-stored`.\n\n\
            Every path can answer: `bad-host`, `unknown-host`, \
            `cross-site`, `body-too-slow`, `method-not-allowed` (405, with `Allow`), \
            `too-many-requests`, `overloaded`, `database-unavailable`, `internal`.\n\n\
            Live changes: Socket.IO v4, namespace `/sync`, event `ORDER_SYNCED` with an Order; \
            with `auth: {\"batch\": true}`, event `ORDERS_SYNCED` with a list of them."
    ),
    components(responses(ProblemResponse), schemas(Problem, OrderSort, DeliveryState))
)]
struct Document;

/// Adds the responses of the guards and layers, which are the same for all operations.
struct CommonResponses;

impl Modify for CommonResponses {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            for (is_safe, operation) in operations(item) {
                for status in answers(path, is_safe) {
                    let refused = Ref::from_response_name("ProblemResponse");
                    let known = &mut operation.responses.responses;
                    known
                        .entry(status.to_owned())
                        .or_insert(RefOr::Ref(refused));
                }
            }
        }
    }
}

/// The operations on a path, each with whether its method is safe.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let all = [
        (true, &mut item.get),
        (false, &mut item.post),
        (false, &mut item.put),
        (false, &mut item.patch),
        (false, &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(is_safe, operation)| Some((is_safe, operation.as_mut()?)))
}

/// The statuses that guards and layers can answer an operation with.
fn answers(path: &str, is_safe: bool) -> impl Iterator<Item = &'static str> {
    let is_health = path == "/healthz" || path == "/readyz";
    // These are served under any host name: see `platform::http::hosts`.
    let any_host_name = is_health || path.starts_with("/webhooks/");
    let answers = [
        ("400", true),           // bad-host
        ("403", !is_safe),       // cross-site
        ("408", !is_health),     // body-too-slow
        ("421", !any_host_name), // unknown-host
        ("429", !is_health),     // too-many-requests
        ("500", !is_health),     // internal
        ("503", !is_health),     // overloaded, database-unavailable
    ];
    answers
        .into_iter()
        .filter_map(|(status, can)| can.then_some(status))
}

/// The complete document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for operations in [
        orders::routes().into_openapi(),
        inbox::routes().into_openapi(),
        inbox::webhook_routes().into_openapi(),
        health::routes().into_openapi(),
    ] {
        document.merge(operations);
    }
    CommonResponses.modify(&mut document);
    document
}

/// Serves the document, and a page that shows it.
pub fn router() -> Router {
    let document = document();
    Router::new()
        .route("/openapi.json", get(async move || Json(document)))
        .route("/docs", get(page))
}

async fn page() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, DOCS_POLICY)], Html(PAGE))
}

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API · Atomic Order Orchestrator</title>
  <link rel="icon" href="/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/vendor/swagger-ui.css">
</head>
<body>
  <div id="docs"></div>
  <script src="/vendor/swagger-ui-bundle.js"></script>
  <script src="/docs.js"></script>
</body>
</html>
"#;

#[cfg(test)]
mod tests;
