//! Starts services and instances, then clients and load.

use futures::future::try_join_all;

use super::{Environment, Proxies, Settings};
use crate::clients::Clients;
use crate::db::Database;
use crate::load::Load;
use crate::server::{self, Configuration, Instance};
use crate::services::balancer::Balancer;
use crate::services::disk::Disk;
use crate::services::postgres::Postgres;
use crate::services::proxy::Proxy;
use crate::services::redis::Redis;
use crate::services::temp_dir::TempDir;

/// Services and instances, without load and clients.
pub struct Setup {
    /// The started servers.
    instances: Vec<Instance>,
    /// One set for each instance, with `PostgreSQL`.
    proxies: Vec<Proxies>,
    /// The database, without a proxy.
    pub database: Database,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    disk: Option<Disk>,
}

impl Setup {
    /// Starts `PostgreSQL`, Redis, and `instances` servers behind proxies.
    pub async fn on_postgres(
        settings: &Settings,
        temp_dir: &TempDir,
        instances: usize,
    ) -> anyhow::Result<Self> {
        let folder = temp_dir.path();
        let (postgres, redis) = tokio::try_join!(
            Postgres::start(&settings.postgres, folder),
            Redis::start(folder)
        )?;
        let mut setup = Self {
            instances: Vec::new(),
            proxies: Vec::new(),
            database: Database::postgres(&Postgres::url_via(postgres.address()))?,
            postgres: Some(postgres),
            redis: Some(redis),
            disk: None,
        };
        setup.add_instances(settings, temp_dir, instances).await?;
        Ok(setup)
    }

    /// Starts servers, each behind its own proxies, and waits until they are ready.
    pub async fn add_instances(
        &mut self,
        settings: &Settings,
        temp_dir: &TempDir,
        instances: usize,
    ) -> anyhow::Result<()> {
        for number in 0..instances {
            self.add_instance(settings, temp_dir, number, Vec::new())
                .await?;
        }
        self.wait_until_ready().await
    }

    /// Starts one more server, with `extra` variables in its configuration.
    pub async fn add_instance(
        &mut self,
        settings: &Settings,
        temp_dir: &TempDir,
        number: usize,
        extra: Vec<(String, String)>,
    ) -> anyhow::Result<()> {
        let (Some(postgres), Some(redis)) = (&self.postgres, &self.redis) else {
            anyhow::bail!("this drill has no PostgreSQL and Redis");
        };
        let proxies = Proxies {
            database: Proxy::start(postgres.address()).await?,
            redis: Proxy::start(redis.address()).await?,
        };
        let configuration = Configuration {
            database_url: Postgres::url_via(proxies.database.address()),
            redis_url: Some(format!("redis://{}", proxies.redis.address())),
            extra,
        };
        let instance = Instance::start(&settings.server, configuration, temp_dir.path(), number);
        self.instances.push(instance.await?);
        self.proxies.push(proxies);
        Ok(())
    }

    /// Waits until every server is ready.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        try_join_all(self.instances.iter_mut().map(Instance::wait_until_ready)).await?;
        Ok(())
    }

    /// Migrates the database without starting a server.
    pub async fn migrate(&self, settings: &Settings) -> anyhow::Result<()> {
        let postgres = self.postgres.as_ref();
        let Some(address) = postgres.map(Postgres::address) else {
            anyhow::bail!("this drill has no PostgreSQL");
        };
        server::migrate(&settings.server, &Postgres::url_via(address)).await
    }

    /// Starts one server with `SQLite` on a small file system.
    pub async fn on_sqlite(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Self> {
        let disk = Disk::mount(&temp_dir.path().join("disk"))?;
        let file = disk.folder().join("orders.db");
        let configuration = Configuration {
            database_url: format!("sqlite://{}?mode=rwc", file.display()),
            redis_url: None,
            extra: Vec::new(),
        };
        let mut instance =
            Instance::start(&settings.server, configuration, temp_dir.path(), 0).await?;
        instance.wait_until_ready().await?;
        Ok(Self {
            instances: vec![instance],
            proxies: Vec::new(),
            database: Database::sqlite(&file),
            postgres: None,
            redis: None,
            disk: Some(disk),
        })
    }

    /// Connects the clients, and starts the load.
    pub async fn start(self, settings: &Settings) -> anyhow::Result<Environment> {
        let urls: Vec<String> = self.instances.iter().map(Instance::url).collect();
        self.start_at(settings, &urls, None).await
    }

    /// As [`Self::start`], with a load balancer in front of the servers.
    pub async fn start_behind_balancer(
        self,
        settings: &Settings,
        temp_dir: &TempDir,
    ) -> anyhow::Result<Environment> {
        let addresses: Vec<_> = self.instances.iter().map(Instance::address).collect();
        let balancer = Balancer::start(temp_dir.path(), &addresses).await?;
        let urls = vec![balancer.url(); addresses.len()];
        self.start_at(settings, &urls, Some(balancer)).await
    }

    async fn start_at(
        self,
        settings: &Settings,
        urls: &[String],
        balancer: Option<Balancer>,
    ) -> anyhow::Result<Environment> {
        Ok(Environment {
            clients: Clients::connect(urls).await?,
            load: Load::start(urls, settings.rate, 1)?,
            balancer,
            instances: self.instances,
            proxies: self.proxies,
            database: self.database,
            postgres: self.postgres,
            redis: self.redis,
            disk: self.disk,
            expected_dead: Vec::new(),
            notes: Vec::new(),
            faults: Vec::new(),
            delayed: 0.into(),
        })
    }
}
