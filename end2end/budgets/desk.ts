import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { Client } from "pg";
import { createStorage, type Storage } from "../fixtures/storage.ts";
import { loadOrders } from "./load_orders.ts";
import { BINARY, SITE_ROOT } from "./settings.ts";

const run = promisify(execFile);

/** Longer than the server gives its own work to finish. */
const STOP_TIMEOUT = 20_000;

/** A release server on a PostgreSQL full of orders. */
export class Desk {
  private constructor(
    readonly url: string,
    readonly secret: string,
    readonly database: Client,
    private readonly storage: Storage,
    private readonly server: ChildProcess,
  ) {}

  static async open(rows: number): Promise<Desk> {
    const storage = await createStorage("postgres");
    const secret = "budgets-secret";
    const env = {
      ...storage.env,
      PATH: process.env["PATH"],
      RUST_LOG: "warn",
      LISTEN_ADDR: "127.0.0.1:0",
      SHOPIFY_WEBHOOK_SECRET: secret,
      SITE_ROOT,
    };
    await run(BINARY, ["migrate"], { env, cwd: import.meta.dirname });
    const database = new Client({ connectionString: storage.env["DATABASE_URL"] });
    await database.connect();
    await loadOrders(database, rows);
    const server = spawn(BINARY, ["serve"], {
      env,
      // Somewhere without a .env file.
      cwd: import.meta.dirname,
      stdio: ["ignore", "ignore", "pipe"],
    });
    process.on("exit", () => server.kill("SIGKILL"));
    return new Desk(await addressOf(server), secret, database, storage, server);
  }

  /** The server's process. */
  /** Without it nothing that is measured means anything. */
  isRunning(): boolean {
    return this.server.exitCode === null && this.server.signalCode === null;
  }

  /** Changes of orders committed so far. */
  async changes(): Promise<number> {
    const { rows } = await this.database.query<{ count: string }>(
      "SELECT count(*) FROM order_events",
    );
    return Number(rows[0]?.count);
  }

  async close(): Promise<void> {
    if (this.isRunning()) {
      const ended = once(this.server, "exit");
      this.server.kill("SIGTERM");
      const impatience = setTimeout(() => this.server.kill("SIGKILL"), STOP_TIMEOUT);
      await ended;
      clearTimeout(impatience);
    }
    await this.database.end();
    await this.storage.remove();
  }
}

/** It says where it listens, in the lines it greets with. */
function addressOf(server: ChildProcess): Promise<string> {
  let log = "";
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (code, signal) => {
      if (code !== 0) {
        console.log(`${BINARY} ended (${signal ?? code}):\n${log}`);
      }
      reject(new Error(`${BINARY} ended before it listened`));
    });
    // Listened to for as long as it runs: a full pipe would stop the server.
    server.stderr?.on("data", (data: Buffer) => {
      log = (log + data.toString()).slice(-10_000);
      const address = /(http:\/\/\S+)\/dashboard/.exec(log)?.[1];
      if (address) {
        resolve(address);
      }
    });
  });
}
