//! The steps of an order after it was placed.

use chrono::{DateTime, Utc};

use super::{Fulfilment, Order, Refund};

/// One step in the lifecycle of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Paid,
    /// The lines before this one are shipped; the others follow later.
    ShippedInPart(usize),
    Shipped,
    OutForDelivery,
    Delivered,
    Cancelled(&'static str),
    RefundedInPart,
    Refunded,
}

impl Order {
    /// When the next step is due; `None` if there is none.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.plan.front().map(|(wait, _)| self.updated_at + *wait)
    }

    /// Takes the next step at `at` and returns the topic of its webhook.
    pub fn advance(&mut self, at: DateTime<Utc>) -> Option<&'static str> {
        let (_, step) = self.plan.pop_front()?;
        self.updated_at = at;
        Some(match step {
            Step::Paid => {
                self.financial_status = "paid".into();
                "orders/paid"
            }
            Step::ShippedInPart(end) => {
                self.ship(end, at);
                "orders/partially_fulfilled"
            }
            Step::Shipped => {
                self.ship(self.lines.len(), at);
                "orders/fulfilled"
            }
            Step::OutForDelivery => {
                self.track("out_for_delivery", at);
                "orders/updated"
            }
            Step::Delivered => {
                self.track("delivered", at);
                self.closed_at = Some(at);
                "orders/updated"
            }
            Step::Cancelled(reason) => {
                self.cancelled = Some((at, reason));
                self.closed_at = Some(at);
                if self.financial_status == "paid" {
                    self.refund(self.lines.len(), "order cancelled", at);
                } else {
                    self.financial_status = "voided".into();
                    self.lines.iter_mut().for_each(|line| line.returned = true);
                }
                "orders/cancelled"
            }
            Step::RefundedInPart => {
                self.refund(1, "one item arrived damaged", at);
                "orders/updated"
            }
            Step::Refunded => {
                self.refund(self.lines.len(), "returned within 30 days", at);
                "orders/updated"
            }
        })
    }

    /// Ships the lines not yet shipped, up to but not including line `end`.
    pub fn ship(&mut self, end: usize, at: DateTime<Utc>) {
        self.fulfilments.push(Fulfilment {
            lines: self.shipped()..end,
            created_at: at,
            updated_at: at,
            shipment_status: "in_transit",
        });
    }

    /// Sets the shipment status of every parcel, as the carrier reports it.
    pub fn track(&mut self, shipment_status: &'static str, at: DateTime<Utc>) {
        for parcel in &mut self.fulfilments {
            parcel.shipment_status = shipment_status;
            parcel.updated_at = at;
        }
    }

    /// Refunds the first `count` lines; if these are all lines, the shipping fee too.
    fn refund(&mut self, count: usize, note: &'static str, at: DateTime<Utc>) {
        let before = self.current_total();
        self.lines
            .iter_mut()
            .take(count)
            .for_each(|line| line.returned = true);
        let all = self.lines.iter().all(|line| line.returned);
        self.financial_status = if all {
            "refunded"
        } else {
            "partially_refunded"
        }
        .into();
        self.refunds.push(Refund {
            at,
            amount: before - self.current_total(),
            note,
        });
    }
}
