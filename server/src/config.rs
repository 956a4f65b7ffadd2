//! Settings from the command line and the environment, checked before anything starts.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::HeaderValue;
use channels::shopify::signature::WebhookSecrets;
use chrono::TimeDelta;
use clap::Args;
use domain::channels::shop::ShopDomain;
use domain::orders::fees::ShippingTiers;
use ipnet::IpNet;
use platform::queue::retry::RetryPolicy;

/// `orchestrator serve`, as given on the command line and in the environment.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Address to listen on.
    #[arg(long, env = "LISTEN_ADDR", default_value = "127.0.0.1:9000")]
    pub listen_addr: SocketAddr,

    /// `sqlite://FILE?mode=rwc` or `postgres://…`; by default a file in `data`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// `redis://…`; without it the job queue lives in this process.
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,

    /// Secrets webhooks may be signed with, comma-separated.
    #[arg(long, env = "SHOPIFY_WEBHOOK_SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,

    /// Shipping fees by order total: limit:fee pairs; totals above all limits
    /// ship free.
    #[arg(
        long,
        env = "SHIPPING_FEE_TIERS",
        default_value = "50:9.99,100:7.99,200:5.99"
    )]
    pub shipping_fee_tiers: String,

    /// Days to keep raw webhook payloads; 0 keeps them for ever.
    #[arg(long, env = "PAYLOAD_RETENTION_DAYS", default_value_t = 90)]
    pub payload_retention_days: u16,

    /// Origins whose pages may use the API and the socket, comma-separated,
    /// such as `https://desk.example.com`; by default only our own.
    #[arg(long, env = "CORS_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub cors_allowed_origins: Vec<String>,

    /// Host names this server answers to, comma-separated, without ports, such as
    /// `desk.example.com`. On a loopback address names like `localhost` are
    /// served in any case; elsewhere any name is, until this is set.
    #[arg(long, env = "ALLOWED_HOSTS", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,

    /// The only shops whose webhooks are accepted, comma-separated, such as
    /// `acme.myshopify.com`; by default any, but at most 20 new ones per hour.
    #[arg(long, env = "SHOPIFY_SHOPS", value_delimiter = ',')]
    pub shopify_shops: Vec<String>,

    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks such
    /// as `10.0.0.0/8`, comma-separated.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,

    /// Requests per second from one client, five times that in a burst; 0 sets no
    /// limit. Signed webhooks are exempt.
    #[arg(long, env = "RATE_LIMIT", default_value_t = Limits::DEFAULT.requests_per_second)]
    pub rate_limit: u32,

    /// Connections at a time; more are closed at once.
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = Limits::DEFAULT.connections)]
    pub max_connections: usize,

    /// Live dashboards at a time; leave room for webhooks below
    /// `MAX_CONNECTIONS`.
    #[arg(long, env = "MAX_SOCKETS", default_value_t = Limits::DEFAULT.sockets)]
    pub max_sockets: usize,

    /// Connections to `PostgreSQL`; a third of them for reads. Two more are opened
    /// when reports ask for them.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = DEFAULT_CONNECTIONS, value_parser = clap::value_parser!(u32).range(4..))]
    pub database_connections: u32,

    /// Seconds between the request to stop and the end of accepting connections.
    /// Meanwhile `/readyz` answers 503, so that a balancer uses other instances.
    #[arg(long, env = "DRAIN_SECONDS", default_value_t = 0)]
    pub drain_seconds: u16,

    /// Folder of the built browser files.
    #[arg(long, env = "SITE_ROOT")]
    pub site_root: Option<PathBuf>,

    /// Make up a secret and send this server realistic, signed webhooks.
    #[arg(long)]
    pub demo: bool,

    /// Webhooks per second in demo mode.
    #[arg(long, default_value_t = 2.0)]
    pub demo_rate: f64,
}

/// Checked settings of a server.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:` or `postgres:` address.
    pub database_url: String,
    /// Redis address; `None` selects the embedded queue.
    pub redis_url: Option<String>,
    /// Name of the queue on Redis.
    pub queue_name: String,
    /// Secrets webhooks may be signed with.
    pub secrets: WebhookSecrets,
    /// Fee tiers.
    pub tiers: ShippingTiers,
    /// How often and when failing deliveries are repeated.
    pub retry: RetryPolicy,
    /// Other origins whose pages may use the API and the socket.
    pub allowed_origins: Vec<HeaderValue>,
    /// Host names this server answers to.
    pub allowed_hosts: Vec<String>,
    /// The only shops whose webhooks are accepted; empty means any.
    pub allowed_shops: Vec<ShopDomain>,
    /// How long raw payloads are kept; `None` is for ever.
    pub payload_retention: Option<TimeDelta>,
    /// Limits of connections and requests.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections to `PostgreSQL`.
    pub database_connections: u32,
    /// The time between the request to stop and the stop, in which a balancer notices it.
    pub drain: Duration,
    /// Folder of the built browser files.
    pub site_root: PathBuf,
    /// Demo mode: the data is simulated, and the dashboard shows that.
    pub demo: bool,
}

/// Limits of connections and requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests per second from one client; 0 means no limit.
    pub requests_per_second: u32,
    /// Connections at a time.
    pub connections: usize,
    /// Live clients at a time.
    pub sockets: usize,
}

impl Limits {
    /// Enough for a large order desk behind one address.
    pub const DEFAULT: Self = Self {
        requests_per_second: 200,
        connections: 12_000,
        sockets: 10_000,
    };
}

/// The default number of connections to `PostgreSQL`.
pub const DEFAULT_CONNECTIONS: u32 = 20;

/// The default database.
pub const DEFAULT_DATABASE: &str = "sqlite://data/orchestrator.db?mode=rwc";

/// The database of demo mode: simulated orders never mix with real ones.
const DEMO_DATABASE: &str = "sqlite://data/demo.db?mode=rwc";

/// The error if no secret is configured.
const NO_SECRET: &str = "no webhook secret: set SHOPIFY_WEBHOOK_SECRET to the secret of your \
    Shopify app or webhook (several, comma-separated, during a rotation), \
    or try it out with: orchestrator serve --demo";

impl ServeArgs {
    /// The database in use.
    pub fn database_url(&self) -> &str {
        let default = if self.demo {
            DEMO_DATABASE
        } else {
            DEFAULT_DATABASE
        };
        self.database_url.as_deref().unwrap_or(default)
    }

    /// Checks the settings. In demo mode `demo_secret` is one more secret.
    pub fn check(&self, demo_secret: Option<&str>) -> anyhow::Result<Config> {
        let given = self.webhook_secret.as_deref().unwrap_or_default();
        let list = [given, demo_secret.unwrap_or_default()].join(",");
        let Some(secrets) = WebhookSecrets::parse(&list) else {
            bail!(NO_SECRET);
        };
        if self.max_sockets >= self.max_connections {
            bail!("MAX_SOCKETS must be below MAX_CONNECTIONS: webhooks need connections, too");
        }
        if !(self.demo_rate > 0.0 && self.demo_rate <= 1_000.0) {
            bail!("--demo-rate must be above 0 and at most 1000");
        }
        Ok(Config {
            database_url: self.database_url().to_owned(),
            redis_url: self.redis_url.clone().filter(|url| !url.trim().is_empty()),
            queue_name: "orchestrator-deliveries".to_owned(),
            secrets,
            tiers: self
                .shipping_fee_tiers
                .parse()
                .context("SHIPPING_FEE_TIERS")?,
            retry: RetryPolicy::default(),
            allowed_origins: entries(&self.cors_allowed_origins)
                .map(origin_header)
                .collect::<anyhow::Result<_>>()?,
            allowed_hosts: entries(&self.allowed_hosts)
                .map(host_name)
                .collect::<anyhow::Result<_>>()?,
            allowed_shops: entries(&self.shopify_shops)
                .map(|shop| shop.parse().context("SHOPIFY_SHOPS"))
                .collect::<anyhow::Result<_>>()?,
            payload_retention: match self.payload_retention_days {
                0 => None,
                days => Some(TimeDelta::days(days.into())),
            },
            limits: Limits {
                requests_per_second: self.rate_limit,
                connections: self.max_connections,
                sockets: self.max_sockets,
            },
            trusted_proxies: entries(&self.trusted_proxies)
                .map(network)
                .collect::<anyhow::Result<_>>()?,
            database_connections: self.database_connections,
            drain: Duration::from_secs(self.drain_seconds.into()),
            site_root: self.site_root.clone().unwrap_or_else(site_root),
            demo: self.demo,
        })
    }
}

/// The entries of a list without empty ones: compose sets an unset variable to an empty
/// string.
fn entries(list: &[String]) -> impl Iterator<Item = &str> {
    list.iter()
        .map(|entry| entry.trim())
        .filter(|entry| !entry.is_empty())
}

/// A host name or address, without scheme, port or path.
fn host_name(host: &str) -> anyhow::Result<String> {
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_name = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if is_address || is_name {
        Ok(host.to_owned())
    } else {
        bail!("ALLOWED_HOSTS: '{host}' is not a host name such as desk.example.com")
    }
}

/// An origin: a scheme and a host, and nothing after it.
fn origin_header(origin: &str) -> anyhow::Result<HeaderValue> {
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
        bail!("CORS_ALLOWED_ORIGINS: '{origin}' is not an origin such as https://desk.example.com");
    }
    HeaderValue::from_str(origin).context("CORS_ALLOWED_ORIGINS")
}

/// An address, or a network in CIDR notation.
fn network(text: &str) -> anyhow::Result<IpNet> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address
        .or_else(|_| text.parse())
        .with_context(|| format!("TRUSTED_PROXIES: '{text}' is no address or network"))
}

/// The folder of the browser files: beside the binary if they were shipped together, or
/// else where a development build puts them.
fn site_root() -> PathBuf {
    let binary = std::env::current_exe().ok();
    let beside_binary = binary.and_then(|binary| Some(binary.parent()?.join("site")));
    beside_binary
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| "target/site".into())
}
