//! The address of the client that sent a request: the peer of the connection, or the
//! address that a trusted proxy forwards. Limits per client depend on it.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use ipnet::IpNet;

use super::connection::Connection;

/// The header that proxies set: client, first proxy, second proxy …
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Finds the addresses of clients; cheap to clone.
#[derive(Clone, Debug)]
pub struct ClientAddresses(Arc<[IpNet]>);

impl ClientAddresses {
    /// Believes `X-Forwarded-For` of the proxies in `trusted`.
    pub fn new(trusted: &[IpNet]) -> Self {
        Self(trusted.into())
    }

    /// The client's address; for IPv6 its network, because one client can use all
    /// addresses of it. `None` without a connection.
    pub fn of(&self, request: &Request) -> Option<IpAddr> {
        let connection = request.extensions().get::<Connection>()?;
        let peer = connection.peer.ip();
        Some(network(client_address(peer, request.headers(), &self.0)))
    }
}

/// The /64 network of an IPv6 address: a client usually has one of its own.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mut segments = address.segments();
            segments[4..].fill(0);
            IpAddr::V6(Ipv6Addr::from(segments))
        }
    }
}

/// The client's address. Any client can send the header, so only the part that trusted
/// proxies wrote counts: it is read from its end, up to the first address that is not a
/// trusted proxy.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    let lines = headers.get_all(FORWARDED_FOR).iter().collect::<Vec<_>>();
    let hops = lines
        .into_iter()
        .rev()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    for hop in hops {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_are_one_client() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }

    #[test]
    fn an_untrusted_peer_cannot_choose_its_address() {
        assert_eq!(client("9.9.9.9", &["1.1.1.1"], &["10.0.0.0/8"]), "9.9.9.9");
        assert_eq!(client("9.9.9.9", &["1.1.1.1"], &[]), "9.9.9.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_client_only() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            client("10.0.0.1", &["6.6.6.6, 1.2.3.4"], &trusted),
            "1.2.3.4"
        );
        assert_eq!(
            client("10.0.0.1", &["6.6.6.6", "1.2.3.4, 10.0.0.2"], &trusted),
            "1.2.3.4"
        );
        assert_eq!(client("10.0.0.1", &[], &trusted), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["junk"], &trusted), "10.0.0.1");
    }
}
