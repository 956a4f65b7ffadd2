//! The scenarios, one file each.

use futures::future::LocalBoxFuture;

use crate::ceilings;
use crate::context::Context;
use crate::outcome::Outcome;

mod accept;
mod ack;
mod edit;
mod embedded;
mod end_to_end;
mod fanout;
mod growth;
mod memory;
mod pipeline;
mod reads;

/// The future of a scenario.
pub type ScenarioFuture<'a> = LocalBoxFuture<'a, anyhow::Result<Outcome>>;

/// One scenario.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its name for `--only`.
    pub name: &'static str,
    /// Runs it.
    pub run: for<'a> fn(&'a Context) -> ScenarioFuture<'a>,
}

/// All scenarios, ceilings first.
pub const ALL: &[Scenario] = &[
    Scenario {
        name: "ceiling-postgres",
        run: |context| Box::pin(ceilings::postgres::run(context)),
    },
    Scenario {
        name: "ceiling-broadcast",
        run: |context| Box::pin(ceilings::broadcast::run(context)),
    },
    Scenario {
        name: "accept",
        run: |context| Box::pin(accept::run(context)),
    },
    Scenario {
        name: "pipeline",
        run: |context| Box::pin(pipeline::run(context)),
    },
    Scenario {
        name: "ack",
        run: |context| Box::pin(ack::run(context)),
    },
    Scenario {
        name: "e2e",
        run: |context| Box::pin(end_to_end::run(context)),
    },
    Scenario {
        name: "fanout",
        run: |context| Box::pin(fanout::run(context)),
    },
    Scenario {
        name: "edit",
        run: |context| Box::pin(edit::run(context)),
    },
    Scenario {
        name: "embedded",
        run: |context| Box::pin(embedded::run(context)),
    },
    Scenario {
        name: "memory",
        run: |context| Box::pin(memory::run(context)),
    },
    Scenario {
        name: "growth",
        run: |context| Box::pin(growth::run(context)),
    },
];
