//! The payload of a delivery, as it is shown.

use domain::wire::DeliveryDetail;
use serde_json::Value;

use super::pretty::pretty;
use crate::format;

/// The payload, ready to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// The readable text.
    pub text: Option<String>,
    /// Why there is no text, or why it is not formatted.
    pub note: Option<String>,
    /// The id of its order at Shopify, as in the payload: finds the order.
    pub order: Option<String>,
}

impl Body {
    /// The payload of a delivery.
    pub fn of(delivery: &DeliveryDetail) -> Self {
        if let Some(at) = delivery.payload_pruned_at {
            let note = format!("Dropped {}, for privacy or age.", format::moment(at));
            return Self {
                note: Some(note),
                ..Self::default()
            };
        }
        if let Some(text) = &delivery.payload {
            return match pretty(text) {
                Some(pretty) => Self {
                    text: Some(pretty),
                    note: None,
                    order: order_number(text),
                },
                None => Self {
                    text: Some(text.clone()),
                    note: Some("Not JSON: shown as it arrived.".to_owned()),
                    order: None,
                },
            };
        }
        Self {
            text: delivery.payload_base64.clone(),
            note: Some("Not text: shown in Base64.".to_owned()),
            order: None,
        }
    }
}

/// The Shopify id of the order a payload is about. Edits and refunds are wrapped, and
/// name it `order_id`.
fn order_number(payload: &str) -> Option<String> {
    let body: Value = serde_json::from_str(payload).ok()?;
    let around = body.get("order_edit").or_else(|| body.get("refund"));
    let id = around
        .unwrap_or(&body)
        .get("order_id")
        .or_else(|| body.get("id"))?;
    match id {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_named_by_every_kind_of_payload() {
        for (payload, order) in [
            (r#"{"id": 7}"#, Some("7")),
            (r#"{"id": "7"}"#, Some("7")),
            (r#"{"id": 1, "order_id": 7}"#, Some("7")),
            (r#"{"order_edit": {"order_id": 7}}"#, Some("7")),
            (r#"{"refund": {"id": 1, "order_id": 7}}"#, Some("7")),
            (r#"{"id": "7&x"}"#, None),
            (r#"{"shop_id": 7}"#, None),
            ("[]", None),
        ] {
            assert_eq!(order_number(payload).as_deref(), order, "{payload}");
        }
    }
}
