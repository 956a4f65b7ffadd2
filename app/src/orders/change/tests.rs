use serde_json::json;

use super::*;

fn event(version: i64, changes: Vec<(&str, Value, Value)>) -> OrderEvent {
    let changes = changes.into_iter().map(|(field, from, to)| FieldChange {
        field: field.to_owned(),
        from,
        to,
    });
    OrderEvent {
        version,
        actor: "desk".into(),
        delivery_id: None,
        changes: changes.collect(),
        at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn a_change_reads_as_a_sentence() {
    for (field, from, to, text) in [
        (
            "status",
            json!("PENDING"),
            json!("SHIPPED"),
            "Status: Pending → Shipped",
        ),
        (
            "channelStatus",
            json!("PENDING"),
            json!("CONFIRMED"),
            "Channel status: Pending → Confirmed",
        ),
        (
            "financialStatus",
            Value::Null,
            json!("partially_paid"),
            "Financial status: none → partially paid",
        ),
        (
            "trackingNumber",
            json!(""),
            json!("1Z"),
            "Tracking number: none → 1Z",
        ),
        (
            "total",
            json!("42.00"),
            json!("1204.50"),
            "Total: $42.00 → $1,204.50",
        ),
        (
            "deliveredAt",
            Value::Null,
            json!("2026-11-20T10:00:00.325Z"),
            "Delivered at: none → 20 Nov 2026, 10:00 UTC",
        ),
        ("itemCount", json!(1), json!(2), "Item count: 1 → 2"),
        (
            "customer",
            json!({"name": "Ada", "email": null}),
            Value::Null,
            "Customer: Ada → none",
        ),
    ] {
        let event = event(2, vec![(field, from, to)]);
        assert_eq!(lines(&event, &[], "USD"), [text]);
    }
}

#[test]
fn the_channel_status_is_shown_only_when_the_order_status_did_not_follow() {
    let channel = ("channelStatus", json!("CONFIRMED"), json!("DELIVERED"));
    let desk = ("status", json!("SHIPPED"), json!("DELIVERED"));
    let alone = event(2, vec![channel.clone()]);
    assert_eq!(
        lines(&alone, &[], "USD"),
        ["Channel status: Confirmed → Delivered"]
    );
    let both = event(2, vec![desk, channel]);
    assert_eq!(lines(&both, &[], "USD"), ["Status: Shipped → Delivered"]);
}

#[test]
fn an_amount_is_in_the_currency_of_its_time() {
    let total = |from: &str, to: &str| ("total", json!(from), json!(to));
    let currency = ("currency", json!("EUR"), json!("USD"));
    let newest = event(4, vec![total("3.00", "4.00")]);
    let switch = event(3, vec![currency, total("2.00", "3.00")]);
    let oldest = event(2, vec![total("1.00", "2.00")]);
    let known = [newest, switch, oldest];
    let read: Vec<_> = known
        .iter()
        .flat_map(|event| lines(event, &known, "USD"))
        .collect();
    assert_eq!(
        read,
        [
            "Total: $3.00 → $4.00",
            "Currency: EUR → USD",
            "Total: €2.00 → $3.00",
            "Total: €1.00 → €2.00",
        ]
    );
}
