import { intercept } from "../fixtures/intercept.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Shop } from "../fixtures/webhooks.ts";

const DAY = 86_400_000;

/** Placed so long ago that it can have been delivered since. */
async function delivered(shop: Shop, days: number, total: string): Promise<void> {
  const placed = new Date(Date.now() - 10 * DAY);
  const order = await shop.create({ created_at: placed.toISOString(), total_price: total });
  await shop.deliver(order, new Date(placed.getTime() + days * DAY));
}

/** Two delivered, two shipped, one waiting in euros, one unpaid. */
async function fill(shop: Shop): Promise<void> {
  await delivered(shop, 1, "100.10");
  await delivered(shop, 3, "200.20");
  await shop.create({ fulfillment_status: "fulfilled", total_price: "1000.00" });
  await shop.create({ fulfillment_status: "fulfilled", total_price: "0.05" });
  await shop.create({ currency: "EUR", total_price: "19.99" });
  await shop.create({ financial_status: "pending", total_price: "5000.00" });
}

test("the API counts the orders sent, and the tiles show its stats", async ({
  api,
  dashboard,
  shop,
}) => {
  await fill(shop);
  await expect
    .poll(() => api.stats())
    .toEqual({
      placedByHour: expect.any(Array),
      totalOrders: 6,
      placedLast24h: 4,
      byStatus: { PENDING: 1, CONFIRMED: 1, SHIPPED: 2, DELIVERED: 2, CANCELLED: 0 },
      activeShipments: 2,
      revenue: [
        { currency: "USD", amount: "1300.35", orders: 4 },
        { currency: "EUR", amount: "19.99", orders: 1 },
      ],
      averageDeliverySeconds: 2 * 86_400,
    });
  await dashboard.goto();

  await expect(dashboard.stat("Total orders")).toHaveText("6");
  await expect(dashboard.statDetail("Total orders")).toHaveText("4 placed in 24 h");
  await expect(dashboard.stat("Active shipments")).toHaveText("2");
  await expect(dashboard.statDetail("Active shipments")).toHaveText("1 waiting to ship");
  await expect(dashboard.stat("Revenue")).toHaveText("$1,300.35");
  await expect(dashboard.statDetail("Revenue")).toHaveText("€19.99");
  await expect(dashboard.stat("Average delivery")).toHaveText("2.0 d");
  await expect(dashboard.statDetail("Average delivery")).toHaveText("2 delivered");
});

test("the tiles are empty without orders, and change live", async ({ dashboard, shop }) => {
  await dashboard.goto();
  await expect(dashboard.stat("Total orders")).toHaveText("0");
  await expect(dashboard.stat("Revenue")).toHaveText("–");
  await expect(dashboard.stat("Average delivery")).toHaveText("–");

  const placed = new Date("2026-01-05T08:00:00Z");
  const order = await shop.create({ created_at: placed.toISOString(), total_price: "42.00" });
  await expect(dashboard.stat("Total orders")).toHaveText("1");
  await expect(dashboard.stat("Revenue")).toHaveText("$42.00");
  await expect(dashboard.stat("Active shipments")).toHaveText("0");

  const shipped = await shop.fulfil(order);
  await expect(dashboard.stat("Active shipments")).toHaveText("1");

  // Half an hour to the second: a clock kept in fractions of a day makes it 29 min.
  await shop.deliver(shipped, new Date(placed.getTime() + 1_800_000));
  await expect(dashboard.stat("Average delivery")).toHaveText("30 min");
  await expect(dashboard.stat("Active shipments")).toHaveText("0");
});

test("revenue follows a refund, and an edit by a person", async ({ api, dashboard, shop }) => {
  const order = await shop.create({ total_price: "42.00" });
  const other = await shop.create({ total_price: "8.00" });
  await expect.poll(async () => (await api.stats()).totalOrders).toBe(2);
  await dashboard.goto();
  await expect(dashboard.stat("Revenue")).toHaveText("$50.00");

  await shop.update(order, { financial_status: "refunded" });
  await expect(dashboard.stat("Revenue")).toHaveText("$8.00");

  await api.edit(await api.order(other.id), { status: "CANCELLED" });
  await expect(dashboard.stat("Revenue")).toHaveText("–");
});

test("the stats are right in the end, though an answer was counted a moment before the last change", async ({
  dashboard,
  page,
  shop,
}) => {
  const first = page.waitForResponse(/\/orders\/stats/);
  await dashboard.goto();
  // The server counts once a second at most, so this may be its next answer too.
  const counted: unknown = await (await first).json();
  await intercept(page, /\/orders\/stats/, (route) => route.fulfill({ json: counted }), { times: 1 });
  const order = await shop.create();
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.stat("Total orders")).toHaveText("1");
});
