import { intercept } from "../fixtures/intercept.ts";
import { test } from "../fixtures/large_desk.ts";
import { nextFrames, watchRequests, watchShifts } from "../fixtures/probes.ts";
import { expect } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import { type DashboardPage, ROW_HEIGHT } from "../fixtures/dashboard_page.ts";

/** Expects the rows in view to be those of the API; returns the first position. */
async function expectTrue(dashboard: DashboardPage, api: Api): Promise<number> {
  const seen = await dashboard.filled();
  const from = seen[0]?.place ?? NaN;
  const { data } = await api.orders(`offset=${from}&limit=${seen.length}`);
  expect(seen).toEqual(
    data.map((order, index) => ({ order: order.shopifyOrderId, place: from + index })),
  );
  return from;
}

test("the scrollbar leads anywhere: to the middle, to the end and back to the top", async ({
  api,
  dashboard,
}) => {
  await dashboard.goto();
  const { total } = await api.orders("limit=1");
  expect(await expectTrue(dashboard, api)).toBe(0);

  await dashboard.dragTo(0.5);
  const middle = await expectTrue(dashboard, api);
  expect(Math.abs(middle - total / 2)).toBeLessThan(20);

  await dashboard.dragTo(1);
  await expectTrue(dashboard, api);
  expect((await dashboard.seen()).at(-1)?.place).toBe(total - 1);

  await dashboard.dragTo(0);
  expect(await expectTrue(dashboard, api)).toBe(0);
});

test("the wheel moves through the list without a gap", async ({ api, dashboard, page }) => {
  await dashboard.goto();
  await dashboard.point();
  for (let turn = 1; turn <= 10; turn += 1) {
    await page.mouse.wheel(0, 10 * ROW_HEIGHT);
    await expect.poll(async () => (await dashboard.seen())[0]?.place).toBe(turn * 10);
    expect(await expectTrue(dashboard, api)).toBe(turn * 10);
  }
});

for (const height of [900, 2_160]) {
  test(`at most 60 rows are in the page of a window ${height} px tall`, async ({
    dashboard,
    page,
  }) => {
    await page.setViewportSize({ width: 1440, height });
    await dashboard.goto();
    for (const place of [0, 0.01, 0.3, 0.5, 0.99, 1]) {
      await dashboard.dragTo(place);
      await dashboard.filled();
      expect(await dashboard.drawn.count()).toBeLessThanOrEqual(60);
    }
  });
}

test("the grid says how many rows it has, and every row which of them it is", async ({
  api,
  dashboard,
}) => {
  await dashboard.goto();
  const { total } = await api.orders("limit=1");
  await expect(dashboard.count).toHaveText(total.toLocaleString("en-GB"));
  await expect(dashboard.grid).toHaveAttribute("aria-rowcount", String(total + 1));

  await dashboard.dragTo(0.7);
  await dashboard.filled();
  const places = await dashboard.drawn.evaluateAll((rows) =>
    rows.map((row) => Number(row.getAttribute("aria-rowindex"))),
  );
  const first = places[0] ?? NaN;
  expect(places).toEqual(places.map((_, index) => first + index));
});

test("what was seen a moment ago is not asked for again", async ({ dashboard, page }) => {
  await dashboard.goto();
  const requests = watchRequests(page);
  for (const place of [0.3, 0.6, 0.9]) {
    await dashboard.dragTo(place);
    await dashboard.filled();
  }
  const asked = requests.lists.length;
  expect(asked).toBeGreaterThanOrEqual(3);
  for (const place of [0.6, 0.3, 0, 0.9]) {
    await dashboard.dragTo(place);
    await dashboard.filled();
  }
  expect(requests.lists.length).toBe(asked);
});

test("rows that are still loading are as tall as those that come, and nothing shifts", async ({
  api,
  dashboard,
  page,
}) => {
  const shifts = await watchShifts(page);
  await dashboard.goto();
  await dashboard.filled();
  const before = await shifts();
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await intercept(page, /\/orders\?/, async (route) => {
    await asked;
    await route.continue();
  });

  await dashboard.dragTo(0.5);
  await expect(dashboard.gaps.first()).toBeVisible();
  const heights = await dashboard.gaps.evaluateAll((rows) =>
    rows.map((row) => row.getBoundingClientRect().height),
  );
  expect(new Set(heights)).toEqual(new Set([ROW_HEIGHT]));
  answer();

  await expectTrue(dashboard, api);
  expect(await shifts()).toBeCloseTo(before, 4);
});

test("the position in the list and the chosen row stay while orders change", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await dashboard.goto();
  await dashboard.dragTo(0.4);
  const seen = await dashboard.filled();
  const chosen = dashboard.row(seen[5]?.order ?? "");
  await chosen.locator(".cell--customer").click();
  await expect(chosen).toHaveAttribute("aria-selected", "true");
  const before = await chosen.boundingBox();

  // Above, in view, and not in the list at all until now.
  const { data } = await api.orders("limit=3");
  const { data: near } = await api.orders(`offset=${seen[0]?.place}&limit=3`);
  for (const order of [...data, ...near]) {
    await api.edit(order, { trackingNumber: `SEEN-${order.version}` });
  }
  await shop.create();
  await shop.create();

  await expect(dashboard.newOrders).toHaveText("2 new orders");
  await expect(dashboard.row(near[0]?.shopifyOrderId ?? "")).toContainText("SEEN-");
  await nextFrames(page);
  await expect(chosen).toHaveAttribute("aria-selected", "true");
  expect(await chosen.boundingBox()).toEqual(before);
  expect(await dashboard.filled()).toEqual(seen);
  await expect(page.locator("tr[aria-selected=true]")).toHaveCount(1);
});
