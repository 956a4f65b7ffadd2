import { resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Orders in the database. */
export const ROWS = number("ROWS", 1_000_000);

/** How long memory is watched. */
export const MINUTES = number("MINUTES", 10);

/** Order updates a second, all the while. */
export const RATE = number("RATE", 100);

/** Where the table goes, between its markers. */
export const OUT = resolve(ROOT, process.env["OUT"] ?? "docs/BUDGETS.md");

export const SKIP_LIGHTHOUSE = Boolean(process.env["SKIP_LIGHTHOUSE"]);

/** Budgets are about what is shipped, not about debug builds. */
export const BINARY = resolve(
  ROOT,
  process.env["ORCHESTRATOR_BIN"] ?? "target/release/orchestrator",
);
export const SITE_ROOT = resolve(ROOT, process.env["SITE_ROOT"] ?? "target/release/site");

function number(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) {
    throw new Error(`${name} must be a number above 0`);
  }
  return value;
}
