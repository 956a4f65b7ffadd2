import { defineConfig } from "@playwright/test";
import { launchOptions } from "./chromium.ts";

/**
 * Pictures of every state: `npm run screenshots` writes all to target/screenshots,
 * and those in the repository to docs/images; with `OUT=folder`, only there.
 */
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
    // Without scrollbars, the room they are given looks like a mistake.
    launchOptions: { ...launchOptions(), ignoreDefaultArgs: ["--hide-scrollbars"] },
    locale: "en-GB",
    timezoneId: "UTC",
    // A flash caught halfway is a picture of nothing.
    contextOptions: { reducedMotion: "reduce" },
  },
});
