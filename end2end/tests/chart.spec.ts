import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { DashboardPage } from "../fixtures/dashboard_page.ts";
import type { Shop } from "../fixtures/webhooks.ts";

const HOUR = 3_600_000;

/** Three orders five hours ago, one two hours ago, two now. */
async function fill(shop: Shop, api: Api): Promise<void> {
  for (const hours of [5, 5, 5, 2, 0, 0]) {
    await shop.create({ created_at: new Date(Date.now() - hours * HOUR).toISOString() });
  }
  await expect.poll(async () => (await api.stats()).placedLast24h).toBe(6);
}

function heights(dashboard: DashboardPage): Promise<number[]> {
  return dashboard.page
    .locator(".chart__bar")
    .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("height"))));
}

/** As high as the API's hours say, the highest of them 100. */
async function expectHeights(dashboard: DashboardPage, api: Api): Promise<void> {
  const hours = (await api.stats()).placedByHour.map((hour) => hour.orders);
  const highest = Math.max(...hours);
  await expect
    .poll(() => heights(dashboard))
    .toEqual(hours.map((orders) => Math.floor((orders * 100) / highest)));
}

test("the chart has a bar for each of 24 hours, as high as the API's figures", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await fill(shop, api);
  await dashboard.goto();
  expect(await heights(dashboard)).toHaveLength(24);
  await expectHeights(dashboard, api);
  await expect(page.locator(".chart__readout")).toHaveText("6 orders");
  await expect(page.getByRole("img", { name: /Busiest: 3 orders/ })).toBeVisible();
});

test("under the pointer an hour says what it holds", async ({ api, dashboard, page, shop }) => {
  await fill(shop, api);
  await dashboard.goto();
  const { placedByHour } = await api.stats();
  const readout = page.locator(".chart__readout");
  const columns = page.locator(".chart__column");
  for (const index of [23, 21, 18, 3]) {
    await columns.nth(index).hover();
    const { hour = "", orders = NaN } = placedByHour[index] ?? {};
    const from = hour.slice(11, 16);
    await expect(readout).toHaveText(
      new RegExp(`^${orders === 1 ? "1 order" : `${orders} orders`}, ${from} to \\d\\d:00 UTC$`),
    );
  }
  await page.mouse.move(0, 0);
  await expect(readout).toHaveText("6 orders");
});

test("the chart follows live", async ({ api, dashboard, page, shop }) => {
  await dashboard.goto();
  await expect(page.locator(".chart__readout")).toHaveText("0 orders");
  expect(await heights(dashboard)).toEqual(Array(24).fill(0));
  await fill(shop, api);
  await expect(page.locator(".chart__readout")).toHaveText("6 orders");
  await expectHeights(dashboard, api);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the chart is there", async ({ api, dashboard, page, shop }) => {
    await fill(shop, api);
    await page.goto("/dashboard");
    await expectHeights(dashboard, api);
    const bar = await page.locator(".chart__bar--now").boundingBox();
    expect(bar?.height).toBeGreaterThan(5);
    expect(bar?.width).toBeGreaterThan(2);
  });
});
