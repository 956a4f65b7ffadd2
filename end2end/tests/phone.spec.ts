import type { Page } from "@playwright/test";
import { sendAll } from "../fixtures/large_desk.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop, ShopOrder } from "../fixtures/webhooks.ts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

async function fill(shop: Shop, api: Api): Promise<ShopOrder[]> {
  const orders = Array.from({ length: 120 }, () => shop.draft());
  await sendAll(shop, orders);
  await api.settled(120);
  return orders;
}

/** How much wider the page is than the screen. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

test("on a phone: find an order, open it, and come back", async ({ api, dashboard, page, shop }) => {
  const orders = await fill(shop, api);
  await dashboard.goto();
  await dashboard.search.tap();
  await dashboard.search.fill("#1100");
  await expect(dashboard.count).toHaveText("1");
  const id = orders[99]?.id ?? "";
  await expect(dashboard.row(id)).toBeInViewport({ ratio: 1 });
  await dashboard.editButton(id).tap();
  await expect(dashboard.dialog.root).toBeVisible();
  await expect(dashboard.dialog.save).toBeInViewport({ ratio: 1 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await dashboard.dialog.cancel.tap();
  await dashboard.dialog.expectClosed();
  await expect(dashboard.row(id)).toBeVisible();
});

test("on a phone: sort by a choice, filter by a chip", async ({ api, dashboard, page, shop }) => {
  await fill(shop, api);
  await shop.create({ financial_status: "pending", total_price: "9000.00" });
  await api.settled(121);
  await dashboard.goto();
  const sort = page.getByRole("combobox", { name: "Sort" });
  await sort.selectOption("Oldest first");
  const { data } = await api.orders("sort=placedAt&limit=3");
  await expect
    .poll(async () => (await dashboard.shownOrders()).slice(0, 3))
    .toEqual(data.map((order) => order.shopifyOrderId));
  await dashboard.chip("Pending").tap();
  await expect(dashboard.count).toHaveText("1");
  await expect(dashboard.rows.first()).toContainText("$9,000.00");
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});

test("on a phone: the list of cards scrolls to its end, and turning it keeps the order on top", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const orders = await fill(shop, api);
  await dashboard.goto();
  for (const [place, order] of [
    [1, orders[0]],
    [0, orders.at(-1)],
  ] as const) {
    await dashboard.dragTo(place);
    await dashboard.filled();
    await expect(dashboard.row(order?.id ?? "")).toBeInViewport({ ratio: 1 });
    expect(await dashboard.drawn.count()).toBeLessThanOrEqual(60);
  }
  const heights = await dashboard.drawn.evaluateAll((rows) =>
    rows.map((row) => row.getBoundingClientRect().height),
  );
  expect(new Set(heights).size).toBe(1);
  expect(await overflow(page)).toBeLessThanOrEqual(0);

  await dashboard.dragTo(0.5);
  const [before] = await dashboard.filled();
  await page.setViewportSize({ width: 844, height: 390 });
  await expect
    .poll(async () => Math.abs(((await dashboard.seen())[0]?.place ?? NaN) - (before?.place ?? 0)))
    .toBeLessThanOrEqual(1);
});

test("what a finger has to hit is at least 24 px, and 32 px in a card", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await fill(shop, api);
  await dashboard.goto();
  for (const [size, targets] of [
    [24, page.locator("button, a")],
    [32, dashboard.rows.locator("button")],
  ] as const) {
    const small = await targets.evaluateAll(
      (all, size) =>
        all
          .map((element) => ({ element, box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 1 && box.height > 1 && box.height < size)
          .map(({ element }) => element.outerHTML.slice(0, 120)),
      size,
    );
    expect(small, `${size} px`).toEqual([]);
  }
});
