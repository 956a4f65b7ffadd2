import { readdir } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import type { Desk } from "./desk.ts";

/**
 * Lets the browser go first, as it does on a machine where the server is not: the
 * server, PostgreSQL and whoever sends webhooks get what it leaves. There is no
 * way back for those who are not root, so this is the last thing to do.
 */
export async function yieldToBrowser(desk: Desk): Promise<void> {
  const sql = "SELECT pid FROM pg_stat_activity";
  const { rows } = await desk.database.query<{ pid: number }>(sql);
  for (const pid of [desk.pid, process.pid, ...rows.map((row) => row.pid)]) {
    // Linux has a priority for every thread.
    const threads = await readdir(`/proc/${pid}/task`).catch(() => [String(pid)]);
    for (const thread of threads) {
      try {
        setPriority(Number(thread), constants.priority.PRIORITY_BELOW_NORMAL);
      } catch {
        // It has ended, or is somebody else's.
      }
    }
  }
}
