import { holdBack } from "../fixtures/intercept.ts";
import { nextFrames, watchAnnouncements } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop, ShopOrder } from "../fixtures/webhooks.ts";

/** The table is left alone for this long before it moves by itself. */
const REST = 5_000;

/** More orders than fit the screen, oldest first. */
async function fill(shop: Shop, api: Api): Promise<ShopOrder[]> {
  const orders = Array.from({ length: 60 }, () => shop.draft());
  await Promise.all(orders.map((order) => shop.send("orders/create", order)));
  await api.settled(60);
  return orders;
}

test("while the table is not in use, a new order is on top at once, and marked", async ({
  api,
  dashboard,
  shop,
}) => {
  const orders = await fill(shop, api);
  await dashboard.goto();
  const order = await shop.create();
  await expect(dashboard.row(order.id)).toHaveClass(/row--new/);
  const [first, second] = await dashboard.seen();
  expect(first).toEqual({ order: order.id, place: 0 });
  expect(second).toEqual({ order: orders.at(-1)?.id, place: 1 });
  await expect(dashboard.newOrders).toBeHidden();
  await expect(dashboard.count).toHaveText("61");
  await expect(dashboard.row(order.id)).not.toHaveClass(/row--new/);
});

test("with the pointer at work in the table, new orders move nothing; five seconds later they come", async ({
  api,
  dashboard,
  shop,
}) => {
  await fill(shop, api);
  await dashboard.goto();
  const before = await dashboard.seen();
  await dashboard.point();
  await shop.create();
  await expect(dashboard.newOrders).toHaveText("1 new order");
  await dashboard.point();
  const rested = Date.now();
  await shop.create();
  const last = await shop.create();
  await expect(dashboard.newOrders).toHaveText("3 new orders");
  expect(await dashboard.seen()).toEqual(before);

  await expect(dashboard.row(last.id)).toBeVisible();
  expect(Date.now() - rested).toBeGreaterThanOrEqual(REST);
  await expect(dashboard.newOrders).toBeHidden();
});

test("while the list is scrolled new orders wait; one click shows them", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await fill(shop, api);
  await page.clock.install();
  await dashboard.goto();
  await dashboard.dragTo(0.5);
  const before = await dashboard.filled();
  const orders = [await shop.create(), await shop.create()];
  await expect(dashboard.newOrders).toHaveText("2 new orders");
  await page.clock.runFor(3 * REST);
  await expect(dashboard.newOrders).toHaveText("2 new orders");
  expect(await dashboard.seen()).toEqual(before);

  await dashboard.newOrders.click();
  await expect(dashboard.newOrders).toBeHidden();
  await expect
    .poll(async () => (await dashboard.seen()).slice(0, 2))
    .toEqual([
      { order: orders[1]?.id, place: 0 },
      { order: orders[0]?.id, place: 1 },
    ]);
  await expect(dashboard.count).toHaveText("62");
});

test("an order that comes while the list is on its way is in it all the same", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await fill(shop, api);
  await dashboard.goto();
  const list = await holdBack(page, /\/orders\?/);
  await page.keyboard.press("n");
  await list.read;
  const order = await shop.create();
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.grid).toHaveAttribute("aria-busy", "true");

  list.arrive();
  await expect(dashboard.grid).toHaveAttribute("aria-busy", "false");
  await nextFrames(page);
  expect((await dashboard.seen())[0]).toEqual({ order: order.id, place: 0 });
  await expect(dashboard.count).toHaveText("61");
});

test("while an order is open nothing moves behind it", async ({ api, dashboard, page, shop }) => {
  const orders = await fill(shop, api);
  await page.clock.install();
  await dashboard.goto();
  const before = await dashboard.seen();
  const dialog = await dashboard.edit(orders.at(-3)?.id ?? "");
  await page.clock.runFor(2 * REST);
  const order = await shop.create();
  await expect(dashboard.page.locator(".new-orders")).toHaveText("1 new order");
  await page.clock.runFor(2 * REST);
  expect(await dashboard.seen()).toEqual(before);

  await dialog.cancel.click();
  await dialog.expectClosed();
  await expect(dashboard.row(order.id)).toBeVisible();
});

test("with the pointer at work, a filter announces what fits and dims what leaves, which goes later", async ({
  api,
  dashboard,
  shop,
}) => {
  const orders = await fill(shop, api);
  await dashboard.goto("?status=CONFIRMED");
  const before = await dashboard.seen();
  await dashboard.point();
  const leaving = orders.at(-2) as ShopOrder;
  await shop.fulfil(leaving);

  const row = dashboard.row(leaving.id);
  await expect(row).toHaveClass(/row--left/);
  await expect(dashboard.status(leaving.id)).toHaveText("Shipped");
  await dashboard.point();
  await shop.create({ financial_status: "pending" });
  await shop.create();
  await expect(dashboard.newOrders).toHaveText("1 new order");
  await expect(dashboard.chipCount("All")).toHaveText("62");
  await expect(dashboard.newOrders).toHaveText("1 new order");
  expect(await dashboard.seen()).toEqual(before);
  await expect(row).toHaveCount(0);
  await expect(dashboard.count).toHaveText("60");
});

test("new orders are announced to screen readers, but not again and again", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const orders = await fill(shop, api);
  await page.clock.install();
  await dashboard.goto();
  await dashboard.dragTo(0.5);
  await dashboard.filled();
  const said = await watchAnnouncements(page);

  for (const order of orders.slice(-20)) {
    await shop.fulfil(order);
    await shop.create();
  }
  await expect(dashboard.newOrders).toHaveText("20 new orders");
  await nextFrames(page);
  expect((await said()).length).toBeLessThanOrEqual(1);
  await page.clock.runFor(15_000);
  await expect.poll(async () => (await said()).at(-1)).toBe("20 new orders");
  expect((await said()).length).toBeLessThanOrEqual(2);
});
