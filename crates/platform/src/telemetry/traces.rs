//! Traces over OTLP, sent to `OTEL_EXPORTER_OTLP_ENDPOINT`.
//!
//! The processing of a webhook is one trace, from its arrival through the job to the
//! broadcast, even if several instances take part, hours apart. The trace id is the delivery
//! id, so no trace context has to be passed on or stored.

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

/// The tracer, or `None` if no endpoint is set. The exporter reads its other settings
/// (`OTEL_EXPORTER_OTLP_HEADERS`, …) from the environment, as OpenTelemetry specifies.
///
/// # Errors
///
/// If the exporter cannot be built.
pub fn tracer() -> anyhow::Result<Option<SdkTracer>> {
    let endpoints = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];
    if !endpoints
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

/// Traces are exported.
pub fn enabled() -> bool {
    PROVIDER.get().is_some()
}

/// Sends the spans that are still waiting, and stops exporting.
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
        // Fails only without a tracer.
        let _ = span.set_parent(context(delivery));
    }
}

/// A span for each delivery. The spans end when the returned vector is dropped.
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

/// The root of a delivery's trace, as the parent of its spans.
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
