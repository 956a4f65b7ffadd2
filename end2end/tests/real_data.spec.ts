import { expect, test } from "../fixtures/test.ts";

test("a desk with real data does not say demo", async ({ dashboard, shop }) => {
  const order = await shop.create();
  await dashboard.goto();
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.demoBadge).toHaveCount(0);
});
