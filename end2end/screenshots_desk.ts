import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "@playwright/test";
import { Api, type Edit, type Order } from "./fixtures/api.ts";
import { Server } from "./fixtures/server.ts";
import { SHOP, Shop, type ShopOrder, sign } from "./fixtures/webhooks.ts";

const run = promisify(execFile);

const BINARY =
  process.env["ORCHESTRATOR_BIN"] ??
  resolve(import.meta.dirname, "../target/debug/orchestrator");

/** The same seed makes the same orders. */
const SEED = 7;
const WEBHOOKS = 400;
const RATE = 40;

const HOUR = 3_600_000;
/** Orders placed in each of the hours before this one, oldest first. */
const DAY = [14, 9, 6, 4, 3, 3, 5, 9, 14, 21, 26, 30, 33, 38, 35, 31, 28, 30, 33, 40, 43, 38, 34];

// As many first names as last names plus one: it takes long until a pair comes again.
const FIRST_NAMES = ["Leonie", "Tobias", "Aiko", "Rafael", "Ingrid", "Kwame", "Bridget", "Hannah", "Noor"];
const LAST_NAMES = ["Ashdown", "Moreau", "Tanabe", "Duarte", "Lindqvist", "Menon", "Falk", "Pemberton"];

/** A desk two weeks into its life, and what the people around it do. */
export class Desk {
  readonly api: Api;
  private readonly shop: Shop;
  private lastNumber = 0;

  private constructor(readonly server: Server) {
    this.api = new Api(server);
    this.shop = new Shop(server);
  }

  static async open(): Promise<Desk> {
    const desk = new Desk(await Server.start({ storage: "sqlite" }));
    await desk.fill();
    return desk;
  }

  /** What two weeks of webhooks leave, and what a team does by hand. */
  private async fill(): Promise<void> {
    const { secret, url } = this.server;
    const pace = ["--rate", `${RATE}`, "--count", `${WEBHOOKS}`];
    const troubles = ["--duplicates", "0.03", "--shuffle", "0.05"];
    const who = ["--seed", `${SEED}`, "--shop", SHOP, "--secret", secret, "--url", url];
    await run(BINARY, ["simulate", ...pace, ...troubles, ...who]);
    await expect.poll(() => this.api.deliveries("state=pending")).toEqual([]);

    const newest = await this.api.orders("limit=60");
    const last = Math.max(...newest.data.map(({ name }) => Number(name.slice(1))));
    this.lastNumber = last - 1_000;
    await this.fillDay();
    this.lastNumber = last;

    const { data } = await this.api.orders("limit=60");
    const confirmed = data.filter(({ status }) => status === "CONFIRMED");
    for (const [index, order] of confirmed.entries()) {
      if (index % 3 === 1) {
        await this.pack(order);
      }
    }
  }

  /** The simulator's past is thin on its last day, and its present dense. */
  private async fillDay(): Promise<void> {
    const { total } = await this.api.orders("limit=1");
    const start = Date.now() - DAY.length * HOUR;
    for (const [hour, orders] of DAY.entries()) {
      const moments = Array.from({ length: orders }, (_, index) => hour + (index + 0.5) / orders);
      await Promise.all(
        moments.map((moment) =>
          this.place({
            created_at: new Date(start + moment * HOUR).toISOString(),
            // By the evening, most parcels of the morning are on the road.
            fulfillment_status: (moment * 7.3) % 1 > moment / DAY.length ? "fulfilled" : null,
          }),
        ),
      );
    }
    await this.api.settled(total + DAY.reduce((sum, orders) => sum + orders));
  }

  /** Somebody places an order, and it is on the desk. */
  async arrive(fields: Partial<ShopOrder> = {}): Promise<Order> {
    const { id } = await this.place(fields);
    return this.api.order(id);
  }

  private place(fields: Partial<ShopOrder>): Promise<ShopOrder> {
    const number = (this.lastNumber += 1);
    const first_name = FIRST_NAMES[number % FIRST_NAMES.length] ?? "";
    const last_name = LAST_NAMES[number % LAST_NAMES.length] ?? "";
    const email = `${first_name}.${last_name}@example.com`.toLowerCase();
    return this.shop.create({
      id: `5820000000${number}`,
      name: `#${number}`,
      total_price: `${30 + ((number * 37) % 240)}.${10 + ((number * 13) % 90)}`,
      created_at: new Date().toISOString(),
      financial_status: number % 5 === 0 ? "pending" : "paid",
      customer: { first_name, last_name, email },
      line_items: [{ quantity: 1 + (number % 4) }],
      ...fields,
    });
  }

  /** A parcel is packed, its number noted. */
  async pack(order: Order): Promise<void> {
    const trackingNumber = `1Z999AA10123${order.shopifyOrderId.slice(-5)}`;
    await this.edit(order, { status: "SHIPPED", trackingNumber }, "Amara Okafor");
  }

  async edit(order: Order, change: Edit, name: string): Promise<void> {
    await expect(() => this.api.edit(order, change, name)).toPass();
  }

  /** A confirmed order on the first screen: the usual one to work on. */
  async confirmed(): Promise<Order> {
    const { data } = await this.api.orders("limit=12");
    const order = data.find(({ status, notes }) => status === "CONFIRMED" && notes === null);
    return order ?? this.arrive({ financial_status: "paid" });
  }

  /** An order that both the shop and two people had to do with. */
  async eventful(): Promise<Order> {
    const placed = await this.place({ financial_status: "pending" });
    const order = await this.api.order(placed.id);
    await this.edit(order, { notes: "Gift: leave the invoice out." }, "Grace Hopper");
    const paid = await this.shop.update(placed, { financial_status: "paid" });
    await this.api.order(placed.id, { status: "CONFIRMED" });
    await this.pack(order);
    const notes = "Gift: leave the invoice out, and wrap it.";
    await this.edit(order, { notes }, "Grace Hopper");
    await this.shop.deliver(paid, new Date());
    return this.api.order(placed.id, { status: "DELIVERED" });
  }

  /** Deliveries that leave no mark on an order, between two that do. */
  async mixedDeliveries(): Promise<void> {
    await this.arrive();
    await this.deliver("orders/create", '{"id": 5820000099, "name": "#99", "total_price": ');
    await this.deliver("carts/update", '{"id": "eeafa272cebfd4b22385bc4b645e762c", "line_items": []}');
    await this.arrive();
  }

  /** A delivery with everything a shop sends, and the order it is about. */
  async fullDelivery(): Promise<{ delivery: string; order: string }> {
    const [first] = await this.api.deliveries("topic=orders/fulfilled&state=applied&limit=1");
    return { delivery: first?.id ?? "", order: first?.orderId ?? "" };
  }

  /** Delivers a signed body, whatever it is. */
  private async deliver(topic: string, body: string): Promise<void> {
    await fetch(`${this.server.url}/webhooks/shopify`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Webhook-Id": randomUUID(),
        "X-Shopify-Hmac-Sha256": sign(this.server.secret, body),
      },
      body,
    });
  }
}
