//! The dashboard: renders its pages, which are then hydrated in the browser, and serves its
//! files.

use std::sync::Arc;

use any_spawner::Executor;
use app::api::in_process::{PageContext, Service};
use app::api::request::{Answer, Method, Request};
use app::shell;
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::handler::Handler;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE};
use axum::http::request::Parts;
use axum::http::{self, HeaderMap, HeaderValue};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use domain::pages::Page;
use leptos::config::{Env, LeptosOptions};
use leptos::context::{provide_context, use_context};
use leptos::nonce::use_nonce;
use leptos_axum::{
    ResponseOptions, file_and_error_handler_with_context, render_app_async_with_context,
};
use platform::http::headers::page_policy;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::config::Config;

/// The largest API answer that a page is rendered from, in bytes: two hundred orders with
/// the longest notes are a tenth of it.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// The settings that pages are rendered with; cheap to clone.
#[derive(Clone, Debug)]
pub struct Pages {
    options: LeptosOptions,
    demo: bool,
}

impl Pages {
    /// The settings of pages from the configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            options: leptos_options(config),
            demo: config.demo,
        }
    }
}

impl FromRef<Pages> for LeptosOptions {
    fn from_ref(pages: &Pages) -> Self {
        pages.options.clone()
    }
}

/// Serves pages under `/dashboard`, and static files for all other paths. Pages get their
/// data from `api`.
pub fn router(pages: Pages, api: Router) -> Router {
    // Pages load their data in tasks; that the executor is set already is fine.
    let _ = Executor::init_tokio();
    let (options, demo) = (pages.options.clone(), pages.demo);
    // In front of the handler of Leptos, which does not support `If-Modified-Since`.
    let not_found = file_and_error_handler_with_context::<Pages, _>(restrict_page, shell)
        .with_state(pages.clone());
    let files = ServeDir::new(options.site_root.as_ref())
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .fallback(not_found);
    let context = move || {
        let api = Arc::new(InProcess {
            api: api.clone(),
            visitor: use_context::<Parts>().map(|parts| credentials(&parts.headers)),
        });
        provide_context(PageContext { api, demo });
        restrict_page();
    };
    // The HTML contains the page's data, also for visitors without JavaScript.
    let render = render_app_async_with_context(context, move || shell(options.clone()));
    let routes = Page::ALL.into_iter().fold(Router::new(), |router, page| {
        router.route(page.path(), get(render.clone()))
    });
    routes
        .fallback_service(files)
        .layer(map_response(revalidated))
        .with_state(pages)
}

/// Sends requests to the API's router in this process, on behalf of a visitor.
struct InProcess {
    api: Router,
    visitor: Option<HeaderMap>,
}

/// The headers of a visitor's request that identify the visitor.
fn credentials(headers: &HeaderMap) -> HeaderMap {
    let cookies = headers.get_all(COOKIE).iter();
    cookies.map(|value| (COOKIE, value.clone())).collect()
}

#[async_trait]
impl Service for InProcess {
    async fn send(&self, request: Request) -> Result<Answer, String> {
        let request = self.build(request).map_err(|error| error.to_string())?;
        let response = match self.api.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), MAX_ANSWER).await;
        let body = body.map_err(|error| error.to_string())?;
        let text = String::from_utf8(body.into()).map_err(|error| error.to_string())?;
        Ok(Answer { status, text })
    }
}

impl InProcess {
    fn build(&self, request: Request) -> Result<http::Request<Body>, http::Error> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        let mut builder = http::Request::builder().method(method).uri(request.url);
        for (name, value) in self.visitor.iter().flatten() {
            builder = builder.header(name, value);
        }
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        match request.body {
            Some(body) => builder
                .header(CONTENT_TYPE, "application/json")
                .body(Body::from(body)),
            None => builder.body(Body::empty()),
        }
    }
}

/// Sets the policy of a page: it may run only its own scripts.
fn restrict_page() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce.to_string())) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Lets browsers cache files, but makes them revalidate, because files change at an
/// upgrade. Pages contain orders, and are not cached.
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

/// The folder and the names of the built browser files.
fn leptos_options(config: &Config) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("orchestrator")
        .site_root(config.site_root.display().to_string())
        .site_pkg_dir("pkg")
        .env(Env::PROD)
        .build()
}
