import { defineConfig } from "@playwright/test";
import { launchOptions } from "../chromium.ts";
import { MINUTES } from "./settings.ts";

/** Measures what the dashboard costs: `make budgets`. */
export default defineConfig({
  testDir: ".",
  testMatch: "budgets.ts",
  outputDir: "../test-results",
  // Loading a million orders and Lighthouse take their time, too.
  timeout: (MINUTES + 20) * 60_000,
  // Anything beside it would be measured with it.
  workers: 1,
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: launchOptions(),
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1440, height: 900 },
  },
});
