import { setTimeout as after } from "node:timers/promises";
import type { Dashboard } from "./dashboard.ts";
import { measureJumps } from "./jumps.ts";
import { rise } from "./statistics.ts";

const SAMPLES = 40;

/** Caches fill in the beginning; that is no leak. */
const WARM_UP = 0.2;

/** A look around before each sample, near and far. */
const PLACES = [0, 0.002, 0.4, 0.75];

interface Sample {
  heap: number;
  wasm: number;
  nodes: number;
}

export interface Memory {
  /** JavaScript heap and WebAssembly memory at the end, in bytes. */
  bytes: number;
  /** How much they grew after the warm-up, by the line through all samples. */
  growth: number;
  nodes: number;
  nodeGrowth: number;
}

/** Watches memory for a while; garbage is collected before each look. */
export async function measureMemory(dashboard: Dashboard, minutes: number): Promise<Memory> {
  const samples: Sample[] = [];
  const started = performance.now();
  for (let index = 0; index < SAMPLES; index += 1) {
    const place = PLACES[index % PLACES.length] ?? 0;
    await measureJumps(dashboard, [place, 0]);
    samples.push(await sample(dashboard));
    const next = started + ((index + 1) * minutes * 60_000) / SAMPLES;
    await after(Math.max(next - performance.now(), 0));
  }
  const steady = samples.slice(Math.floor(SAMPLES * WARM_UP));
  const last = samples.at(-1) ?? { heap: NaN, wasm: NaN, nodes: NaN };
  return {
    bytes: last.heap + last.wasm,
    growth: rise(steady.map(({ heap, wasm }) => heap + wasm)),
    nodes: last.nodes,
    nodeGrowth: rise(steady.map(({ nodes }) => nodes)),
  };
}

async function sample(dashboard: Dashboard): Promise<Sample> {
  await dashboard.debug.send("HeapProfiler.collectGarbage");
  const metric = await dashboard.metrics();
  return {
    heap: metric("JSHeapUsedSize"),
    wasm: await dashboard.page.evaluate(() => window.budgets.wasmBytes()),
    nodes: metric("Nodes"),
  };
}
