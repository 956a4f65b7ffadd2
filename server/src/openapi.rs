//! The API's own description: `/openapi.json`, generated from the handlers and
//! the wire types, and a page to read it at `/docs`.

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use domain::api::Problem;
use utoipa::openapi::{Ref, RefOr};
use utoipa::{Modify, OpenApi, ToResponse};

use crate::http::headers::DOCS_POLICY;
use crate::state::AppState;
use crate::{deliveries, health, orders, shops, webhooks};

/// An error, as every endpoint answers it.
#[derive(ToResponse)]
#[response(
    description = "What went wrong, as RFC 9457",
    content_type = "application/problem+json"
)]
#[expect(dead_code, reason = "names the body of a response")]
pub struct ProblemResponse(Problem);

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Atomic Order Orchestrator",
        description = "Signed webhooks in, versioned orders out, live.\n\n\
            Every error is `application/problem+json` with a stable `type`: \
            `/problems/` and one of `invalid-signature`, `bad-webhook`, `not-an-order`, \
            `body-too-large`, `bad-query`, `bad-body`, `invalid-fields`, `version-required`, \
            `version-conflict`, `idempotency-key-reused`, `order-not-found`, \
            `delivery-not-found`, `not-retryable`, `unsupported-body`, `method-not-allowed`, \
            `too-many-requests`, `not-stored`, `database-unavailable`, `internal`.\n\n\
            Live changes: Socket.IO v4, namespace `/sync`, event `ORDER_SYNCED` with an Order; \
            with `auth: {\"batch\": true}`, event `ORDERS_SYNCED` with a list of them."
    ),
    paths(
        webhooks::receive,
        orders::list::handler,
        orders::show,
        orders::update::handler,
        orders::events::handler,
        orders::changes::handler,
        orders::stats::handler,
        deliveries::api::list,
        deliveries::api::show,
        deliveries::api::retry_one,
        deliveries::api::retry_all,
        deliveries::stats::handler,
        shops::list,
        shops::remove,
        health::alive,
        health::ready,
    ),
    components(responses(ProblemResponse), schemas(Problem)),
    modifiers(&TooManyRequests)
)]
pub struct Document;

/// Everything but health is limited, and says so alike.
struct TooManyRequests;

impl Modify for TooManyRequests {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            if path.starts_with("/healthz") || path.starts_with("/readyz") {
                continue;
            }
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.delete,
            ];
            for operation in operations.into_iter().flatten() {
                let refused = Ref::from_response_name("ProblemResponse");
                operation
                    .responses
                    .responses
                    .insert("429".to_owned(), RefOr::Ref(refused));
            }
        }
    }
}

/// The document and its page.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(|| async { Json(Document::openapi()) }))
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
