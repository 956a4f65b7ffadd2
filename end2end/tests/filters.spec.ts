import { sendAll } from "../fixtures/large_desk.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop, ShopOrder } from "../fixtures/webhooks.ts";

/** One pending, two confirmed, one shipped, one cancelled. */
async function fill(shop: Shop, api: Api): Promise<Record<string, ShopOrder>> {
  const pending = await shop.create({ financial_status: "pending" });
  const paid = await shop.create();
  const alsoPaid = await shop.create();
  const shipped = await shop.create({ fulfillment_status: "fulfilled" });
  const refunded = await shop.create({ financial_status: "refunded" });
  await api.settled(5);
  return { pending, paid, alsoPaid, shipped, refunded };
}

test("a chip shows the orders of its status, their number, and an empty state without any", async ({
  api,
  dashboard,
  shop,
}) => {
  const { paid, alsoPaid, shipped } = await fill(shop, api);
  await dashboard.goto();
  await expect(dashboard.rows).toHaveCount(5);

  await dashboard.chip("Confirmed").click();
  await expect(dashboard.chip("Confirmed")).toHaveAttribute("aria-pressed", "true");
  await expect(dashboard.rows).toHaveCount(2);
  await expect(dashboard.count).toHaveText("2");
  expect(await dashboard.shownOrders()).toEqual([alsoPaid?.id, paid?.id]);

  await dashboard.chip("Shipped").click();
  await expect(dashboard.rows).toHaveCount(1);
  expect(await dashboard.shownOrders()).toEqual([shipped?.id]);

  await dashboard.chip("Delivered").click();
  await expect(dashboard.page.getByText("No delivered orders")).toBeVisible();

  await dashboard.chip("All").click();
  await expect(dashboard.rows).toHaveCount(5);
  await expect(dashboard.count).toHaveText("5");
});

test("chips count right, and keep counting", async ({ api, dashboard, shop }) => {
  const { paid } = await fill(shop, api);
  await dashboard.goto();
  const expectCounts = async (counts: Record<string, number>): Promise<void> => {
    for (const [label, count] of Object.entries(counts)) {
      await expect(dashboard.chipCount(label)).toHaveText(String(count));
    }
  };
  await expectCounts({ All: 5, Pending: 1, Confirmed: 2, Shipped: 1, Delivered: 0, Cancelled: 1 });

  await shop.fulfil(paid as ShopOrder);
  await shop.create();

  await expectCounts({ All: 6, Pending: 1, Confirmed: 2, Shipped: 2, Delivered: 0, Cancelled: 1 });
});

test("an order that leaves the filter leaves the list, and one that enters it appears", async ({
  api,
  dashboard,
  shop,
}) => {
  const { pending, paid, alsoPaid } = await fill(shop, api);
  await dashboard.goto();
  await dashboard.chip("Confirmed").click();
  await expect(dashboard.rows).toHaveCount(2);

  await shop.fulfil(paid as ShopOrder);
  await expect(dashboard.row(paid?.id ?? "")).toHaveCount(0);
  await expect(dashboard.count).toHaveText("1");

  await shop.update(pending as ShopOrder, { financial_status: "paid" });
  await expect(dashboard.row(pending?.id ?? "")).toBeVisible();
  expect(await dashboard.shownOrders()).toEqual([alsoPaid?.id, pending?.id]);
});

test("a filtered list goes on as far as it is long, each order once, newest first", async ({
  api,
  dashboard,
  shop,
}) => {
  const orders = Array.from({ length: 150 }, (_, index) =>
    shop.draft({ financial_status: index % 5 === 0 ? "pending" : "paid" }),
  );
  await sendAll(shop, orders);
  await api.settled(150);
  await dashboard.goto();
  await dashboard.chip("Confirmed").click();
  await expect(dashboard.count).toHaveText("120");

  const found = new Map<number, string | null>();
  for (const place of [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]) {
    await dashboard.dragTo(place);
    (await dashboard.filled()).forEach(({ order, place }) => found.set(place, order));
  }
  const newestFirst = orders.filter((order) => order.financial_status === "paid").reverse();
  expect([...found].sort(([a], [b]) => a - b).map(([, order]) => order)).toEqual(
    newestFirst.map((order) => order.id),
  );
});

test("an order that arrives while reading shifts nothing that is loaded later", async ({
  api,
  dashboard,
  shop,
}) => {
  const orders = Array.from({ length: 300 }, () => shop.draft());
  await sendAll(shop, orders);
  await api.settled(300);
  await dashboard.goto();
  await dashboard.dragTo(0.2);
  await dashboard.filled();
  const late = await shop.create();
  await expect(dashboard.newOrders).toHaveText("1 new order");

  await dashboard.dragTo(1);
  const seen = await dashboard.filled();
  expect(seen.at(-1)).toEqual({ order: orders[0]?.id, place: 299 });

  await dashboard.newOrders.click();
  await expect(dashboard.row(late.id)).toBeVisible();
});
