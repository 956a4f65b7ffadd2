//! Both sides of a conflict, and the two ways out.

use domain::api::Problem;
use domain::status::OrderStatus;
use leptos::prelude::*;
use serde_json::Value;

use super::draft::Draft;

/// Shown when a save was refused because somebody else was faster.
#[component]
pub fn ConflictPanel(
    /// The refusal, with the order as stored.
    problem: RwSignal<Option<Problem>>,
    /// What the person typed.
    draft: Draft,
    /// Saves the draft on top of a version.
    save: Callback<i64>,
) -> impl IntoView {
    let refresh = move |_| {
        if let Some(current) = problem.get_untracked().and_then(|problem| problem.current) {
            draft.reset(*current);
        }
        problem.set(None);
    };
    let overwrite = move |_| {
        if let Some(current) = problem.get_untracked().and_then(|problem| problem.current) {
            save.run(current.version);
        }
    };
    move || {
        let refusal = problem.get()?;
        refusal.current?;
        let rows = refusal.conflicts.into_iter().map(|conflict| {
            let who = match conflict.changed_by.as_deref() {
                Some("shopify") => "Shopify",
                Some(_) => "Your team",
                None => "Server",
            };
            view! {
                <div class="conflict__row">
                    <span class="conflict__field">{label(&conflict.field)}</span>
                    <Side who="Yours" value=show(&conflict.yours) />
                    <Side who value=show(&conflict.current) />
                </div>
            }
        });
        Some(view! {
            <section class="conflict" aria-labelledby="conflict-title">
                <h3 class="conflict__title" id="conflict-title">
                    "Somebody else saved this order first"
                </h3>
                {rows.collect_view()}
                <div class="conflict__actions">
                    <button type="button" class="button" on:click=refresh>
                        "Refresh"
                    </button>
                    <button type="button" class="button button--danger" on:click=overwrite>
                        "Force overwrite"
                    </button>
                </div>
            </section>
        })
    }
}

#[component]
fn Side(who: &'static str, value: String) -> impl IntoView {
    view! {
        <div class="conflict__side">
            <span class="conflict__who">{who}</span>
            <span class="conflict__value">{value}</span>
        </div>
    }
}

fn label(field: &str) -> String {
    match field {
        "status" => "Status".to_owned(),
        "trackingNumber" => "Tracking number".to_owned(),
        "notes" => "Notes".to_owned(),
        other => other.to_owned(),
    }
}

fn show(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text
            .parse::<OrderStatus>()
            .map_or_else(|_| text.to_owned(), |status| status.label().to_owned()),
        None => String::new(),
    }
}
