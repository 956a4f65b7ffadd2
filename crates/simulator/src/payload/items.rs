//! The lines of an order with their discounts, taxes and refunds.

use serde_json::{Value, json};

use super::{gid, set, sub_id, time};
use crate::order::{Line, Order, Refund};

pub(super) fn items(order: &Order) -> Value {
    let weight: u32 = order
        .lines
        .iter()
        .map(|line| line.product.grams * line.quantity)
        .sum();
    json!({
        "line_items": (0..order.lines.len()).map(|index| line(order, index)).collect::<Vec<_>>(),
        "total_weight": weight,
        "tax_lines": tax_lines(order, order.tax()),
        "discount_codes": order.discount.iter().map(|(code, _)| json!({
            "code": code,
            "amount": order.currency.write(order.discounts()),
            "type": "percentage",
        })).collect::<Vec<_>>(),
        "discount_applications": order.discount.iter().map(|(code, percent)| json!({
            "target_type": "line_item",
            "type": "discount_code",
            "value": format!("{percent}.0"),
            "value_type": "percentage",
            "allocation_method": "across",
            "target_selection": "all",
            "code": code,
        })).collect::<Vec<_>>(),
        "refunds": order.refunds.iter().enumerate()
            .map(|(index, given)| refund(order, index, given)).collect::<Vec<_>>(),
    })
}

/// One line; fulfilments and refunds contain it in full again.
pub(super) fn line(order: &Order, index: usize) -> Value {
    let Some(line) = order.lines.get(index) else {
        return Value::Null;
    };
    let (product, id) = (line.product, sub_id(order, "line", index));
    let name = product.variant.map_or_else(
        || product.title.to_owned(),
        |variant| format!("{} - {variant}", product.title),
    );
    let shipped = index < order.shipped();
    json!({
        "id": id,
        "admin_graphql_api_id": gid("LineItem", id),
        "attributed_staffs": [],
        "quantity": line.quantity,
        "current_quantity": if line.returned { 0 } else { line.quantity },
        "fulfillable_quantity": if shipped || line.returned { 0 } else { line.quantity },
        "fulfillment_service": "manual",
        "fulfillment_status": shipped.then_some("fulfilled"),
        "gift_card": false,
        "grams": product.grams,
        "name": name,
        "title": product.title,
        "variant_title": product.variant,
        "sku": product.sku,
        "vendor": product.vendor,
        "product_id": 7_700_000_000_000_u64 + u64::from(product.grams),
        "variant_id": 43_000_000_000_000_u64 + u64::from(product.grams) * 7,
        "variant_inventory_management": product.sku.map(|_| "shopify"),
        "product_exists": true,
        "properties": if product.sku.is_none() {
            json!([{ "name": "Engraving", "value": order.customer.first.chars().next() }])
        } else {
            json!([])
        },
        "requires_shipping": true,
        "taxable": order.location.tax_basis_points > 0,
        "price": order.currency.write(line.price),
        "price_set": set(order.currency, line.price),
        // Only discounts of this line alone; discount codes are listed as allocations.
        "total_discount": order.currency.write(0),
        "total_discount_set": set(order.currency, 0),
        "discount_allocations": allocations(order, line),
        "tax_lines": tax_lines(order, line.tax),
        "duties": [],
        // Not in every API version: a receiver must accept fields it does not know.
        "origin_location": {
            "id": 2_204_417_331_u64,
            "country_code": "US",
            "province_code": "OR",
            "name": "Fern & Kettle, back room",
            "address1": "12 Alder Row",
            "address2": "",
            "city": "Portland",
            "zip": "97205",
        },
        "sales_line_item_group_id": null,
    })
}

fn allocations(order: &Order, line: &Line) -> Value {
    if line.discount == 0 {
        return json!([]);
    }
    json!([{
        "amount": order.currency.write(line.discount),
        "amount_set": set(order.currency, line.discount),
        "discount_application_index": 0,
    }])
}

fn tax_lines(order: &Order, minor: i64) -> Value {
    if order.location.tax_basis_points == 0 {
        return json!([]);
    }
    let basis_points = u32::try_from(order.location.tax_basis_points).unwrap_or_default();
    json!([{
        "channel_liable": false,
        "price": order.currency.write(minor),
        "price_set": set(order.currency, minor),
        "rate": f64::from(basis_points) / 10_000.0,
        "title": order.location.tax,
    }])
}

fn refund(order: &Order, index: usize, refund: &Refund) -> Value {
    let id = sub_id(order, "refund", index);
    let transaction = sub_id(order, "transaction", index);
    let returned = order
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.returned);
    json!({
        "id": id,
        "admin_graphql_api_id": gid("Refund", id),
        "order_id": order.id,
        "created_at": time(refund.at),
        "processed_at": time(refund.at),
        "note": refund.note,
        "restock": true,
        "user_id": 98_200_000_417_u64,
        "order_adjustments": [],
        "duties": [],
        "additional_fees": [],
        "total_duties_set": set(order.currency, 0),
        "transactions": [{
            "id": transaction,
            "admin_graphql_api_id": gid("OrderTransaction", transaction),
            "amount": order.currency.write(refund.amount),
            "currency": order.currency.code,
            "created_at": time(refund.at),
            "processed_at": time(refund.at),
            "gateway": "shopify_payments",
            "kind": "refund",
            "status": "success",
            "order_id": order.id,
            "message": null,
            "error_code": null,
            "test": order.test,
        }],
        "refund_line_items": returned.map(|(index, item)| json!({
            "id": sub_id(order, "refund_line", index),
            "line_item_id": sub_id(order, "line", index),
            "location_id": 65_500_112_233_u64,
            "quantity": item.quantity,
            "restock_type": "return",
            "subtotal": order.currency.write(item.gross() - item.discount),
            "subtotal_set": set(order.currency, item.gross() - item.discount),
            "total_tax": order.currency.write(item.tax),
            "total_tax_set": set(order.currency, item.tax),
            "line_item": line(order, index),
        })).collect::<Vec<_>>(),
    })
}
