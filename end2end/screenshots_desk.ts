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

/** The same seed tells the same story. */
const SEED = 7;
const WEBHOOKS = 460;
const RATE = 40;

const CUSTOMERS = [
  ["Leonie", "Ashdown"],
  ["Tobias", "Moreau"],
  ["Aiko", "Tanabe"],
  ["Rafael", "Duarte"],
  ["Ingrid", "Lindqvist"],
  ["Kwame", "Menon"],
  ["Bridget", "Falk"],
  ["Hannah", "Pemberton"],
] as const;

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

    const { data } = await this.api.orders("limit=60");
    this.lastNumber = Math.max(...data.map(({ name }) => Number(name.slice(1))));
    const confirmed = data.filter(({ status }) => status === "CONFIRMED");
    for (const [index, order] of confirmed.entries()) {
      if (index % 3 === 1) {
        await this.pack(order);
      }
    }
  }

  /** Somebody places an order, and it is on the desk. */
  async arrive(fields: Partial<ShopOrder> = {}): Promise<Order> {
    const { id } = await this.place(fields);
    return this.api.order(id);
  }

  private place(fields: Partial<ShopOrder>): Promise<ShopOrder> {
    const number = (this.lastNumber += 1);
    const [first_name, last_name] = CUSTOMERS[number % CUSTOMERS.length] ?? CUSTOMERS[0];
    return this.shop.create({
      id: `5820000000${number}`,
      name: `#${number}`,
      total_price: `${30 + ((number * 37) % 240)}.${10 + ((number * 13) % 90)}`,
      created_at: new Date().toISOString(),
      financial_status: number % 3 === 0 ? "pending" : "paid",
      customer: { first_name, last_name, email: `${first_name}.${last_name}@example.com`.toLowerCase() },
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
