import { defineConfig } from "@playwright/test";
import { launchOptions } from "./chromium.ts";

/** Pictures for the README: `OUT=folder npm run screenshots`. */
export default defineConfig({
  testDir: ".",
  testMatch: "screenshots.ts",
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // One after the other: a second browser would disturb the first one's timing.
  workers: 1,
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: launchOptions(),
    locale: "en-GB",
    timezoneId: "UTC",
    // A flash caught halfway is a picture of nothing.
    contextOptions: { reducedMotion: "reduce" },
  },
});
