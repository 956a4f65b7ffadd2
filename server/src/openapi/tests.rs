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
fn every_reference_can_be_resolved() {
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
fn every_operation_has_a_unique_id() {
    let document = document();
    let operations = operations(&document);
    let names = operations
        .iter()
        .map(|(_, operation)| &operation["operationId"]);
    let names: HashSet<_> = names.map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names.len(), operations.len());
}

#[test]
fn no_parameter_can_be_null() {
    for (name, operation) in operations(&document()) {
        let parameters = operation["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            let schema = parameter["schema"].to_string();
            assert!(!schema.contains("null"), "{name}: {parameter}");
        }
    }
}

#[test]
fn every_operation_lists_the_statuses_of_its_refusals() {
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
fn enums_list_their_values() {
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
fn the_document_matches_the_one_in_docs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let now = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let same = committed == now;
    assert!(same, "run UPDATE_SNAPSHOT=1 cargo test -p server openapi");
}
