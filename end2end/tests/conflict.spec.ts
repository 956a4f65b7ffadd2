import type { Api, Order } from "../fixtures/api.ts";
import type { DashboardPage } from "../fixtures/dashboard_page.ts";
import type { EditDialog } from "../fixtures/edit_dialog.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Shop } from "../fixtures/webhooks.ts";

interface Desk {
  api: Api;
  dashboard: DashboardPage;
  shop: Shop;
}

/** Two people set the same fields; ours is the save that comes second. */
async function conflict({
  api,
  dashboard,
  shop,
}: Desk): Promise<{ dialog: EditDialog; order: Order }> {
  const { id } = await shop.create();
  const order = await api.order(id);
  await dashboard.goto();
  const dialog = await dashboard.edit(id);
  await dialog.status.selectOption("Delivered");
  await dialog.notes.fill("mine");

  await api.edit(order, { status: "SHIPPED", notes: "theirs" });
  await dialog.save.click();

  await expect(dialog.conflict).toBeVisible();
  return { dialog, order };
}

test("a save that comes second shows both values", async ({ api, dashboard, shop }) => {
  const { dialog, order } = await conflict({ api, dashboard, shop });

  const status = dialog.conflictRow("Status");
  await expect(status).toContainText("Delivered");
  await expect(status).toContainText("Shipped");
  const notes = dialog.conflictRow("Notes");
  await expect(notes).toContainText("mine");
  await expect(notes).toContainText("theirs");
  // What was typed is still there, and nothing was saved over the other edit.
  await expect(dialog.notes).toHaveValue("mine");
  expect(await api.order(order.shopifyOrderId)).toMatchObject({ version: 2, notes: "theirs" });
});

test("Refresh takes the other side's values", async ({ api, dashboard, shop }) => {
  const { dialog, order } = await conflict({ api, dashboard, shop });

  await dialog.refresh.click();

  await expect(dialog.conflict).toBeHidden();
  await dialog.expectVersion(2);
  await expect(dialog.status).toHaveValue("SHIPPED");
  await expect(dialog.notes).toHaveValue("theirs");
  // From there on, editing works as ever.
  await dialog.notes.fill("theirs and mine");
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { version: 3, notes: "theirs and mine" });
});

test("Force overwrite saves mine", async ({ api, dashboard, shop }) => {
  const { dialog, order } = await conflict({ api, dashboard, shop });

  await dialog.forceOverwrite.click();

  await dialog.expectClosed();
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Delivered");
  await api.order(order.shopifyOrderId, { version: 3, status: "DELIVERED", notes: "mine" });
});

test("a conflict with Shopify names Shopify", async ({ api, dashboard, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const dialog = await dashboard.edit(order.id);
  await dialog.status.selectOption("Cancelled");

  await shop.fulfil(order);
  await api.order(order.id, { status: "SHIPPED" });
  await dialog.save.click();

  const row = dialog.conflictRow("Status");
  await expect(row).toContainText("Shipped");
  await expect(row).toContainText("Shopify");
  await expect(row).toContainText("Shipped");
});
