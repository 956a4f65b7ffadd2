# syntax=docker/dockerfile:1.7

# The same build as `make release`, and an image of nothing but its result.
#
#   docker build -t atomic-order-orchestrator .
#
# Needs BuildKit (Docker 23 or newer). No volumes: PostgreSQL holds everything.

ARG RUST_VERSION=1.95.0
ARG NODE_VERSION=22
# One Debian for building and running, for the sake of the C library.
ARG DEBIAN=bookworm

FROM node:${NODE_VERSION}-${DEBIAN}-slim AS node

FROM rust:${RUST_VERSION}-${DEBIAN} AS build
RUN rustup target add wasm32-unknown-unknown
# Node.js for the browser bundle: the official build, without a package manager
# around it.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
    && node --version && npm --version

WORKDIR /src
COPY . .
# Downloads and compiled dependencies stay in the builder's caches, so a change
# of our own code costs only our own crates. A cache is no part of the image:
# what is wanted is copied out.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/root/.npm,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    rm -rf target/release/site \
    && make release \
    && mkdir -p /out \
    && cp target/release/orchestrator /out/orchestrator \
    && cp -r target/release/site /out/site \
    && /out/orchestrator --version

# glibc, libgcc and certificates; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Atomic Order Orchestrator" \
      org.opencontainers.image.description="Signed Shopify webhooks in, versioned orders out, live on every dashboard" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /app
# The binary looks for its browser files in `site` beside it. Owned by root:
# the server cannot change itself.
COPY --from=build /out/orchestrator /app/orchestrator
COPY --from=build /out/site /app/site

ENV LISTEN_ADDR=0.0.0.0:9000 \
    LOG_FORMAT=json
EXPOSE 9000
USER 65532:65532
STOPSIGNAL SIGTERM
# Alive, not ready: an instance whose database is away must not be restarted.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/app/orchestrator", "healthcheck"]
ENTRYPOINT ["/app/orchestrator"]
CMD ["serve"]
