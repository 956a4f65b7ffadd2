import { setTimeout as after } from "node:timers/promises";
import type { Dashboard } from "./dashboard.ts";

const SECONDS = 15;

export interface Scripting {
  /** Orders received meanwhile, each at most once a frame of the socket. */
  orders: number;
  /** Milliseconds of script for each of them. */
  script: number;
  /** The same with everything else the main thread did: style, layout, paint. */
  all: number;
}

/**
 * What one update costs. The browser itself adds up the time the main thread
 * spends in scripts, WebAssembly included (`ScriptDuration`); all of it, with
 * whatever else ticks on the page, is shared out among the orders that came
 * over the socket meanwhile. So this is an upper bound.
 */
export async function measureScripting(dashboard: Dashboard): Promise<Scripting> {
  await dashboard.scrollToTop();
  const before = await dashboard.metrics();
  const received = dashboard.received;
  await after(SECONDS * 1_000);
  const now = await dashboard.metrics();
  const orders = dashboard.received - received;
  if (orders === 0) {
    throw new Error("no update came over the socket");
  }
  const spent = (name: string): number => ((now(name) - before(name)) * 1_000) / orders;
  return { orders, script: spent("ScriptDuration"), all: spent("TaskDuration") };
}
