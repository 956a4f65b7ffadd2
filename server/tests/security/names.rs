//! Requests with other host names and from pages of other sites, and the confidentiality
//! of stored data.

use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, HOST, ORIGIN};

use super::target::Target;
use super::webhooks::{order, webhook};

const SHOP: &str = "acme.myshopify.com";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_must_name_exactly_one_host() {
    let target = Target::start(&[]).await;
    for hosts in [
        "",
        "host: localhost\r\nhost: localhost\r\n",
        "host: a b\r\n",
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        let answer = target.exchange(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{hosts:?}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_loopback_answers_only_to_loopback_names() {
    let target = Target::start(&[]).await;
    let asked = async |path: &str, host: &str| {
        let request = target.http.get(format!("{}{path}", target.url));
        request.header(HOST, host).send().await.unwrap().status()
    };
    for path in [
        "/dashboard",
        "/orders",
        "/metrics",
        "/socket.io/?EIO=4&transport=polling",
        "/nothing",
    ] {
        let rebound = asked(path, "evil.example:9000").await;
        assert_eq!(rebound, StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert_ne!(
            asked(path, "localhost:9000").await,
            StatusCode::MISDIRECTED_REQUEST,
            "{path}"
        );
    }
    // The name in the request line counts as well.
    let request =
        "GET http://evil.example/orders HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = target.exchange(request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    // Health checks reveal nothing, and webhooks are authenticated by their signature.
    assert_eq!(asked("/readyz", "balancer").await, StatusCode::OK);
    let through_a_tunnel = webhook(&target.http, &target, "orders/create", SHOP, &order(1))
        .header(HOST, "tunnel.example");
    assert_eq!(
        through_a_tunnel.send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn allowed_hosts_are_served_and_no_others() {
    let settings = [("ALLOWED_HOSTS", "desk.example.com, other.example.com")];
    let target = Target::start(&settings).await;
    let asked = async |host: &str| {
        let request = target.http.get(format!("{}/orders", target.url));
        request.header(HOST, host).send().await.unwrap().status()
    };
    assert_eq!(asked("Desk.example.com:443").await, StatusCode::OK);
    assert_eq!(asked("other.example.com.").await, StatusCode::OK);
    assert_eq!(
        asked("desk.example.com.evil.example").await,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_other_sites_cannot_change_anything() {
    let target = Target::start(&[("CORS_ALLOWED_ORIGINS", "https://ours.example")]).await;
    let retry = "/deliveries/0190163d-8694-739b-aea5-966c26f8ad91/retry";
    let sent = async |headers: &[(&str, &str)]| {
        let mut request = target.http.post(format!("{}{retry}", target.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status()
    };
    for stranger in [
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ] {
        assert_eq!(sent(stranger).await, StatusCode::FORBIDDEN, "{stranger:?}");
    }
    // These requests are allowed; the delivery does not exist.
    let own = format!("http://{}", target.address);
    for ours in [
        &[][..],
        &[("sec-fetch-site", "same-origin"), ("origin", own.as_str())],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://ours.example"),
        ],
    ] {
        assert_eq!(sent(ours).await, StatusCode::NOT_FOUND, "{ours:?}");
    }
    let form = target
        .http
        .delete(format!("{}/shops/{SHOP}", target.url))
        .header(ORIGIN, "https://evil.example");
    assert_eq!(form.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_with_personal_data_are_not_cached() {
    let target = Target::start(&[]).await;
    for path in [
        "/orders",
        "/orders/changes",
        "/orders/stats",
        "/deliveries",
        "/shops",
        "/dashboard",
        "/dashboard/deliveries",
        "/socket.io/?EIO=4&transport=polling",
    ] {
        let answer = target.http.get(format!("{}{path}", target.url));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{path}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_file_can_be_read_only_by_its_owner() {
    use std::os::unix::fs::PermissionsExt;

    let target = Target::start(&[]).await;
    webhook(&target.http, &target, "orders/create", SHOP, &order(1))
        .send()
        .await
        .unwrap();
    let folder = target.folder.path().join("data");
    let mode = |path: &std::path::Path| {
        let found = std::fs::metadata(path).unwrap();
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
}
