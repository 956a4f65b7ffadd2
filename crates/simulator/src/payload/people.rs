//! Who ordered, and from where. Personal data is null where Shopify keeps it from us.

use serde_json::{Value, json};

use super::{gid, scatter, sub_id, time};
use crate::{catalogue::USER_AGENTS, order::Order};

pub(super) fn people(order: &Order) -> Value {
    let address = address(order);
    let agent = usize::try_from(order.id % 3).unwrap_or_default();
    let agent = (!order.buyer.redacted).then_some(USER_AGENTS[agent]);
    // From the block of addresses kept for documentation.
    let ip = (!order.buyer.redacted).then(|| format!("203.0.113.{}", 1 + order.id % 254));
    json!({
        "email": order.buyer.email,
        "contact_email": order.buyer.email,
        "phone": null,
        "browser_ip": ip,
        "buyer_accepts_marketing": order.id.is_multiple_of(3),
        "customer_locale": order.place.locale,
        "client_details": {
            "accept_language": order.place.locale,
            "browser_height": null,
            "browser_width": null,
            "browser_ip": ip,
            "session_hash": null,
            "user_agent": agent,
        },
        "customer": customer(order, &address),
        "billing_address": address,
        "shipping_address": address,
    })
}

fn address(order: &Order) -> Value {
    let (place, known) = (order.place, !order.buyer.redacted);
    let (latitude, longitude) = place.at;
    let house = 1 + scatter(order.id) % 180;
    json!({
        "first_name": known.then_some(order.buyer.first),
        "last_name": known.then_some(order.buyer.last),
        "name": known.then(|| format!("{} {}", order.buyer.first, order.buyer.last)),
        "address1": known.then(|| format!("{house} {}", place.street)),
        "address2": house.is_multiple_of(5).then(|| format!("Apt {}", house % 40)),
        "company": null,
        // The last two digits of a number in a range set aside for fiction.
        "phone": place.phone.filter(|_| known).map(|start| format!("{start}{:02}", house % 100)),
        "city": place.city,
        "zip": place.zip,
        "province": place.province.map(|(name, _)| name),
        "province_code": place.province.map(|(_, code)| code),
        "country": place.country.0,
        "country_code": place.country.1,
        "latitude": known.then_some(latitude),
        "longitude": known.then_some(longitude),
    })
}

fn customer(order: &Order, address: &Value) -> Value {
    if order.buyer.redacted {
        return Value::Null;
    }
    let id = sub_id(order, "customer", 0);
    let mut home = address.clone();
    home["id"] = sub_id(order, "address", 0).into();
    home["customer_id"] = id.into();
    home["country_name"] = order.place.country.0.into();
    home["default"] = true.into();
    json!({
        "id": id,
        "admin_graphql_api_id": gid("Customer", id),
        "email": order.buyer.email,
        "created_at": time(order.created_at),
        "updated_at": time(order.updated_at),
        "first_name": order.buyer.first,
        "last_name": order.buyer.last,
        "state": "disabled",
        "note": null,
        "verified_email": order.buyer.email.is_some(),
        "multipass_identifier": null,
        "tax_exempt": false,
        "tax_exemptions": [],
        "phone": null,
        "email_marketing_consent": {
            "state": if order.id.is_multiple_of(3) { "subscribed" } else { "not_subscribed" },
            "opt_in_level": "single_opt_in",
            "consent_updated_at": time(order.created_at),
        },
        "sms_marketing_consent": null,
        "tags": "",
        "currency": order.currency.code,
        "default_address": home,
    })
}
