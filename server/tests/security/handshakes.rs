//! Sessions of the live socket that are opened and not used.

use reqwest::StatusCode;

use super::balancer::Balancer;
use super::target::Target;

/// Opens `count` sessions by long polling as fast as possible, and counts the answers.
async fn begin(target: &Target, url: &str, count: usize) -> Answers {
    let mut answers = Answers::default();
    let polling = format!("{url}/socket.io/?EIO=4&transport=polling");
    for _ in 0..count / 50 {
        let asked = (0..50).map(|_| target.http.get(&polling).send());
        for answer in futures::future::join_all(asked).await {
            match answer.unwrap().status() {
                StatusCode::OK => answers.begun += 1,
                StatusCode::TOO_MANY_REQUESTS => answers.too_many += 1,
                StatusCode::SERVICE_UNAVAILABLE => answers.no_room += 1,
                other => panic!("{other}"),
            }
        }
    }
    answers
}

#[derive(Debug, Default)]
struct Answers {
    begun: usize,
    too_many: usize,
    no_room: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_sessions_have_the_same_rate_limit_as_other_requests() {
    let target = Target::start(&[("RATE_LIMIT", "10")]).await;
    let answers = target.attack(20, begin(&target, &target.url, 3_000)).await;
    // The limit allows fifty in a burst, and then ten per second.
    assert!(answers.begun < 1_500, "{answers:?}");
    assert!(answers.too_many > 1_500, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_join_no_namespace_are_limited_and_expire() {
    let target = Target::start(&[("RATE_LIMIT", "0"), ("MAX_SOCKETS", "200")]).await;
    let answers = target.attack(40, begin(&target, &target.url, 5_000)).await;
    assert_eq!(answers.begun, 200, "{answers:?}");
    assert_eq!(answers.no_room, 4_800, "{answers:?}");
    target
        .until("there is room for another session", async || {
            begin(&target, &target.url, 50).await.begun > 0
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_shipped_balancer_each_client_has_its_own_rate_limit() {
    let settings = [("RATE_LIMIT", "10"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let target = Target::start(&settings).await;
    let balancer = Balancer::start(&target).await;
    let answers = target
        .attack(20, begin(&target, &balancer.url, 2_000))
        .await;
    assert!(answers.too_many > 1_000, "{answers:?}");
    // Another client through the same balancer.
    let other = reqwest::Client::builder()
        .local_address(Some(std::net::Ipv4Addr::new(127, 0, 0, 3).into()))
        .build()
        .unwrap();
    let answer = other.get(format!("{}/orders", balancer.url));
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::OK);
}
