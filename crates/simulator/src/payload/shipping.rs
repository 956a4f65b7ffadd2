//! The chosen shipping method and the parcels.

use serde_json::{Value, json};

use super::{gid, scatter, set, sub_id, time};
use crate::{
    catalogue::CARRIERS,
    order::{Fulfilment, Order},
};

pub(super) fn shipping(order: &Order) -> Value {
    let (title, minor) = order.shipping;
    json!({
        "shipping_lines": [{
            "id": sub_id(order, "shipping", 0),
            "carrier_identifier": null,
            "code": title,
            "title": title,
            "price": order.currency.write(minor),
            "price_set": set(order.currency, minor),
            "discounted_price": order.currency.write(minor),
            "discounted_price_set": set(order.currency, minor),
            "current_discounted_price_set": set(order.currency, minor),
            "is_removed": false,
            "phone": null,
            "requested_fulfillment_service_id": null,
            "source": "shopify",
            "tax_lines": [],
            "discount_allocations": [],
        }],
        "fulfillments": order.fulfilments.iter().enumerate()
            .map(|(index, parcel)| fulfilment(order, index, parcel)).collect::<Vec<_>>(),
    })
}

fn fulfilment(order: &Order, index: usize, parcel: &Fulfilment) -> Value {
    let id = sub_id(order, "fulfillment", index);
    let carrier = usize::try_from(order.id % 4).unwrap_or_default();
    let (company, page) = CARRIERS[carrier];
    let number = format!("FK{:010}", scatter(id) % 10_000_000_000);
    let url = format!("{page}{number}");
    json!({
        "id": id,
        "admin_graphql_api_id": gid("Fulfillment", id),
        "order_id": order.id,
        "name": format!("{}.{}", order.name, index + 1),
        "created_at": time(parcel.created_at),
        "updated_at": time(parcel.updated_at),
        "location_id": 65_500_112_233_u64,
        "origin_address": {},
        "receipt": {},
        "service": "manual",
        "status": "success",
        "shipment_status": parcel.shipment_status,
        "tracking_company": company,
        "tracking_number": number,
        "tracking_numbers": [number],
        "tracking_url": url,
        "tracking_urls": [url],
        "line_items": parcel.lines.clone().map(|at| super::items::line(order, at)).collect::<Vec<_>>(),
    })
}
