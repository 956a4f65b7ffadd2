//! The access path of a list: the index by which its orders are found, and their order.
//! The planner of `PostgreSQL` would choose slow ones for long lists.

use domain::orders::search;
use domain::orders::status::OrderStatus;
use domain::wire::{OrderQuery, OrderSort};
use platform::db::Db;
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select};

use super::cursor::{self, PageCursor};
use crate::entities::order::{Column, Entity};

/// How the orders of a list are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessPath {
    /// Finds the orders that match, then sorts them. `PostgreSQL` assumes that any
    /// beginning of a word is in one order of fifty, and would read up to a million
    /// orders in sequence until it has found fifty that match.
    FindThenSort,
    /// Reads the orders in sequence and leaves out those that do not match.
    ScanInOrder,
    /// Reads the orders of this status in sequence. `PostgreSQL` knows how many there
    /// are, but not where they are: it would read all orders until it has found fifty,
    /// past any number of newer ones with another status.
    ScanStatus(OrderStatus),
}

impl AccessPath {
    /// The access path that reads a list in sequence.
    pub(super) fn for_list(db: &Db, query: &OrderQuery) -> Self {
        let by_time = matches!(
            query.sort,
            OrderSort::PlacedDescending | OrderSort::PlacedAscending
        );
        let status_alone = OrderQuery {
            status: query.status.clone(),
            sort: query.sort,
            ..OrderQuery::default()
        };
        match query.status[..] {
            [status] if by_time && !db.is_sqlite() && query.list() == status_alone => {
                Self::ScanStatus(status)
            }
            _ => Self::ScanInOrder,
        }
    }
}

/// The condition for the orders of a list.
pub(super) fn filter(db: &Db, query: &OrderQuery, path: AccessPath) -> Condition {
    let mut filter = Condition::all();
    if let AccessPath::ScanStatus(status) = path {
        // With `=`, `PostgreSQL` would drop the status from the sort, and could then use
        // any index by time.
        filter = filter.add(Column::Status.between(status.as_str(), status.as_str()));
    } else if !query.status.is_empty() {
        filter = filter.add(Column::Status.is_in(query.status.iter().map(|s| s.as_str())));
    }
    if let Some(shop) = &query.shop {
        filter = filter.add(Column::Shop.eq(shop));
    }
    if let Some(from) = query.placed_from {
        filter = filter.add(Column::PlacedAt.gte(from));
    }
    if let Some(to) = query.placed_to {
        filter = filter.add(Column::PlacedAt.lt(to));
    }
    if let Some(up_to) = query.up_to {
        let id = if query.q.is_some() && path == AccessPath::ScanInOrder {
            // The index of the id has another sequence.
            unindexed(Column::Id)
        } else {
            Expr::col(Column::Id)
        };
        filter = filter.add(id.lte(up_to));
    }
    if let Some(q) = &query.q {
        filter = filter.add(matches(db, q, path));
    }
    filter
}

/// The condition that an order has a word for every word of the search, which may lack
/// the last letters.
fn matches(db: &Db, q: &str, path: AccessPath) -> SimpleExpr {
    let words = search::words(q);
    if words.is_empty() {
        // A search without words finds no order.
        return Expr::val(1).eq(0);
    }
    if db.is_sqlite() {
        let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        let sql = "search_id IN (SELECT rowid FROM orders_search WHERE orders_search MATCH ?)";
        return Expr::cust_with_values(sql, [words.join(" ")]);
    }
    if path == AccessPath::FindThenSort {
        let words: Vec<_> = words.iter().map(|word| format!("{word}:*")).collect();
        let sql = "to_tsvector('simple', search_text) @@ to_tsquery('simple', $1)";
        return Expr::cust_with_values(sql, [words.join(" & ")]);
    }
    // The same condition, ten times as fast for a row that is read anyway.
    let one = |word: &String| {
        let sql = "' ' || search_text LIKE $1";
        Expr::cust_with_values(sql, [format!("% {word}%")])
    };
    let mut words = words.iter().map(one);
    let first = words.next().unwrap_or_else(|| Expr::val(1).eq(1));
    words.fold(first, ExprTrait::and)
}

/// The part of the list that follows `after`, sorted.
pub(super) fn list(
    db: &Db,
    query: &OrderQuery,
    path: AccessPath,
    after: Option<PageCursor>,
) -> Select<Entity> {
    let sort = query.sort;
    let column = cursor::column(sort);
    let mut filter = filter(db, query, path);
    if let Some(PageCursor { key, id }) = after {
        // One row comparison, because an index on these columns finds it directly.
        let mut row = vec![Expr::col(column), Expr::col(Column::Id)];
        let mut last = vec![Expr::val(key), Expr::val(id)];
        if let AccessPath::ScanStatus(status) = path {
            row.insert(0, Expr::col(Column::Status));
            last.insert(0, Expr::val(status.as_str()));
        }
        let (row, last) = (Expr::tuple(row), Expr::tuple(last));
        filter = filter.add(if sort.is_descending() {
            row.lt(last)
        } else {
            row.gt(last)
        });
    }
    let key = match path {
        // Must not choose an index by its sequence.
        AccessPath::FindThenSort => unindexed(column),
        AccessPath::ScanInOrder | AccessPath::ScanStatus(_) => Expr::col(column),
    };
    let mut list = Entity::find().filter(filter);
    if let AccessPath::ScanStatus(_) = path {
        list = list.order_by(Column::Status, direction(sort));
    }
    list.order_by(key, direction(sort))
        .order_by(Column::Id, direction(sort))
}

/// The column as an expression for which no index is used.
fn unindexed(column: Column) -> SimpleExpr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

fn direction(sort: OrderSort) -> sea_orm::Order {
    if sort.is_descending() {
        sea_orm::Order::Desc
    } else {
        sea_orm::Order::Asc
    }
}
