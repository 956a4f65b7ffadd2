//! The customer and the address. Personal data is null where Shopify does not share it.

use serde_json::{Value, json};

use super::{gid, scatter, sub_id, time};
use crate::{catalogue::USER_AGENTS, order::Order};

pub(super) fn customer(order: &Order) -> Value {
    let address = address(order);
    let agent = usize::try_from(order.id % 3).unwrap_or_default();
    let agent = (!order.customer.redacted).then_some(USER_AGENTS[agent]);
    // From the address block reserved for documentation (RFC 5737).
    let ip = (!order.customer.redacted).then(|| format!("203.0.113.{}", 1 + order.id % 254));
    json!({
        "email": order.customer.email,
        "contact_email": order.customer.email,
        "phone": null,
        "browser_ip": ip,
        "buyer_accepts_marketing": order.id.is_multiple_of(3),
        "customer_locale": order.location.locale,
        "client_details": {
            "accept_language": order.location.locale,
            "browser_height": null,
            "browser_width": null,
            "browser_ip": ip,
            "session_hash": null,
            "user_agent": agent,
        },
        "customer": customer_record(order, &address),
        "billing_address": address,
        "shipping_address": address,
    })
}

fn address(order: &Order) -> Value {
    let (location, known) = (order.location, !order.customer.redacted);
    let (latitude, longitude) = location.coordinates;
    let house = 1 + scatter(order.id) % 180;
    json!({
        "first_name": known.then_some(order.customer.first),
        "last_name": known.then_some(order.customer.last),
        "name": known.then(|| format!("{} {}", order.customer.first, order.customer.last)),
        "address1": known.then(|| format!("{house} {}", location.street)),
        "address2": house.is_multiple_of(5).then(|| format!("Apt {}", house % 40)),
        "company": null,
        // The last two digits of a number in a range reserved for fiction.
        "phone": location.phone.filter(|_| known).map(|start| format!("{start}{:02}", house % 100)),
        "city": location.city,
        "zip": location.zip,
        "province": location.province.map(|(name, _)| name),
        "province_code": location.province.map(|(_, code)| code),
        "country": location.country.0,
        "country_code": location.country.1,
        "latitude": known.then_some(latitude),
        "longitude": known.then_some(longitude),
    })
}

fn customer_record(order: &Order, address: &Value) -> Value {
    if order.customer.redacted {
        return Value::Null;
    }
    let id = sub_id(order, "customer", 0);
    let mut home = address.clone();
    home["id"] = sub_id(order, "address", 0).into();
    home["customer_id"] = id.into();
    home["country_name"] = order.location.country.0.into();
    home["default"] = true.into();
    json!({
        "id": id,
        "admin_graphql_api_id": gid("Customer", id),
        "email": order.customer.email,
        "created_at": time(order.created_at),
        "updated_at": time(order.updated_at),
        "first_name": order.customer.first,
        "last_name": order.customer.last,
        "state": "disabled",
        "note": null,
        "verified_email": order.customer.email.is_some(),
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
