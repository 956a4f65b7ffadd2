# The same build as `make release`, and an image of nothing but its result.
#
#   docker build -t atomic-order-orchestrator .
#
# Needs BuildKit: that of Docker 23 or newer has all that is used here, so no other
# one is named, which would come from a registry before every build. No volumes:
# PostgreSQL holds everything.

ARG RUST_VERSION=1.95.0
ARG NODE_VERSION=22
# One Debian for building and running, for the sake of the C library: bookworm or
# trixie.
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
#
# Cargo builds again what is newer than the last build. Copied files are as old as
# they were where they came from, which may be older than a build of other code, for
# example after going back to an earlier commit. So they all become new.
#
# `data` is for `serve --demo` and other SQLite files. It is made here because the
# image has no shell, and inside another folder because only so a copy keeps its mode.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/root/.npm,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    find . -path ./target -prune -o -type f -exec touch {} + \
    && rm -rf target/release/site \
    && make release \
    && mkdir -p /out \
    && install -d -m 0700 /out/folders/data \
    && cp target/release/orchestrator /out/orchestrator \
    && cp -r target/release/site /out/site \
    && /out/orchestrator --version

# glibc, libgcc and certificates; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot AS runtime-bookworm
FROM gcr.io/distroless/cc-debian13:nonroot AS runtime-trixie

FROM runtime-${DEBIAN} AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Atomic Order Orchestrator" \
      org.opencontainers.image.description="Signed Shopify webhooks in, versioned orders out, live on every dashboard" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The folder belongs to who makes it, and that must be root: in a folder of its own
# the server could exchange itself.
USER 0:0
WORKDIR /app
# The binary looks for its browser files in `site` beside it.
COPY --from=build /out/orchestrator /app/orchestrator
COPY --from=build /out/site /app/site
# The only folder the server may write to, and nobody else may read.
COPY --from=build --chown=65532:65532 /out/folders/ /app/

ENV LISTEN_ADDR=0.0.0.0:9000 \
    LOG_FORMAT=json
EXPOSE 9000
USER 65532:65532
STOPSIGNAL SIGTERM
# Alive, not ready: an instance whose database is away must not be restarted. It
# gives up after 2 s by itself, and can say why; Docker only kills it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/app/orchestrator", "healthcheck"]
ENTRYPOINT ["/app/orchestrator"]
CMD ["serve"]
