import { defineConfig } from "@playwright/test";
import { launchOptions } from "./chromium.ts";
import type { ServerOptions, WorkerOptions } from "./fixtures/test.ts";

const services = ["TEST_DATABASE_URL", "TEST_REDIS_URL"];
const missing = services.filter((name) => !process.env[name]);

/** Without PostgreSQL and Redis there is nothing to run the second project on. */
function hasServices(): boolean {
  if (missing.length === 0) {
    return true;
  }
  const reason = `the project "postgres" needs ${missing.join(" and ")}`;
  if (process.env["CI"] || process.env["REQUIRE_SERVICES"]) {
    throw new Error(`${reason}; CI or REQUIRE_SERVICES is set, so leaving it out is an error`);
  }
  // Workers load this file too; saying it once is enough.
  if (process.env["TEST_WORKER_INDEX"] === undefined) {
    console.warn(`NOT RUN: ${reason}. Try: ../scripts/with-services.sh npm test\n`);
  }
  return false;
}

const postgres = {
  name: "postgres",
  grep: /@both|@postgres/,
  // Servers on one Redis would take each other's jobs.
  workers: 1,
  use: { storage: "postgres" as const },
};

export default defineConfig<ServerOptions, WorkerOptions>({
  testDir: "tests",
  globalSetup: "./global_setup.ts",
  // Two browsers, a debug server and axe on two cores: most tests take seconds.
  timeout: 90_000,
  // The server and the page may be debug builds, beside a compiler.
  expect: { timeout: 10_000 },
  // A test that fails once in a while hides a bug, or is one.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env["CI"],
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: launchOptions(),
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1440, height: 900 },
    // Recording every test costs more than running it; ask for it when needed.
    trace: process.env["TRACE"] ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
  },
  projects: [
    // First: only one worker may run it, so the other one has to have work beside it.
    ...(hasServices() ? [postgres] : []),
    { name: "sqlite", grepInvert: /@postgres/, use: { storage: "sqlite" } },
  ],
});
