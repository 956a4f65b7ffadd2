import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { sign, SHOP } from "../fixtures/webhooks.ts";
import type { Desk } from "./desk.ts";

/** How often it is looked what is due, in milliseconds. */
const TICK = 10;

/** Rows on the first screen, or a few more. */
const NEWEST = 16;

/** Orders elsewhere in the list. */
const OTHERS = 20_000;

/**
 * Signed webhooks, so many a second whatever the server takes for them. Every
 * second one is about an order at the top of the list, so that what is on the
 * screen changes; the others are about any order.
 */
export class Traffic {
  failures = 0;
  private sent = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly underWay = new Set<Promise<void>>();
  /** Costs a fraction of `fetch`, on processors the browser needs. */
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly desk: Desk,
    private readonly newest: string[],
    private readonly others: string[],
  ) {}

  static async about(desk: Desk): Promise<Traffic> {
    const ids = async (tail: string, limit: number): Promise<string[]> => {
      const sql = `SELECT shopify_order_id AS id FROM orders ${tail} LIMIT ${limit}`;
      const { rows } = await desk.database.query<{ id: string }>(sql);
      return rows.map((row) => row.id);
    };
    const newest = await ids("ORDER BY placed_at DESC, id DESC", NEWEST);
    const others = await ids("ORDER BY md5(shopify_order_id::text)", OTHERS);
    return new Traffic(desk, newest, others);
  }

  start(rate: number): void {
    const started = performance.now();
    const already = this.sent;
    this.timer = setInterval(() => {
      const due = already + ((performance.now() - started) * rate) / 1_000;
      while (this.sent < due) {
        const request = this.send().catch(() => void (this.failures += 1));
        this.underWay.add(request);
        void request.finally(() => this.underWay.delete(request));
      }
    }, TICK);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    this.agent.destroy();
  }

  private async send(): Promise<void> {
    const number = this.sent;
    this.sent += 1;
    const from = number % 2 === 0 ? this.newest : this.others;
    const id = from[Math.floor(number / 2) % from.length];
    const at = new Date().toISOString();
    // What is left out stands as it is. The id is a bare integer of 64 bits.
    const body = `{"id":${id},${JSON.stringify({
      updated_at: at,
      total_price: (10 + Math.random() * 900).toFixed(2),
      financial_status: "paid",
      fulfillment_status: Math.random() < 0.3 ? "fulfilled" : null,
    }).slice(1)}`;
    const webhook = request(`${this.desk.url}/webhooks/shopify`, {
      agent: this.agent,
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Webhook-Id": randomUUID(),
        "X-Shopify-Triggered-At": at,
        "X-Shopify-Hmac-Sha256": sign(this.desk.secret, body),
      },
    });
    webhook.end(body);
    const [response] = (await once(webhook, "response")) as [IncomingMessage];
    await once(response.resume(), "end");
    if (response.statusCode !== 200) {
      throw new Error(`webhook refused: ${response.statusCode}`);
    }
  }
}
