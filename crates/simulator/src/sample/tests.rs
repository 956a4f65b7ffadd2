use super::*;

#[test]
fn a_sample_has_the_requested_total_in_every_currency() {
    for (currency, total, written) in [
        (Currency::USD, 19_999, "199.99"),
        (Currency::JPY, 12_800, "12800"),
        (Currency::KWD, 1, "0.001"),
        (Currency::EUR, 0, "0.00"),
    ] {
        for lines in 1..8 {
            let sample = SampleOrder::new(7)
                .currency(currency)
                .lines(lines)
                .total_minor(total);
            assert_eq!(sample.order.total(), total);
            assert_eq!(sample.to_json()["total_price"], written);
        }
    }
}

#[test]
fn a_sample_is_of_full_size_and_keeps_its_id() {
    let sample = SampleOrder::new((1 << 53) + 1)
        .name("#77")
        .to_delivery("orders/create", "w");
    assert!(
        (10_000..20_000).contains(&sample.body.len()),
        "{} bytes",
        sample.body.len()
    );
    let body: Value = serde_json::from_slice(&sample.body).unwrap();
    assert_eq!(body["id"].as_u64(), Some((1 << 53) + 1));
    assert_eq!(body["name"], "#77");
    assert_eq!(body["updated_at"], "2026-01-15T05:00:00-05:00");
}
