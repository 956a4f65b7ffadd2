//! Serves the dashboard: pages rendered here, then hydrated in the browser.

use std::sync::Arc;

use app::backend::{Backend, BackendContext, BackendError};
use app::{App, shell};
use async_trait::async_trait;
use axum::Router;
use axum::handler::Handler;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::middleware::map_response;
use axum::response::Response;
use domain::wire::{DeliveryPage, DeliveryQuery, DeliveryStats, OrderPage, OrderQuery, OrderStats};
use leptos::config::{Env, LeptosOptions};
use leptos::context::{provide_context, use_context};
use leptos::nonce::use_nonce;
use leptos_axum::{
    LeptosRoutes, ResponseOptions, file_and_error_handler_with_context, generate_route_list,
};
use tower_http::services::ServeDir;

use crate::config::Config;
use crate::deliveries;
use crate::error::Error;
use crate::http::headers::page_policy;
use crate::orders::{changes, list};
use crate::state::AppState;

/// Pages under `/dashboard`, and static files for everything else.
pub fn router(state: &AppState) -> Router<AppState> {
    let context = BackendContext {
        backend: Arc::new(Local(state.clone())),
        demo: state.demo,
    };
    let options = state.leptos.clone();
    // In front of the handler of Leptos, which knows no `If-Modified-Since`.
    let not_found = file_and_error_handler_with_context::<AppState, _>(restrict_page, shell)
        .with_state(state.clone());
    let files = ServeDir::new(options.site_root.as_ref())
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .fallback(not_found);
    Router::new()
        .leptos_routes_with_context(
            state,
            generate_route_list(App),
            move || {
                provide_context(context.clone());
                restrict_page();
            },
            move || shell(options.clone()),
        )
        .fallback_service(files)
        .layer(map_response(revalidated))
}

/// The page may run what it came with, and nothing else.
fn restrict_page() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce.to_string())) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Code for pages changes at an upgrade: browsers ask whether what they kept is
/// still current, and mostly hear that it is. Pages show orders, and so are kept
/// by nobody.
async fn revalidated(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let is_page = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-cache"));
    }
    response
}

/// Where the built browser files are and what they are called.
pub fn leptos_options(config: &Config) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("orchestrator")
        .site_root(config.site_root.display().to_string())
        .site_pkg_dir("pkg")
        .env(Env::PROD)
        .build()
}

/// The first page's data, straight from the services behind the REST API.
struct Local(AppState);

#[async_trait]
impl Backend for Local {
    async fn orders(&self, query: &OrderQuery) -> Result<OrderPage, BackendError> {
        list::page(&self.0, query)
            .await
            .map_err(|error| BackendError(error.into_problem()))
    }

    async fn cursor(&self) -> Result<String, BackendError> {
        let cursor = changes::cursor_now(&self.0.db).await;
        cursor.map_err(|error| BackendError(Error::from(error).into_problem()))
    }

    async fn stats(&self) -> Result<OrderStats, BackendError> {
        let stats = self.0.stats.get(&self.0.db).await;
        stats.map_err(|error| BackendError(Error::from(error).into_problem()))
    }

    async fn deliveries(&self, query: &DeliveryQuery) -> Result<DeliveryPage, BackendError> {
        deliveries::api::page(&self.0.db, query.into())
            .await
            .map_err(|error| BackendError(error.into_problem()))
    }

    async fn delivery_stats(&self) -> Result<DeliveryStats, BackendError> {
        let stats = deliveries::stats::count(&self.0.db).await;
        stats.map_err(|error| BackendError(Error::from(error).into_problem()))
    }
}
