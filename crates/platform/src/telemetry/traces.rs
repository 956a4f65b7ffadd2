//! Traces, over OTLP, where `OTEL_EXPORTER_OTLP_ENDPOINT` says to send them.
//!
//! What happens to a webhook is one trace, from its arrival through the job to
//! the broadcast, on whichever instances, hours apart if need be: the trace's
//! id is the delivery's, so nothing has to be carried along or stored.

use std::sync::OnceLock;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// The tracer, if traces are wanted. The exporter reads its further settings
/// (`OTEL_EXPORTER_OTLP_HEADERS`, …) from the environment, as the specification
/// says.
pub fn tracer() -> anyhow::Result<Option<SdkTracer>> {
    let wanted = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];
    if !wanted
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|url| !url.is_empty()))
    {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .build()?;
    let resource = Resource::builder()
        .with_service_name("orchestrator")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    let tracer = provider.tracer("orchestrator");
    let _ = PROVIDER.set(provider);
    Ok(Some(tracer))
}

/// Traces are sent somewhere.
pub fn enabled() -> bool {
    PROVIDER.get().is_some()
}

/// Sends what is still waiting.
pub fn flush() {
    if let Some(provider) = PROVIDER.get()
        && let Err(error) = provider.shutdown()
    {
        tracing::warn!(%error, "some traces were not sent");
    }
}

/// Makes a span part of the trace of a delivery.
pub fn join(span: &Span, delivery: Uuid) {
    if enabled() {
        // Refused only where there is no tracer.
        let _ = span.set_parent(context(delivery));
    }
}

/// Spans of several deliveries, open as long as this lives.
pub fn spans(name: &str, deliveries: impl Iterator<Item = Uuid>) -> Vec<Span> {
    if !enabled() {
        return Vec::new();
    }
    deliveries
        .map(|delivery| {
            let span = tracing::info_span!("step", otel.name = name, delivery.id = %delivery);
            join(&span, delivery);
            span
        })
        .collect()
}

/// A place in the delivery's trace: above everything else in it.
fn context(delivery: Uuid) -> Context {
    let bytes = delivery.as_bytes();
    let mut root = [0; 8];
    root.copy_from_slice(&bytes[8..]);
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(*bytes),
        SpanId::from_bytes(root),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_of_a_delivery_has_its_id() {
        let delivery = Uuid::now_v7();
        let context = context(delivery);
        let trace = context.span().span_context().trace_id().to_string();
        assert_eq!(trace, delivery.simple().to_string());
    }
}
