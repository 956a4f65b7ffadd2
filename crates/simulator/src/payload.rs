//! An order as Shopify writes it in a webhook: full size, with nulls and with fields that
//! the server does not use.

mod customer;
mod items;
mod shipping;
mod totals;

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::{money::Currency, order::Order};

/// Returns the JSON body of a webhook about this order; `shop` is its myshopify.com domain.
pub(crate) fn payload(order: &Order, shop: &str) -> Value {
    let mut root = Map::new();
    for part in [
        identity(order, shop),
        statuses(order),
        origin(order),
        customer::customer(order),
        items::items(order),
        shipping::shipping(order),
    ] {
        if let Value::Object(fields) = part {
            root.extend(fields);
        }
    }
    totals::totals(&mut root, order);
    Value::Object(root)
}

fn identity(order: &Order, shop: &str) -> Value {
    let token = token(order, 1);
    json!({
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "name": order.name,
        "number": order.number.saturating_sub(1_000),
        "order_number": order.number,
        "confirmation_number": token[..9].to_uppercase(),
        "app_id": 580_111,
        "cart_token": self::token(order, 2),
        "checkout_id": sub_id(order, "checkout", 0),
        "checkout_token": self::token(order, 3),
        "order_status_url": format!("https://{shop}/68122/orders/{token}/authenticate?key=example"),
        "token": token,
    })
}

fn statuses(order: &Order) -> Value {
    json!({
        "created_at": time(order.created_at),
        "processed_at": time(order.created_at),
        "updated_at": time(order.updated_at),
        "closed_at": order.closed_at.map(time),
        "cancelled_at": order.cancelled.map(|(at, _)| time(at)),
        "cancel_reason": order.cancelled.map(|(_, reason)| reason),
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfilment_status(),
        "confirmed": true,
        "test": order.test,
        "currency": order.currency.code,
        "presentment_currency": order.currency.code,
        "taxes_included": false,
        "tax_exempt": false,
        "estimated_taxes": false,
        "duties_included": false,
        "payment_gateway_names": [if order.id % 4 == 1 { "paypal" } else { "shopify_payments" }],
        "payment_terms": null,
    })
}

/// Where the order came from. The server does not use these fields, but Shopify always
/// sends them.
fn origin(order: &Order) -> Value {
    json!({
        "landing_site": format!(
            "/collections/kettles-and-teapots?utm_source=newsletter&utm_medium=email\
             &utm_campaign=slow-mornings&utm_content=hero&_ke={}{}&mc_eid={}",
            token(order, 5), token(order, 6), token(order, 7),
        ),
        "landing_site_ref": null,
        "referring_site": "https://search.example.com/",
        "source_identifier": null,
        "source_name": "web",
        "source_url": null,
        "device_id": null,
        "location_id": null,
        "user_id": null,
        "po_number": null,
        "reference": null,
        "merchant_business_entity_id": "MTY4MTIyMDAw",
        "merchant_of_record_app_id": null,
        "note": order.note,
        "note_attributes": [
            { "name": "gift", "value": if order.note.is_some() { "yes" } else { "no" } },
            { "name": "cart_id", "value": token(order, 4) },
            { "name": "_session", "value": token(order, 8) },
            { "name": "_visitor", "value": token(order, 9) },
            { "name": "preferred_delivery", "value": "weekday mornings, at the side door" },
        ],
        "tags": if order.total() > order.currency.price(20_000) { "big-order, wholesale" } else { "" },
    })
}

/// An amount as a "price set". The simulated shop shows customers prices in its own currency.
fn set(currency: Currency, minor: i64) -> Value {
    let money = json!({ "amount": currency.write(minor), "currency_code": currency.code });
    json!({ "shop_money": money, "presentment_money": money })
}

/// Formats a time as Shopify does: in the shop's time zone, to the second.
fn time(at: DateTime<Utc>) -> String {
    FixedOffset::west_opt(5 * 3_600).map_or_else(
        || at.to_rfc3339_opts(SecondsFormat::Secs, true),
        |zone| {
            at.with_timezone(&zone)
                .to_rfc3339_opts(SecondsFormat::Secs, false)
        },
    )
}

fn gid(kind: &str, id: u64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The id of a part of an order; it is the same in each of the order's webhooks.
fn sub_id(order: &Order, kind: &str, index: usize) -> u64 {
    let seed = kind
        .bytes()
        .fold(index as u64, |sum, byte| sum * 31 + u64::from(byte));
    14_000_000_000_000 + scatter(order.id ^ scatter(seed)) % 900_000_000_000
}

/// 32 hexadecimal digits that are the same in each webhook of an order.
fn token(order: &Order, salt: u64) -> String {
    format!(
        "{:016x}{:016x}",
        scatter(order.id ^ salt),
        scatter(order.id ^ (salt << 32))
    )
}

/// The finalizer of `SplitMix64`: consecutive numbers give unrelated results.
fn scatter(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
