//! Which page a request comes from. Browsers let any page send forms and open
//! sockets to any host, and say which page it was.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};

use super::refusal::Refusal;

/// Origins that may use the API beside our own: `CORS_ALLOWED_ORIGINS`.
pub type AllowedOrigins = Arc<[HeaderValue]>;

/// What browsers say about where a request comes from (Fetch Metadata).
const FETCH_SITE: &str = "sec-fetch-site";

/// The request comes from one of our own pages, from an allowed origin, or from
/// a program, which sends no origin.
pub fn is_ours(headers: &HeaderMap, allowed: &[HeaderValue]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    if allowed.contains(origin) {
        return true;
    }
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_ascii_lowercase);
    let ours = headers.get(HOST).and_then(text);
    let theirs = text(origin).and_then(|origin| {
        let (_scheme, host) = origin.split_once("://")?;
        Some(host.to_owned())
    });
    ours.is_some() && ours == theirs
}

/// The request may change something, as far as browsers tell where it is from.
///
/// Source: Go's `net/http.CrossOriginProtection`. `Sec-Fetch-Site` cannot be set
/// by a page; browsers that do not send it send `Origin` with whatever is unsafe.
fn may_change(method: &Method, headers: &HeaderMap, allowed: &[HeaderValue]) -> bool {
    if method.is_safe() {
        return true;
    }
    match headers.get(FETCH_SITE).map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => true,
        Some(_) => headers
            .get(ORIGIN)
            .is_some_and(|origin| allowed.contains(origin)),
        None => is_ours(headers, allowed),
    }
}

/// Refuses what another site's page sends to change something.
pub fn check(request: &Request, allowed: &[HeaderValue]) -> Result<(), Refusal> {
    if may_change(request.method(), request.headers(), allowed) {
        Ok(())
    } else {
        Err(Refusal::CrossSite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: [HeaderValue; 1] = [HeaderValue::from_static("https://other.example.com")];

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("desk.example.com:9000"));
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_our_own_pages_allowed_origins_and_programs_are_ours() {
        let ours = |origin| is_ours(&headers(&[("origin", origin)]), &ALLOWED);
        assert!(is_ours(&headers(&[]), &ALLOWED));
        assert!(ours("https://desk.example.com:9000"));
        assert!(ours("https://other.example.com"));
        for stranger in ["https://evil.example", "https://desk.example.com", "null"] {
            assert!(!ours(stranger), "{stranger}");
        }
    }

    #[test]
    fn another_site_changes_nothing() {
        let may = |pairs: &[(&'static str, &'static str)]| {
            may_change(&Method::POST, &headers(pairs), &ALLOWED)
        };
        assert!(may(&[]));
        assert!(may(&[("sec-fetch-site", "same-origin")]));
        assert!(may(&[("sec-fetch-site", "none")]));
        assert!(may(&[("origin", "https://desk.example.com:9000")]));
        assert!(may(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://other.example.com")
        ]));
        for stranger in [
            [("sec-fetch-site", "cross-site"), ("origin", "null")],
            [
                ("sec-fetch-site", "same-site"),
                ("origin", "https://desk.example.com:9000"),
            ],
        ] {
            assert!(!may(&stranger), "{stranger:?}");
        }
        assert!(!may(&[("origin", "https://evil.example")]));
        assert!(!may(&[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn everybody_may_look() {
        let stranger = headers(&[("sec-fetch-site", "cross-site")]);
        assert!(may_change(&Method::GET, &stranger, &ALLOWED));
    }
}
