//! Protects against cross-site requests. Browsers let any page send forms and open sockets
//! to any host, but they send the origin of the page with the request.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};

use super::refusal::Refusal;

/// Other origins that may use the API: `CORS_ALLOWED_ORIGINS`.
pub type AllowedOrigins = Arc<[HeaderValue]>;

/// The header in which browsers describe the origin of a request (Fetch Metadata).
const FETCH_SITE: &str = "sec-fetch-site";

/// The request comes from our own origin, from an allowed one, or from a client that is not
/// a browser and sends no `Origin`.
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

/// The request may change something, judging by the headers that browsers send.
///
/// Source: Go's `net/http.CrossOriginProtection`. `Sec-Fetch-Site` cannot be set
/// by a page; browsers without it send `Origin` with unsafe methods.
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

/// Refuses requests of other sites' pages that could change something.
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
    fn our_own_origin_allowed_origins_and_clients_without_origin_are_accepted() {
        let ours = |origin| is_ours(&headers(&[("origin", origin)]), &ALLOWED);
        assert!(is_ours(&headers(&[]), &ALLOWED));
        assert!(ours("https://desk.example.com:9000"));
        assert!(ours("https://other.example.com"));
        for other in ["https://evil.example", "https://desk.example.com", "null"] {
            assert!(!ours(other), "{other}");
        }
    }

    #[test]
    fn another_site_may_not_change_anything() {
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
        for other_site in [
            [("sec-fetch-site", "cross-site"), ("origin", "null")],
            [
                ("sec-fetch-site", "same-site"),
                ("origin", "https://desk.example.com:9000"),
            ],
        ] {
            assert!(!may(&other_site), "{other_site:?}");
        }
        assert!(!may(&[("origin", "https://evil.example")]));
        assert!(!may(&[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn every_site_may_send_safe_requests() {
        let other_site = headers(&[("sec-fetch-site", "cross-site")]);
        assert!(may_change(&Method::GET, &other_site, &ALLOWED));
    }
}
