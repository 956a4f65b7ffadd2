import { expect, test } from "../fixtures/test.ts";

test("a desk with real data does not say demo", async ({ api, dashboard, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.demoBadge).toHaveCount(0);
});
