import { expectAt, press, test } from "../fixtures/keyboard.ts";
import { expect } from "../fixtures/test.ts";

test("arrows, page keys, Home and End move through the orders, and bring them into view", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  await expectAt(dashboard, newestFirst[0]);
  await press(dashboard, "ArrowDown", 3);
  await expectAt(dashboard, newestFirst[3]);
  await press(dashboard, "ArrowUp", 2);
  await expectAt(dashboard, newestFirst[1]);
  await press(dashboard, "ArrowUp", 5);
  await expectAt(dashboard, newestFirst[0]);

  const whole = (await dashboard.seen()).length;
  await page.keyboard.press("PageDown");
  const after = newestFirst.indexOf((await dashboard.active()) ?? "");
  expect(after).toBeGreaterThan(whole / 2);
  expect(after).toBeLessThanOrEqual(whole);
  await page.keyboard.press("PageUp");
  await expectAt(dashboard, newestFirst[0]);

  await page.keyboard.press("End");
  await expectAt(dashboard, newestFirst[79]);
  await press(dashboard, "ArrowDown");
  await expectAt(dashboard, newestFirst[79]);
  await page.keyboard.press("Home");
  await expectAt(dashboard, newestFirst[0]);

  // Every row comes into view whole as the arrows reach it.
  for (const [key, at] of [["ArrowDown", 25], ["ArrowUp", 2]] as const) {
    while ((await dashboard.active()) !== newestFirst[at]) {
      await page.keyboard.press(key);
    }
    await expect
      .poll(async () => {
        const row = await dashboard.row(newestFirst[at] ?? "").boundingBox();
        const box = await dashboard.box.boundingBox();
        const head = await dashboard.grid.locator("thead").boundingBox();
        const top = (head?.y ?? 0) + (head?.height ?? 0);
        const bottom = (box?.y ?? 0) + (box?.height ?? 0);
        return row && row.y >= top - 1 && row.y + row.height <= bottom + 1;
      })
      .toBe(true);
  }
});

test("Enter opens the order, and the arrows go on from it after closing and scrolling", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  await press(dashboard, "ArrowDown", 2);
  await page.keyboard.press("Enter");
  await expect(dashboard.dialog.root).toBeVisible();
  await expect(dashboard.dialog.root).toHaveAccessibleName("Order #1078");
  await page.keyboard.press("Escape");
  await dashboard.dialog.expectClosed();

  await expect(dashboard.grid).toBeFocused();
  await press(dashboard, "ArrowDown");
  await expectAt(dashboard, newestFirst[3]);

  // Out of view it stays the active one, but assistive technology is not pointed at a
  // row that is not there.
  await dashboard.dragTo(1);
  await expect.poll(() => dashboard.active()).toBe(null);
  await press(dashboard, "ArrowDown");
  await expectAt(dashboard, newestFirst[4]);
});

test("the active order stays the active one when others come before it", async ({
  dashboard,
  newestFirst,
  shop,
}) => {
  await dashboard.grid.focus();
  await press(dashboard, "ArrowDown", 2);
  const order = await shop.create();
  // After five seconds without keys.
  await expect(dashboard.row(order.id)).toBeVisible();
  await expectAt(dashboard, newestFirst[2]);
  await press(dashboard, "ArrowDown");
  await expectAt(dashboard, newestFirst[3]);
});
