//! The host names that this server answers to. For a browser, a page of another site would
//! be same-origin if that site's name resolved to this address (DNS rebinding).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use tracing::warn;

use super::refusal::Refusal;

/// Paths that are served under any host name: health checks reveal nothing, and webhooks
/// are authenticated by their signature.
const ANY_HOST_PATHS: [&str; 3] = ["/healthz", "/readyz", "/webhooks/"];

/// The host names that are served; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<Names>);

#[derive(Debug)]
enum Names {
    /// Any name: none was configured, and the server listens on an address that other
    /// machines can reach, under names that it cannot know.
    Any,
    /// The names in `named`, and names such as `localhost` if `loopback`.
    Only { named: Vec<String>, loopback: bool },
}

impl Hosts {
    /// Serves the names in `allowed` (`ALLOWED_HOSTS`), without ports. A server on a
    /// loopback address also answers to names such as `localhost`.
    pub fn new(listening: SocketAddr, allowed: &[String]) -> Self {
        let loopback = listening.ip().is_loopback();
        if allowed.is_empty() && !loopback {
            warn!(
                %listening,
                "ALLOWED_HOSTS is not set: requests for any host name are answered"
            );
            return Self(Arc::new(Names::Any));
        }
        Self(Arc::new(Names::Only {
            named: allowed.iter().map(|name| normalize(name)).collect(),
            loopback,
        }))
    }

    fn serves(&self, name: &str) -> bool {
        match &*self.0 {
            Names::Any => true,
            Names::Only { named, loopback } => {
                let name = normalize(name);
                named.contains(&name) || *loopback && is_loopback(&name)
            }
        }
    }

    /// Refuses a request that does not have exactly one valid `Host` header (RFC 9112,
    /// 3.2), or is for another host.
    pub fn check(&self, request: &Request) -> Result<(), Refusal> {
        let host = host(request.headers())?;
        let path = request.uri().path();
        if ANY_HOST_PATHS.iter().any(|known| path.starts_with(known)) {
            return Ok(());
        }
        // `GET http://host/path` names a second host, which is checked, too.
        let in_target = request.uri().authority().map(Authority::host);
        let names = [Some(host.host()), in_target];
        if names.into_iter().flatten().all(|name| self.serves(name)) {
            Ok(())
        } else {
            Err(Refusal::UnknownHost)
        }
    }
}

/// The value of the only `Host` header.
fn host(headers: &HeaderMap) -> Result<Authority, Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Refusal::BadHost);
    };
    let host = Authority::try_from(host.as_bytes()).map_err(|_| Refusal::BadHost)?;
    // `Host` contains a host and a port; `user@host` is not allowed (RFC 9112, 3.2).
    if host.as_str().contains('@') {
        return Err(Refusal::BadHost);
    }
    Ok(host)
}

/// In lower case, without brackets and without the final dot of a fully qualified name.
fn normalize(name: &str) -> String {
    let name = name.trim().trim_start_matches('[').trim_end_matches(']');
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A name of this machine that is never resolved by a name server (RFC 6761, 6.3).
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
    fn a_server_on_a_loopback_address_answers_only_to_names_of_this_machine() {
        let hosts = hosts("127.0.0.1:9000", &[]);
        for ours in [
            "localhost",
            "LocalHost.",
            "127.0.0.1",
            "[::1]",
            "desk.localhost",
        ] {
            assert!(hosts.serves(ours), "{ours}");
        }
        for other in ["evil.example", "localhost.evil.example", "10.0.0.1", ""] {
            assert!(!hosts.serves(other), "{other}");
        }
    }

    #[test]
    fn on_other_addresses_only_configured_names_are_served_if_there_are_any() {
        let named = hosts("0.0.0.0:9000", &["Desk.example.com"]);
        assert!(named.serves("desk.example.com."));
        assert!(!named.serves("localhost") && !named.serves("evil.example"));
        assert!(hosts("0.0.0.0:9000", &[]).serves("evil.example"));
    }

    #[test]
    fn the_name_of_a_tunnel_to_this_machine_can_be_allowed() {
        let hosts = hosts("127.0.0.1:9000", &["tunnel.example"]);
        assert!(hosts.serves("tunnel.example") && hosts.serves("localhost"));
    }
}
