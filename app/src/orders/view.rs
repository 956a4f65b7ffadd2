//! The list that is shown: its filter, search and sort, as in the address.

use domain::orders::search;
use domain::orders::status::OrderStatus;
use domain::wire::{Order, OrderQuery, OrderSort};

/// A list of orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Only this status; `None` shows all.
    pub status: Option<OrderStatus>,
    /// Words to find; empty finds all.
    pub search: String,
    /// The order of the rows.
    pub sort: OrderSort,
}

impl View {
    /// The list that an address names. Unknown parts are ignored.
    pub fn from_address(get: impl Fn(&str) -> Option<String>) -> Self {
        let search: String = get("q").unwrap_or_default();
        Self {
            status: get("status").and_then(|status| status.parse().ok()),
            search: search.chars().take(search::MAX_QUERY).collect(),
            sort: get("sort")
                .and_then(|sort| OrderSort::parse(&sort))
                .unwrap_or_default(),
        }
    }

    /// The address of this list.
    pub fn to_address(&self) -> String {
        let mut query = self.query().to_query_string();
        let default = format!("sort={}", OrderSort::default().as_str());
        if self.sort == OrderSort::default() {
            query = query.replacen(&default, "", 1);
        }
        match query.trim_start_matches('&') {
            "" => "/dashboard".to_owned(),
            query => format!("/dashboard?{query}"),
        }
    }

    /// The query for the server.
    pub fn query(&self) -> OrderQuery {
        let search = self.search.trim();
        OrderQuery {
            status: self.status.into_iter().collect(),
            q: (!search.is_empty()).then(|| search.to_owned()),
            sort: self.sort,
            ..OrderQuery::default()
        }
    }

    /// An order belongs in this list.
    pub fn holds(&self, order: &Order) -> bool {
        self.status.is_none_or(|status| status == order.status)
            && (self.search.trim().is_empty() || search::finds(&self.search, order))
    }

    /// Nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.status.is_none() && self.search.trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_list_and_the_list_names_the_address() {
        let view = View {
            status: Some(OrderStatus::Shipped),
            search: "ada".into(),
            sort: OrderSort::TotalDescending,
        };
        let address = view.to_address();
        assert_eq!(address, "/dashboard?sort=-total&status=SHIPPED&q=ada");
        let read = View::from_address(|name| match name {
            "status" => Some("SHIPPED".into()),
            "q" => Some("ada".into()),
            "sort" => Some("-total".into()),
            _ => None,
        });
        assert_eq!(read, view);
        assert_eq!(View::default().to_address(), "/dashboard");
    }

    #[test]
    fn nonsense_in_an_address_shows_everything() {
        let read = View::from_address(|_| Some("!".into()));
        assert_eq!(read.status, None);
        assert_eq!(read.sort, OrderSort::default());
    }
}
