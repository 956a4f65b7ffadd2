//! The loading state of the delivery in the viewer.

use domain::wire::{DeliveryDetail, Problem};

use super::{DEAD, reason};

/// The delivery, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// Nothing yet.
    Nothing,
    /// The delivery.
    Delivery(Box<DeliveryDetail>),
    /// It did not load.
    Failed(Problem),
}

impl Loaded {
    /// The delivery, if it did load.
    pub fn delivery(&self) -> Option<&DeliveryDetail> {
        match self {
            Self::Delivery(delivery) => Some(delivery),
            Self::Nothing | Self::Failed(_) => None,
        }
    }

    /// The payload as it arrived, or in Base64 if it was not text.
    pub fn payload(&self) -> Option<&String> {
        let delivery = self.delivery()?;
        let base64 = delivery.payload_base64.as_ref();
        delivery.payload.as_ref().or(base64)
    }

    /// It is dead, and its payload, which a retry needs, still exists.
    pub fn can_be_retried(&self) -> bool {
        self.delivery().is_some_and(|delivery| {
            delivery.summary.state == DEAD && delivery.payload_pruned_at.is_none()
        })
    }

    /// The kind and text of its notice: why it failed, or why it did not load.
    pub fn notice(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Nothing => None,
            Self::Delivery(delivery) => {
                let kind = match delivery.summary.state.as_str() {
                    DEAD | "rejected" => "error",
                    _ => "info",
                };
                Some((kind, delivery.summary.error.clone()?))
            }
            Self::Failed(problem) => {
                let reason = reason(problem.clone());
                Some(("error", format!("It did not load. {reason}")))
            }
        }
    }
}
