import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";

/** Fills a freshly migrated database; see `load_orders.sql`. */
export async function loadOrders(database: Client, rows: number): Promise<void> {
  const started = Date.now();
  await database.query("SELECT set_config('budgets.rows', $1, false)", [String(rows)]);
  await database.query(await readFile(join(import.meta.dirname, "load_orders.sql"), "utf8"));
  // As autovacuum would have done over the year.
  await database.query("VACUUM ANALYZE");
  console.log(`loaded ${rows} orders in ${Math.round((Date.now() - started) / 1_000)} s`);
}
