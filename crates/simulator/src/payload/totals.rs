//! The totals of an order as it was placed, and (`current_*`) without returned lines.

use serde_json::{Map, Value};

use super::set;
use crate::order::{Line, Order};

pub(super) fn totals(root: &mut Map<String, Value>, order: &Order) {
    let kept = |part: fn(&Line) -> i64| order.kept().map(part).sum::<i64>();
    let owed = matches!(order.financial_status.as_str(), "pending" | "authorized");
    for (name, minor) in [
        ("subtotal_price", order.gross() - order.discounts()),
        ("total_line_items_price", order.gross()),
        ("total_discounts", order.discounts()),
        ("total_tax", order.tax()),
        ("total_price", order.total()),
        (
            "current_subtotal_price",
            kept(|line| line.gross() - line.discount),
        ),
        ("current_total_discounts", kept(|line| line.discount)),
        ("current_total_tax", kept(|line| line.tax)),
        ("current_total_price", order.current_total()),
    ] {
        root.insert(name.into(), order.currency.write(minor).into());
        root.insert(format!("{name}_set"), set(order.currency, minor));
    }
    let owed = if owed { order.total() } else { 0 };
    root.insert(
        "total_outstanding".into(),
        order.currency.write(owed).into(),
    );
    root.insert("total_tip_received".into(), order.currency.write(0).into());
    for (name, amount) in [
        (
            "total_shipping_price_set",
            set(order.currency, order.shipping.1),
        ),
        (
            "total_cash_rounding_payment_adjustment_set",
            set(order.currency, 0),
        ),
        (
            "total_cash_rounding_refund_adjustment_set",
            set(order.currency, 0),
        ),
        ("current_total_additional_fees_set", Value::Null),
        ("current_total_duties_set", Value::Null),
        ("original_total_additional_fees_set", Value::Null),
        ("original_total_duties_set", Value::Null),
    ] {
        root.insert(name.into(), amount);
    }
}
