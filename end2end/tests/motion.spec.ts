import type { Page } from "@playwright/test";
import { intercept } from "../fixtures/intercept.ts";
import { sendAll } from "../fixtures/large_desk.ts";
import { expect, test } from "../fixtures/test.ts";

/** Everything that moves or is about to, by name. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1)
      .map((animation) =>
        animation instanceof CSSAnimation ? animation.animationName : "a transition",
      ),
  );
}

test("a changed cell flashes, for those who like motion", async ({ api, dashboard, page, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  await shop.fulfil(order);
  await expect.poll(() => moving(page), { intervals: [20] }).toContain("flash");
});

test.describe("with reduced motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });

  test("nothing moves: no flash, no skeleton, no dialog", async ({
    api,
    dashboard,
    page,
    shop,
  }) => {
    const orders = Array.from({ length: 300 }, () => shop.draft());
    await sendAll(shop, orders);
    await api.settled(300);
    await dashboard.goto();
    const newest = orders.at(-1) ?? shop.draft();
    const cell = dashboard.row(newest.id).locator(".cell--status");
    await shop.fulfil(newest);
    // The change is marked all the same, while it lasts.
    await expect(cell).toHaveClass(/cell--flash/);
    expect(await moving(page)).toEqual([]);

    await shop.create();
    await expect(page.locator(".row--new")).toHaveCount(1);
    expect(await moving(page)).toEqual([]);

    await page.keyboard.press("?");
    expect(await moving(page)).toEqual([]);
    await page.keyboard.press("Escape");

    await intercept(page, /\/orders\?/, () => undefined);
    await dashboard.dragTo(1);
    await expect(dashboard.gaps.first()).toBeVisible();
    await dashboard.sortBy("Total");
    await expect(dashboard.grid).toHaveAttribute("aria-busy", "true");
    expect(await moving(page)).toEqual([]);
  });
});
