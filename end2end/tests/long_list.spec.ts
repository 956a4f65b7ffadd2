import { intercept } from "../fixtures/intercept.ts";
import { pretendOrders } from "../fixtures/pretend.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import { type DashboardPage, ROW_HEIGHT } from "../fixtures/dashboard_page.ts";
import type { Shop } from "../fixtures/webhooks.ts";

const MILLION = 1_000_000;

/** A page that believes in a million orders; returns the places it asks for. */
async function open(dashboard: DashboardPage, api: Api, shop: Shop): Promise<number[]> {
  await api.order((await shop.create()).id);
  await dashboard.goto();
  const { offsets } = await pretendOrders(dashboard.page, api, MILLION);
  await dashboard.page.keyboard.press("n");
  await expect(dashboard.count).toHaveText("1,000,000");
  return offsets;
}

/** The name of an order says where it is, so a wrong row gives itself away. */
async function expectNamed(dashboard: DashboardPage): Promise<number[]> {
  const seen = await dashboard.filled();
  const places = seen.map(({ place }) => place);
  expect(seen.map(({ order }) => Number(order) - 1_000_000_000)).toEqual(places);
  return places;
}

test("a million orders: the scrollbar reaches the middle and the last one", async ({
  api,
  dashboard,
  shop,
}) => {
  await open(dashboard, api, shop);
  await expect(dashboard.grid).toHaveAttribute("aria-rowcount", String(MILLION + 1));
  // Firefox stops at 17.9 million pixels.
  expect(await dashboard.box.evaluate((box) => box.scrollHeight)).toBeLessThan(17_000_000);

  await dashboard.dragTo(0.5);
  const [middle = NaN] = await expectNamed(dashboard);
  expect(Math.abs(middle - MILLION / 2)).toBeLessThan(100);
  await dashboard.dragTo(1);
  expect((await expectNamed(dashboard)).at(-1)).toBe(MILLION - 1);
  await dashboard.dragTo(0);
  expect((await expectNamed(dashboard))[0]).toBe(0);
  expect(await dashboard.drawn.count()).toBeLessThanOrEqual(60);
});

test("in the middle of a million, the wheel still moves row by row", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await open(dashboard, api, shop);
  await dashboard.dragTo(0.5);
  let [place = NaN] = await expectNamed(dashboard);
  await dashboard.point();
  for (let turn = 0; turn < 5; turn += 1) {
    await page.mouse.wheel(0, 10 * ROW_HEIGHT);
    place += 10;
    await expect.poll(async () => (await dashboard.seen())[0]?.place).toBe(place);
    await expectNamed(dashboard);
  }
});

test("keys reach both ends of a million orders, and step from there", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await open(dashboard, api, shop);
  const active = page.locator("tr.row[aria-selected=true]");
  await dashboard.grid.focus();

  await page.keyboard.press("End");
  await expect(active).toHaveAttribute("data-order", String(1_000_000_000 + MILLION - 1));
  await page.keyboard.press("ArrowUp");
  await expect(active).toHaveAttribute("data-order", String(1_000_000_000 + MILLION - 2));
  await expect(active).toBeInViewport();
  await page.keyboard.press("Home");
  await expect(active).toHaveAttribute("data-order", "1000000000");
  await expectNamed(dashboard);
});

test("only so much is kept: what was left far behind is asked for again", async ({
  api,
  dashboard,
  shop,
}) => {
  // Some thirty places.
  test.slow();
  const offsets = await open(dashboard, api, shop);
  await dashboard.dragTo(0.1);
  await expectNamed(dashboard);
  const first = offsets.at(-1);
  for (let step = 1; step <= 30; step += 1) {
    await dashboard.dragTo(0.2 + step / 50);
    await expectNamed(dashboard);
  }
  offsets.length = 0;
  await dashboard.dragTo(0.8);
  await expectNamed(dashboard);
  expect(offsets, "the latest is kept").toEqual([]);

  await dashboard.dragTo(0.1);
  await expectNamed(dashboard);
  expect(offsets).toEqual([first]);
});

test("dragging across the whole list asks for a place or two, not for all it passes", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await open(dashboard, api, shop);
  let answer = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (answer = resolve));
  let asked = 0;
  await intercept(page, /\/orders\?/, async (route) => {
    asked += 1;
    await arrived;
    await route.fallback();
  });
  await page.evaluate(async () => {
    const box = document.querySelector(".grid-box") as HTMLElement;
    for (let frame = 0; frame <= 60; frame += 1) {
      box.scrollTop = ((box.scrollHeight - box.clientHeight) * frame) / 60;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  await expect(dashboard.gaps.first()).toBeVisible();
  expect(asked).toBeLessThanOrEqual(2);
  answer();
  expect((await expectNamed(dashboard)).at(-1)).toBe(MILLION - 1);
});
