use serde_json::Value;

use super::*;

fn body(size: Size, event: OrderEvent, variant: usize, number: u64) -> (usize, Value) {
    let placed = "2026-01-15T10:00:00Z".parse().unwrap();
    let mut out = b"before".to_vec();
    Template::new(size, event, variant, placed).write(number, &mut out);
    (out.len() - 6, serde_json::from_slice(&out[6..]).unwrap())
}

#[test]
fn payloads_have_the_documented_sizes() {
    let (minimal, _) = body(Size::Minimal, OrderEvent::Placed, 0, 1);
    assert!((180..300).contains(&minimal), "{minimal}");
    for variant in 0..3 {
        let (real, _) = body(Size::Real, OrderEvent::Paid, variant, 1);
        assert!((12_000..20_000).contains(&real), "{variant}: {real}");
    }
}

#[test]
fn every_order_has_its_own_id_and_name() {
    for size in [Size::Minimal, Size::Real] {
        let (_, body) = body(size, OrderEvent::Placed, 0, 1_234_567);
        assert_eq!(body["id"], 5_500_001_234_567_u64);
        assert_eq!(body["name"], "#001234567");
        assert!(!body.to_string().contains("7654321987654"));
        assert!(!body.to_string().contains("987654321"));
    }
}

#[test]
fn an_order_is_paid_after_it_was_placed() {
    for size in [Size::Minimal, Size::Real] {
        let (_, placed) = body(size, OrderEvent::Placed, 0, 1);
        let (_, paid) = body(size, OrderEvent::Paid, 0, 1);
        assert_eq!(placed["financial_status"], "pending");
        assert_eq!(paid["financial_status"], "paid");
        assert!(paid["updated_at"].as_str() > placed["updated_at"].as_str());
    }
}
