//! The names this server answers to. A page under another name that resolves to
//! this address (DNS rebinding) would count as one of ours for a browser.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use tracing::warn;

use super::refusal::Refusal;

/// Addresses that anybody may ask by any name: health checks say nothing, and a
/// webhook is known by its signature, through whatever tunnel it comes.
const ANY_NAME: [&str; 3] = ["/healthz", "/readyz", "/webhooks/"];

/// Names that are served; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<Names>);

#[derive(Debug)]
enum Names {
    /// Nobody said which: on an address that others can reach, and so perhaps
    /// under a name we do not know.
    Any,
    /// These, and the names of the machine itself where `loopback`.
    Only { named: Vec<String>, loopback: bool },
}

impl Hosts {
    /// The names in `allowed` (`ALLOWED_HOSTS`), without ports. A server on a
    /// loopback address also answers to the names of that, and nothing else.
    pub fn new(listening: SocketAddr, allowed: &[String]) -> Self {
        let loopback = listening.ip().is_loopback();
        if allowed.is_empty() && !loopback {
            warn!(
                %listening,
                "ALLOWED_HOSTS is not set: requests are answered whatever host name they use"
            );
            return Self(Arc::new(Names::Any));
        }
        Self(Arc::new(Names::Only {
            named: allowed.iter().map(|name| normal(name)).collect(),
            loopback,
        }))
    }

    fn serve(&self, name: &str) -> bool {
        match &*self.0 {
            Names::Any => true,
            Names::Only { named, loopback } => {
                let name = normal(name);
                named.contains(&name) || *loopback && is_loopback(&name)
            }
        }
    }

    /// The request names one host, as RFC 9112 (3.2) asks, and one of ours.
    pub fn check(&self, request: &Request) -> Result<(), Refusal> {
        let host = host(request.headers())?;
        let path = request.uri().path();
        if ANY_NAME.iter().any(|known| path.starts_with(known)) {
            return Ok(());
        }
        // `GET http://host/path`: both names count.
        let named_twice = request.uri().authority().map(Authority::host);
        let names = [Some(host.host()), named_twice];
        if names.into_iter().flatten().all(|name| self.serve(name)) {
            Ok(())
        } else {
            Err(Refusal::UnknownHost)
        }
    }
}

/// The one `Host` header a request must have.
fn host(headers: &HeaderMap) -> Result<Authority, Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Refusal::BadHost);
    };
    let host = Authority::try_from(host.as_bytes()).map_err(|_| Refusal::BadHost)?;
    // A host and a port; `user@host` is no host (RFC 9112, 3.2).
    if host.as_str().contains('@') {
        return Err(Refusal::BadHost);
    }
    Ok(host)
}

/// Lower case, without brackets and without the dot that ends a full name.
fn normal(name: &str) -> String {
    let name = name.trim().trim_start_matches('[').trim_end_matches(']');
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A name for this machine that no name server has a say in (RFC 6761, 6.3).
fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listening: &str, allowed: &[&str]) -> Hosts {
        let allowed: Vec<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        Hosts::new(listening.parse().unwrap(), &allowed)
    }

    #[test]
    fn a_server_on_loopback_answers_to_names_of_this_machine_only() {
        let hosts = hosts("127.0.0.1:9000", &[]);
        for ours in [
            "localhost",
            "LocalHost.",
            "127.0.0.1",
            "[::1]",
            "desk.localhost",
        ] {
            assert!(hosts.serve(ours), "{ours}");
        }
        for other in ["evil.example", "localhost.evil.example", "10.0.0.1", ""] {
            assert!(!hosts.serve(other), "{other}");
        }
    }

    #[test]
    fn elsewhere_only_named_hosts_are_served_once_there_are_any() {
        let named = hosts("0.0.0.0:9000", &["Desk.example.com"]);
        assert!(named.serve("desk.example.com."));
        assert!(!named.serve("localhost") && !named.serve("evil.example"));
        assert!(hosts("0.0.0.0:9000", &[]).serve("evil.example"));
    }

    #[test]
    fn a_tunnel_to_this_machine_can_be_allowed_by_name() {
        let hosts = hosts("127.0.0.1:9000", &["tunnel.example"]);
        assert!(hosts.serve("tunnel.example") && hosts.serve("localhost"));
    }
}
