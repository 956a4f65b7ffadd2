import { expect, test } from "../fixtures/test.ts";

test.use({ demoRate: 10 });

test("a demo says that its data is made up", async ({ dashboard }) => {
  await dashboard.goto();
  await expect(dashboard.demoBadge).toBeVisible();
});

test("a demo creates and changes orders by itself", async ({
  dashboard,
}) => {
  await dashboard.goto();
  await expect.poll(() => dashboard.rows.count()).toBeGreaterThan(3);
  // Past its first version: an order that changed, not only arrived.
  await expect(
    dashboard.page.locator('tr[data-order]:not([data-version="1"])').first(),
  ).toBeVisible({ timeout: 20_000 });
  await expect(dashboard.stat("Total orders")).not.toHaveText("0");
});
