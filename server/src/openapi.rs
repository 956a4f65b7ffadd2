//! The API's own description: `/openapi.json`, generated from the handlers and
//! the wire types, and a page to read it at `/docs`.

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

/// What the document says besides its operations: each router registers those beside
/// its handlers.
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
            What any address can answer, whatever it is asked: `bad-host`, `unknown-host`, \
            `cross-site`, `body-too-slow`, `method-not-allowed` (405, with `Allow`), \
            `too-many-requests`, `overloaded`, `database-unavailable`, `internal`.\n\n\
            Live changes: Socket.IO v4, namespace `/sync`, event `ORDER_SYNCED` with an Order; \
            with `auth: {\"batch\": true}`, event `ORDERS_SYNCED` with a list of them."
    ),
    components(responses(ProblemResponse), schemas(Problem, OrderSort, DeliveryState))
)]
struct Document;

/// What stands before the handlers answers for all of them, and says so alike.
struct Everywhere;

impl Modify for Everywhere {
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

/// The operations on an address, and whether each only reads.
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

/// What an operation can answer before its handler does, or in its stead.
fn answers(path: &str, is_safe: bool) -> impl Iterator<Item = &'static str> {
    let is_health = path == "/healthz" || path == "/readyz";
    // These may be asked by any host name: see `http::hosts`.
    let by_any_name = is_health || path.starts_with("/webhooks/");
    let answers = [
        ("400", true),         // bad-host
        ("403", !is_safe),     // cross-site
        ("408", !is_health),   // body-too-slow
        ("421", !by_any_name), // unknown-host
        ("429", !is_health),   // too-many-requests
        ("500", !is_health),   // internal
        ("503", !is_health),   // overloaded, database-unavailable
    ];
    answers
        .into_iter()
        .filter_map(|(status, can)| can.then_some(status))
}

/// The document.
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
    Everywhere.modify(&mut document);
    document
}

/// The document, and a page to read it.
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
mod tests {
    use std::collections::HashSet;

    use axum::http::Method;
    use domain::orders::status::OrderStatus;
    use inbox::deliveries::entity::DeliveryState as StoredState;
    use sea_orm::{ActiveEnum, Iterable};
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        serde_json::to_value(super::document()).unwrap()
    }

    /// Every operation, as `GET /orders`.
    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            item.iter().map(move |(method, operation)| {
                (format!("{} {path}", method.to_uppercase()), operation)
            })
        });
        all.collect()
    }

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                for value in object.values() {
                    references(value, found);
                }
            }
            Value::Array(list) => {
                for value in list {
                    references(value, found);
                }
            }
            _ => {}
        }
    }

    fn parameter<'a>(operation: &'a Value, name: &str) -> &'a Value {
        let mut parameters = operation["parameters"].as_array().unwrap().iter();
        parameters.find(|known| known["name"] == name).unwrap()
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = document();
        let operations = operations(&document);
        let names = operations
            .iter()
            .map(|(_, operation)| &operation["operationId"]);
        let names: HashSet<_> = names.map(|name| name.as_str().unwrap()).collect();
        assert_eq!(names.len(), operations.len());
    }

    #[test]
    fn no_parameter_is_null_it_is_there_or_not() {
        for (name, operation) in operations(&document()) {
            let parameters = operation["parameters"].as_array();
            for parameter in parameters.into_iter().flatten() {
                let schema = parameter["schema"].to_string();
                assert!(!schema.contains("null"), "{name}: {parameter}");
            }
        }
    }

    #[test]
    fn every_operation_names_what_it_can_be_refused_with() {
        for (name, operation) in operations(&document()) {
            let (method, path) = name.split_once(' ').unwrap();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let is_health = path == "/healthz" || path == "/readyz";
            let any_name = is_health || path == "/webhooks/shopify";
            for (status, expected) in [
                ("400", true),
                ("403", !method.is_safe()),
                ("408", !is_health),
                ("421", !any_name),
                ("429", !is_health),
                ("500", !is_health),
                ("503", path != "/healthz"),
            ] {
                let answers = operation["responses"].as_object().unwrap();
                assert_eq!(answers.contains_key(status), expected, "{name}: {status}");
            }
        }
    }

    #[test]
    fn every_error_is_a_problem() {
        let document = document();
        for (name, operation) in operations(&document) {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                if status.starts_with(['4', '5']) && name != "GET /readyz" {
                    let problem = "#/components/responses/ProblemResponse";
                    assert_eq!(answer["$ref"], problem, "{name}: {status}");
                }
            }
        }
        let response = &document["components"]["responses"]["ProblemResponse"];
        let schema = &response["content"]["application/problem+json"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/Problem");
    }

    #[test]
    fn what_has_few_values_names_them() {
        let document = document();
        let schemas = &document["components"]["schemas"];
        let states: Vec<_> = StoredState::iter().map(|state| state.to_value()).collect();
        assert_eq!(schemas["DeliveryState"]["enum"], json!(states));
        let sorts = OrderSort::ALL.map(OrderSort::as_str);
        assert_eq!(schemas["OrderSort"]["enum"], json!(sorts));
        let statuses = OrderStatus::ALL.map(OrderStatus::as_str);
        assert_eq!(schemas["OrderStatus"]["enum"], json!(statuses));

        let reference = |name: &str| json!(format!("#/components/schemas/{name}"));
        let state = &schemas["DeliverySummary"]["properties"]["state"];
        assert_eq!(state["$ref"], reference("DeliveryState"));
        let orders = &document["paths"]["/orders"]["get"];
        assert_eq!(
            parameter(orders, "sort")["schema"]["$ref"],
            reference("OrderSort")
        );
        let deliveries = &document["paths"]["/deliveries"]["get"];
        for (list, name, of) in [
            (orders, "status", "OrderStatus"),
            (deliveries, "state", "DeliveryState"),
        ] {
            let parameter = parameter(list, name);
            assert_eq!(parameter["schema"]["items"]["$ref"], reference(of));
            assert_eq!(parameter["style"], "form", "comma-separated");
            assert_eq!(parameter["explode"], false, "comma-separated");
        }
        for (name, field) in [
            ("Health", "status"),
            ("Readiness", "status"),
            ("Readiness", "database"),
            ("Readiness", "queue"),
        ] {
            let schema = &schemas[name]["properties"][field];
            assert!(schema["enum"].is_array(), "{name}.{field}");
        }
    }

    /// The contract changes only on purpose: `UPDATE_SNAPSHOT=1 cargo test` writes it.
    #[test]
    fn the_document_is_the_one_in_docs() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let now = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        let same = committed == now;
        assert!(same, "run UPDATE_SNAPSHOT=1 cargo test -p server openapi");
    }
}
