import { expect, test } from "../fixtures/desk.ts";

const HELD = "will be saved as soon as the connection is back";

test("offline, a save is held with a message, and goes on when the network is back", async ({
  api,
  context,
  dashboard,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  await context.setOffline(true);
  await expect(dashboard.connection).toHaveText("Offline");
  await dialog.status.selectOption("Shipped");
  await dialog.notes.fill("gift");
  await dialog.save.click();

  await expect(dialog.notice).toContainText(HELD);
  await expect(dialog.save).toHaveText("Waiting…");
  await expect(dashboard.row(order.shopifyOrderId)).toHaveClass(/row--saving/);
  expect(saves.sent).toEqual([]);
  await dialog.notes.fill("gift, wrapped");

  await context.setOffline(false);
  await dialog.expectClosed();
  await expect(page.getByText(`Saved ${order.name}`)).toBeVisible();
  await expect(dashboard.row(order.shopifyOrderId)).not.toHaveClass(/row--saving/);
  expect(saves.sent).toHaveLength(1);
  await api.order(order.shopifyOrderId, { version: 2, status: "SHIPPED", notes: "gift, wrapped" });
});

test("while the server is away, a save is held, and goes on when it is back", async ({
  api,
  dashboard,
  open,
  server,
}) => {
  const { dialog, order } = await open();
  await dialog.tracking.fill("TRACK-1");
  await server.kill();
  await dialog.save.click();

  await expect(dialog.notice).toContainText(HELD);
  // In the reader's words, not the network stack's.
  await expect(dialog.notice).not.toContainText(/TypeError|JsError|Failed to fetch/);
  await expect(dialog.tracking).toHaveValue("TRACK-1");
  await server.restart();
  await dashboard.expectLive();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { trackingNumber: "TRACK-1", version: 2 });
});

test("somebody who does not want to wait goes on typing", async ({
  context,
  dashboard,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await context.setOffline(true);
  await dialog.status.selectOption("Shipped");
  await dialog.save.click();
  await dialog.doNotWait.click();

  await expect(dialog.save).toHaveText("Save");
  await expect(dialog.status).toHaveValue("SHIPPED");
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Confirmed");
  await context.setOffline(false);
  await dashboard.expectLive();
  await expect(dialog.root).toBeVisible();
  expect(saves.sent).toEqual([]);
});

test("what is undone while a save waits is not called saved", async ({
  context,
  dashboard,
  open,
  page,
  saves,
}) => {
  const { dialog } = await open();
  await context.setOffline(true);
  await dialog.notes.fill("gift");
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Waiting…");
  await dialog.notes.fill("");
  await dialog.notes.pressSequentially("no gift");

  await expect(dialog.notes).toHaveValue("no gift");
  await expect(page.getByText(/^Saved/)).toHaveCount(0);
  expect(saves.sent).toEqual([]);
  await context.setOffline(false);
  await dashboard.expectLive();
});

test("a held save that is discarded leaves nothing behind", async ({
  api,
  context,
  dashboard,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await context.setOffline(true);
  await dialog.status.selectOption("Shipped");
  await dialog.save.click();
  await expect(dialog.notice).toContainText(HELD);
  await dialog.cancel.click();
  await dialog.discard.click();

  await dialog.expectClosed();
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Confirmed");
  await expect(dashboard.row(order.shopifyOrderId)).not.toHaveClass(/row--saving/);
  await context.setOffline(false);
  await dashboard.expectLive();
  await api.edit(order, { notes: "theirs" });
  await expect(dashboard.row(order.shopifyOrderId)).toHaveAttribute("data-version", "2");
  expect(saves.sent).toEqual([]);
});

test("a held save asks first when somebody changed the same field meanwhile", async ({
  api,
  context,
  dashboard,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await context.setOffline(true);
  await dialog.notes.fill("mine");
  await dialog.save.click();
  await expect(dialog.notice).toContainText(HELD);
  await api.edit(order, { notes: "theirs" }, "Grace");
  await context.setOffline(false);

  await dashboard.expectLive();
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  await expect(dialog.notes).toHaveValue("mine");
  await expect(dialog.save).toHaveText("Save");
  await api.order(order.shopifyOrderId, { version: 2, notes: "theirs" });
  expect(saves.sent.length).toBeLessThanOrEqual(1);
});
