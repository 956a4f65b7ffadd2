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

test("a chip shows the orders of its status and no others", async ({ api, dashboard, shop }) => {
  const { paid, alsoPaid, shipped } = await fill(shop, api);
  await dashboard.goto();
  await expect(dashboard.rows).toHaveCount(5);

  await dashboard.chip("Confirmed").click();
  await expect(dashboard.chip("Confirmed")).toHaveAttribute("aria-pressed", "true");
  await expect(dashboard.rows).toHaveCount(2);
  expect(await dashboard.shownOrders()).toEqual([alsoPaid?.id, paid?.id]);

  await dashboard.chip("Shipped").click();
  await expect(dashboard.rows).toHaveCount(1);
  expect(await dashboard.shownOrders()).toEqual([shipped?.id]);

  await dashboard.chip("All").click();
  await expect(dashboard.rows).toHaveCount(5);
});

test("a status nobody has says so", async ({ api, dashboard, shop }) => {
  await fill(shop, api);
  await dashboard.goto();
  await dashboard.chip("Delivered").click();
  await expect(dashboard.page.getByText("No delivered orders")).toBeVisible();
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

test("the count beside the heading is the filtered one", async ({ api, dashboard, shop }) => {
  await fill(shop, api);
  await dashboard.goto();
  await expect(dashboard.count).toHaveText("5");
  await dashboard.chip("Confirmed").click();
  await expect(dashboard.count).toHaveText("2");
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

test("older orders load page by page, each order once, newest first", async ({
  api,
  dashboard,
  shop,
}) => {
  const orders = Array.from({ length: 120 }, () => shop.draft());
  for (let sent = 0; sent < orders.length; sent += 20) {
    const some = orders.slice(sent, sent + 20);
    await Promise.all(some.map((order) => shop.send("orders/create", order)));
  }
  await api.settled(120);

  await dashboard.goto();
  await expect(dashboard.rows).toHaveCount(50);
  await expect(dashboard.count).toHaveText("120");
  await dashboard.loadOlder.click();
  await expect(dashboard.rows).toHaveCount(100);
  await dashboard.loadOlder.click();
  await expect(dashboard.rows).toHaveCount(120);

  await expect(dashboard.loadOlder).toBeHidden();
  const newestFirst = orders.map((order) => order.id).reverse();
  expect(await dashboard.shownOrders()).toEqual(newestFirst);
});

test("an order that arrives while paging shifts no page", async ({ api, dashboard, shop }) => {
  const orders = Array.from({ length: 60 }, () => shop.draft());
  await Promise.all(orders.map((order) => shop.send("orders/create", order)));
  await api.settled(60);
  await dashboard.goto();

  const late = await shop.create();
  await expect(dashboard.row(late.id)).toBeVisible();
  await dashboard.loadOlder.click();

  await expect(dashboard.rows).toHaveCount(61);
  const newestFirst = [...orders, late].map((order) => order.id).reverse();
  expect(await dashboard.shownOrders()).toEqual(newestFirst);
});
