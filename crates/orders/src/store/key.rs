//! How an order is known to its channel, in SQL.

/// The SQL expression for the channel's id of an order, as it is indexed. Orders that were
/// stored before other channels were supported have only the number.
pub(crate) const EXTERNAL_ID: &str = "COALESCE(external_order_id, CAST(shopify_order_id AS TEXT))";
