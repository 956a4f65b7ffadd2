import { intercept } from "../fixtures/intercept.ts";
import { pretendOrders } from "../fixtures/pretend.ts";
import { expect, test } from "../fixtures/test.ts";

const MINUTE = 60_000;

test.beforeEach(async ({ api, dashboard, page, shop }) => {
  await api.order((await shop.create()).id);
  await page.clock.install();
  await dashboard.goto();
});

test("rows are requested again after five minutes, not before", async ({
  api,
  dashboard,
  page,
}) => {
  const { offsets } = await pretendOrders(page, api, 10_000);
  await page.keyboard.press("n");
  // A list that arrives later would take the view back to its top.
  await expect(dashboard.count).toHaveText("10,000");
  await dashboard.dragTo(0.5);
  await dashboard.filled();
  await dashboard.dragTo(0);
  await dashboard.filled();

  offsets.length = 0;
  await page.clock.fastForward(4 * MINUTE);
  await dashboard.dragTo(0.5);
  await dashboard.filled();
  await dashboard.dragTo(0);
  await dashboard.filled();
  expect(offsets).toEqual([]);

  await page.clock.fastForward(2 * MINUTE);
  await dashboard.dragTo(0.5);
  await expect.poll(() => offsets.length).toBeGreaterThan(0);
});

test("stale rows show until newer ones arrive; rows unseen for ten minutes are gone", async ({
  api,
  dashboard,
  page,
}) => {
  await pretendOrders(page, api, 10_000);
  await page.keyboard.press("n");
  // A list that arrives later would take the view back to its top.
  await expect(dashboard.count).toHaveText("10,000");
  await dashboard.dragTo(0.5);
  await dashboard.filled();
  await dashboard.dragTo(0);
  await dashboard.filled();
  // From now on nothing is answered.
  await intercept(page, /\/orders\?/, () => undefined);

  await page.clock.fastForward(6 * MINUTE);
  await dashboard.dragTo(0.5);
  await dashboard.filled();
  await dashboard.dragTo(0);
  await dashboard.filled();

  await page.clock.fastForward(11 * MINUTE);
  await page.clock.runFor(MINUTE);
  await dashboard.dragTo(0.5);
  await expect.poll(() => dashboard.gaps.count()).toBeGreaterThan(5);
  await expect(dashboard.rows).toHaveCount(0);
});
