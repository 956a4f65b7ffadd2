import { readFile } from "node:fs/promises";

/** What became of the processors' time, in shares of 0 to 1. */
export interface Processors {
  idle: number;
  /** Wanted, but given to other machines on the same hardware. */
  stolen: number;
}

/** Watches the processors until the returned function is called; knows nothing outside Linux. */
export async function watchProcessors(): Promise<() => Promise<Processors | undefined>> {
  const before = await times();
  return async () => {
    const after = await times();
    if (!before || !after) {
      return undefined;
    }
    const passed = after.map((time, index) => time - (before[index] ?? 0));
    const all = passed.reduce((sum, time) => sum + time, 0);
    // See proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal.
    const [, , , idle = 0, waiting = 0, , , stolen = 0] = passed;
    return { idle: (idle + waiting) / all, stolen: stolen / all };
  };
}

async function times(): Promise<number[] | undefined> {
  const text = await readFile("/proc/stat", "utf8").catch(() => undefined);
  const line = text?.split("\n", 1)[0];
  // Guests are counted as users already.
  return line?.trim().split(/\s+/).slice(1, 9).map(Number);
}
