import { existsSync } from "node:fs";
import type { LaunchOptions } from "@playwright/test";

const DEBIAN_CHROMIUM = "/usr/bin/chromium";

/** `CHROMIUM_PATH`, else the system's Chromium, else Playwright's own. */
function executablePath(): string | undefined {
  if (process.env["CHROMIUM_PATH"]) {
    return process.env["CHROMIUM_PATH"];
  }
  return existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined;
}

export function launchOptions(): LaunchOptions {
  // Nothing but the page under test may use the network.
  const args = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
  // Chromium's sandbox refuses to run as root, which containers do.
  if (process.getuid?.() === 0) {
    args.push("--no-sandbox");
  }
  const path = executablePath();
  return path === undefined ? { args } : { args, executablePath: path };
}
