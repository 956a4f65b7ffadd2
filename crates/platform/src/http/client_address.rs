//! Who a request is from: the other end of the connection, or whom a proxy we
//! trust says it speaks for.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use ipnet::IpNet;

use super::connection::Connection;

/// Set by proxies: client, first proxy, second proxy …
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Tells clients apart by their addresses; cheap to clone.
#[derive(Clone, Debug)]
pub struct ClientAddresses(Arc<[IpNet]>);

impl ClientAddresses {
    /// Proxies among `trusted` speak for their clients.
    pub fn new(trusted: &[IpNet]) -> Self {
        Self(trusted.into())
    }

    /// The client's address, or its network where that is IPv6: whatever one
    /// client can choose from counts as one. `None` without a connection.
    pub fn of(&self, request: &Request) -> Option<IpAddr> {
        let connection = request.extensions().get::<Connection>()?;
        let peer = connection.peer.ip();
        Some(network(client_address(peer, request.headers(), &self.0)))
    }
}

/// Everybody has an IPv6 network of their own to choose addresses from.
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

/// The client's address. Anybody can send the header, so it counts only as far
/// as proxies we trust wrote it: read from its end, the first address that is
/// not one of theirs.
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
    fn nobody_becomes_another_client_with_another_address_of_their_network() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
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
