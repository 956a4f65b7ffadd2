//! Services and instances, before anybody watches or sends.

use futures::future::try_join_all;

use super::{Settings, Stage, Wires};
use crate::clients::Audience;
use crate::db::Database;
use crate::load::Load;
use crate::server::{self, Environment, Instance};
use crate::services::balancer::Balancer;
use crate::services::disk::Disk;
use crate::services::postgres::Postgres;
use crate::services::proxy::Proxy;
use crate::services::redis::Redis;
use crate::services::scratch::Scratch;

/// Everything but load and audience.
pub struct Backstage {
    /// The servers, started and ready.
    instances: Vec<Instance>,
    /// One set for each instance, on `PostgreSQL`.
    wires: Vec<Wires>,
    /// The database, past the wires.
    pub database: Database,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    disk: Option<Disk>,
}

impl Backstage {
    /// `PostgreSQL`, Redis, and `instances` servers behind wires.
    pub async fn on_postgres(
        settings: &Settings,
        scratch: &Scratch,
        instances: usize,
    ) -> anyhow::Result<Self> {
        let folder = scratch.path();
        let (postgres, redis) = tokio::try_join!(
            Postgres::start(&settings.postgres, folder),
            Redis::start(folder)
        )?;
        let mut backstage = Self {
            instances: Vec::new(),
            wires: Vec::new(),
            database: Database::postgres(&Postgres::url_via(postgres.address()))?,
            postgres: Some(postgres),
            redis: Some(redis),
            disk: None,
        };
        backstage
            .add_instances(settings, scratch, instances)
            .await?;
        Ok(backstage)
    }

    /// Starts servers, each behind wires of its own, and waits for them.
    pub async fn add_instances(
        &mut self,
        settings: &Settings,
        scratch: &Scratch,
        instances: usize,
    ) -> anyhow::Result<()> {
        for number in 0..instances {
            self.add_instance(settings, scratch, number, Vec::new())
                .await?;
        }
        self.ready().await
    }

    /// Starts one more server, with `more` in its environment.
    pub async fn add_instance(
        &mut self,
        settings: &Settings,
        scratch: &Scratch,
        number: usize,
        more: Vec<(String, String)>,
    ) -> anyhow::Result<()> {
        let (Some(postgres), Some(redis)) = (&self.postgres, &self.redis) else {
            anyhow::bail!("no services");
        };
        let wires = Wires {
            database: Proxy::start(postgres.address()).await?,
            redis: Proxy::start(redis.address()).await?,
        };
        let environment = Environment {
            database_url: Postgres::url_via(wires.database.address()),
            redis_url: Some(format!("redis://{}", wires.redis.address())),
            more,
        };
        let instance = Instance::start(&settings.built, environment, scratch.path(), number);
        self.instances.push(instance.await?);
        self.wires.push(wires);
        Ok(())
    }

    /// Waits until every server is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        try_join_all(self.instances.iter_mut().map(Instance::ready)).await?;
        Ok(())
    }

    /// Brings the schema up to date without starting a server.
    pub async fn migrate(&self, settings: &Settings) -> anyhow::Result<()> {
        let postgres = self.postgres.as_ref();
        let Some(address) = postgres.map(Postgres::address) else {
            anyhow::bail!("no PostgreSQL");
        };
        server::migrate(&settings.built, &Postgres::url_via(address)).await
    }

    /// One server on `SQLite`, on a small disk of its own.
    pub async fn on_sqlite(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Self> {
        let disk = Disk::mount(&scratch.path().join("disk"))?;
        let file = disk.folder().join("orders.db");
        let environment = Environment {
            database_url: format!("sqlite://{}?mode=rwc", file.display()),
            redis_url: None,
            more: Vec::new(),
        };
        let mut instance = Instance::start(&settings.built, environment, scratch.path(), 0).await?;
        instance.ready().await?;
        Ok(Self {
            instances: vec![instance],
            wires: Vec::new(),
            database: Database::sqlite(&file),
            postgres: None,
            redis: None,
            disk: Some(disk),
        })
    }

    /// Seats the audience, and starts the load.
    pub async fn raise(self, settings: &Settings) -> anyhow::Result<Stage> {
        let urls: Vec<String> = self.instances.iter().map(Instance::url).collect();
        self.raise_at(settings, &urls, None).await
    }

    /// As [`Self::raise`], with a balancer in front.
    pub async fn raise_behind_balancer(
        self,
        settings: &Settings,
        scratch: &Scratch,
    ) -> anyhow::Result<Stage> {
        let addresses: Vec<_> = self.instances.iter().map(Instance::address).collect();
        let balancer = Balancer::start(scratch.path(), &addresses).await?;
        let urls = vec![balancer.url(); addresses.len()];
        self.raise_at(settings, &urls, Some(balancer)).await
    }

    async fn raise_at(
        self,
        settings: &Settings,
        urls: &[String],
        balancer: Option<Balancer>,
    ) -> anyhow::Result<Stage> {
        Ok(Stage {
            audience: Audience::seat(urls).await?,
            load: Load::start(urls, settings.rate, 1)?,
            balancer,
            instances: self.instances,
            wires: self.wires,
            database: self.database,
            postgres: self.postgres,
            redis: self.redis,
            disk: self.disk,
            meant_to_die: Vec::new(),
            notes: Vec::new(),
            faults: Vec::new(),
            waiting: 0.into(),
        })
    }
}
