//! Headers that tell browsers what not to do.
//!
//! Source: OWASP Secure Headers Project. `Strict-Transport-Security` is the
//! business of whoever ends TLS in front of us.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

const ALWAYS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
];

/// Whatever brings no policy of its own is not a page: nothing may come of it.
const NOT_A_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

/// The policy of the page that shows the API: Swagger UI styles itself.
pub const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of our pages: our own files, WebAssembly, and inline scripts that
/// carry `nonce`. Attributes may style: that is how rows get their places.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// Whatever does not say that it may be kept is not: most of it is about people.
const KEEP_NOTHING: &str = "no-store";

/// Adds them to every response.
#[expect(clippy::unused_async, reason = "axum's middleware is async")]
pub async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NOT_A_PAGE));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(KEEP_NOTHING));
    response
}
