//! One row of the table.

use chrono::{DateTime, Utc};
use domain::orders::status::OrderStatus;
use domain::wire::Order;
use leptos::prelude::*;
use uuid::Uuid;

use super::active_row::ActiveRow;
use super::cells::Cell;
use super::row_pool::PooledRow;
use super::row_state::Row;
use super::store::OrderStore;
use crate::components::badge::Badge;
use crate::components::people::People;
use crate::format;
use crate::reactive::{Following, Memo, RwSignal, follow, handler, memo, view};

/// The `id` of an order's row.
pub fn row_id(order: Uuid) -> String {
    format!("row-{order}")
}

/// The order whose row has this `id`.
pub fn order_of(id: &str) -> Option<Uuid> {
    id.strip_prefix("row-")?.parse().ok()
}

/// A row's distance from the top of the list. `shift`, in pixels, is the offset of a
/// list that is too tall for browsers. Browsers count a reused row that moves by
/// `top` as a layout shift, but not one that moves by `translate`.
fn translate(position: usize, shift: f64) -> String {
    format!("0 calc(var(--row-height) * {position} + {shift}px)")
}

/// The order a table row shows; `None` while it is loading. What it derives for the
/// view updates when the row shows another order and when the order changes.
#[derive(Clone, Copy)]
struct Shown(RwSignal<Option<Row>>);

impl Shown {
    /// Reads the order.
    fn get<T>(self, read: impl FnOnce(&Row) -> T) -> Option<T> {
        self.0.with(|row| row.as_ref().map(read))
    }

    /// An attribute.
    fn attribute(self, read: fn(&Row) -> Option<String>) -> Following<Option<String>> {
        follow(move || self.get(read).flatten())
    }

    /// A text.
    fn text(self, read: fn(&Order) -> String) -> Following<String> {
        follow(move || self.get(|row| row.order.with(read)).unwrap_or_default())
    }

    /// A class.
    fn is(self, test: fn(&Row) -> bool) -> Following<bool> {
        follow(move || self.get(test).unwrap_or(false))
    }

    /// The class of a cell that has just changed.
    fn flashes(self, cell: Cell) -> Following<bool> {
        follow(move || {
            self.get(|row| row.changed.with(|changed| changed.has(cell)))
                .unwrap_or(false)
        })
    }

    /// The id of the order, without tracking.
    fn id_untracked(self) -> Option<Uuid> {
        self.0.with_untracked(|row| row.as_ref().map(|row| row.id))
    }
}

/// A table row. It shows one order after another, or a gap while the order is
/// loading. Every cell follows the signals of the order it shows.
#[component]
pub fn OrderRow(
    /// The row of the pool: its position and its order.
    pooled: PooledRow,
    /// Gets the order to edit.
    store: OrderStore,
    /// Whether this row is the active one.
    active: ActiveRow,
    /// How far the list is drawn from its own place, in pixels.
    shift: Memo<f64>,
    /// The time now, for ages.
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let position = RwSignal::from(pooled.position);
    let shown = Shown(pooled.row.into());
    let id = move || shown.get(|row| row.id);
    let is_active = memo(move || id().is_some() && id() == active.id());
    let edit = move || {
        if let Some(id) = shown.id_untracked() {
            store.editing.set(Some(id));
        }
    };
    let updated = move || {
        let updated_at = shown.get(|row| row.order.with(|order| order.updated_at));
        updated_at.map_or_else(String::new, |at| format::age(at, now.get()))
    };
    let people = Signal::derive(move || shown.get(|row| row.people.get()).unwrap_or_default());
    let status = Signal::derive(move || shown.get(Row::status));
    view! {
        <tr
            class="row"
            class:row--gap=move || id().is_none()
            class:row--active=move || is_active.get()
            class:row--new=shown.flashes(Cell::Row)
            class:row--saving=shown.is(|row| row.saving.with(Option::is_some))
            class:row--left=shown.is(|row| row.left.get())
            style:translate=follow(move || translate(position.get(), shift.get()))
            role="row"
            id=shown.attribute(|row| Some(row_id(row.id)))
            aria-rowindex=move || position.get() + 2
            aria-selected=move || is_active.get().to_string()
            data-order=shown.attribute(|row| row.order.with(|order| order.shopify_order_id.map(|id| id.to_string())))
            data-status=move || status.get().map(OrderStatus::as_str)
            data-version=shown.attribute(|row| Some(row.order.with(|order| order.version.to_string())))
            on:click=handler(move |_| active.set(position.get_untracked()))
            on:dblclick=handler(move |_| edit())
        >
            <td class="cell cell--order" role="gridcell">
                <strong>{shown.text(|order| order.name.clone())}</strong>
                <span class="cell__sub" title=shown.text(|order| order.shop.clone())>
                    {shown.text(|order| order.shop.clone())}
                </span>
                <People people />
            </td>
            <td class="cell cell--customer" class:cell--flash=shown.flashes(Cell::Customer) role="gridcell">
                {shown.text(customer)}
                <span class="cell__sub" title=shown.text(email)>{shown.text(email)}</span>
            </td>
            <td class="cell cell--status" class:cell--flash=shown.flashes(Cell::Status) role="gridcell">
                <Badge status />
            </td>
            <td
                class="cell cell--total table__num"
                class:cell--flash=shown.flashes(Cell::Total)
                role="gridcell"
            >
                {shown.text(|order| format::money(&order.total, &order.currency))}
            </td>
            <td
                class="cell cell--shipping table__num"
                class:cell--flash=shown.flashes(Cell::Shipping)
                role="gridcell"
            >
                {shown.text(|order| format::money(&order.shipping_fee, &order.currency))}
            </td>
            <td
                class="cell cell--tracking"
                class:cell--empty=shown.is(|row| row.tracking_number().is_none())
                class:cell--flash=shown.flashes(Cell::Tracking)
                role="gridcell"
                title=shown.attribute(Row::tracking_number)
            >
                {follow(move || shown.get(tracking).unwrap_or_default())}
            </td>
            <td
                class="cell cell--items table__num"
                class:cell--flash=shown.flashes(Cell::Items)
                role="gridcell"
            >
                {shown.text(|order| format::count(order.item_count))}
            </td>
            <td class="cell cell--updated" role="gridcell">
                <time datetime=shown.text(|order| order.updated_at.to_rfc3339())>{follow(updated)}</time>
            </td>
            <td class="cell cell--actions" role="gridcell">
                <button
                    type="button"
                    class="button button--ghost button--small"
                    tabindex="-1"
                    aria-label=shown.text(|order| format!("Edit order {}", order.name))
                    on:click=handler(move |_| edit())
                >
                    "Edit"
                </button>
            </td>
        </tr>
    }
}

/// A placeholder row of the skeleton.
#[component]
pub fn GapRow(
    /// Where it is in the list.
    position: usize,
) -> impl IntoView {
    let cells = [
        "order", "customer", "status", "total", "shipping", "tracking", "items", "updated",
        "actions",
    ];
    view! {
        <tr
            class="row row--gap"
            style:translate=translate(position, 0.0)
            role="row"
            aria-rowindex=position + 2
        >
            {cells
                .map(|cell| view! { <td class=format!("cell cell--{cell}") role="gridcell"></td> })
                .collect_view()}
        </tr>
    }
}

fn tracking(row: &Row) -> String {
    row.tracking_number().unwrap_or_else(|| "–".to_owned())
}

fn customer(order: &Order) -> String {
    let customer = order.customer.as_ref();
    let name = customer.and_then(|customer| customer.name.clone());
    name.unwrap_or_else(|| "No name".to_owned())
}

fn email(order: &Order) -> String {
    let customer = order.customer.as_ref();
    let email = customer.and_then(|customer| customer.email.clone());
    email.unwrap_or_default()
}
