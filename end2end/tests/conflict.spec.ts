import { expect, test } from "../fixtures/desk.ts";

// Somebody saves while our save is on its way: the server answers 409.

test("a save that comes second shows both values, who, and when, and overwrites nothing", async ({
  api,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.status.selectOption("Delivered");
  await dialog.notes.fill("mine");
  saves.overtakeNext(() => api.edit(order, { status: "SHIPPED", notes: "theirs" }, "Grace"));
  await dialog.save.click();

  await expect(dialog.value("Status", "mine")).toHaveText("Delivered");
  await expect(dialog.value("Status", "theirs")).toHaveText("Shipped");
  await expect(dialog.value("Notes", "mine")).toHaveText("mine");
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  await expect(dialog.who("Notes", "mine")).toHaveText("Yours");
  await expect(dialog.who("Notes", "theirs")).toHaveText(/^Grace, (just now|\d+ s ago)$/);
  await expect(dialog.notes).toHaveValue("mine");
  await expect(dialog.status).toHaveValue("DELIVERED");
  await dialog.expectVersion(2);
  expect(saves.sent).toHaveLength(1);
  await api.order(order.shopifyOrderId, { version: 2, status: "SHIPPED", notes: "theirs" });
});

test("a conflict with Shopify names Shopify", async ({ api, open, saves, shop }) => {
  const { dialog, order } = await open();
  await dialog.status.selectOption("Cancelled");
  saves.overtakeNext(async () => {
    await shop.fulfil(shop.draft({ id: order.shopifyOrderId, name: order.name }));
    await api.order(order.shopifyOrderId, { status: "SHIPPED" });
  });
  await dialog.save.click();

  await expect(dialog.value("Status", "theirs")).toHaveText("Shipped");
  await expect(dialog.who("Status", "theirs")).toContainText("Shopify");
});

test("a colleague who gave no name is somebody of the team", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  saves.overtakeNext(() => api.edit(order, { notes: "theirs" }));
  await dialog.save.click();
  await expect(dialog.who("Notes", "theirs")).toContainText("Your team");
});

test("a save on top of other fields needs no question", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  saves.overtakeNext(() => api.edit(order, { trackingNumber: "THEIRS-1" }));
  await dialog.save.click();

  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, {
    version: 3,
    notes: "mine",
    trackingNumber: "THEIRS-1",
  });
});

test("the same change made by both is no conflict", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("the same");
  saves.overtakeNext(() => api.edit(order, { notes: "the same" }));
  await dialog.save.click();

  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { version: 2, notes: "the same" });
});

test("a refused save ends up in the panel that is open already, never in a second one", async ({
  api,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await dialog.tracking.fill("MINE-1");
  await api.edit(order, { notes: "second" });
  await dialog.keepMine("Notes").click();
  saves.overtakeNext(() => api.edit(order, { notes: "third", trackingNumber: "THIRD-1" }));
  await dialog.save.click();

  await expect(dialog.value("Notes", "theirs")).toHaveText("third");
  await expect(dialog.value("Tracking number", "theirs")).toHaveText("THIRD-1");
  await expect(page.locator(".conflict")).toHaveCount(1);
  await expect(page.getByRole("dialog")).toHaveCount(1);
  await expect(page.locator(".conflict__row")).toHaveCount(2);
  // What was decided was decided about another value.
  await expect(dialog.conflictRow("Notes")).toHaveAttribute("data-choice", "open");
  await expect(dialog.notes).toHaveValue("mine");
  await expect(dialog.tracking).toHaveValue("MINE-1");
});

test("Save waits until every field is decided, and says so", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await dialog.tracking.fill("MINE-1");
  await api.edit(order, { notes: "theirs", trackingNumber: "THEIRS-1" });
  await dialog.keepMine("Notes").click();
  await dialog.save.click();

  await expect(dialog.notice).toContainText("Choose below");
  await expect(dialog.conflict).toBeFocused();
  expect(saves.sent).toEqual([]);

  await dialog.takeTheirs("Tracking number").click();
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { notes: "mine", trackingNumber: "THEIRS-1" });
});

test("an order that changes at every attempt ends in a message, not in an endless loop", async ({
  api,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await api.edit(order, { notes: "theirs 0" });
  await expect(dialog.conflict).toBeVisible();
  saves.overtakeEvery(() => api.edit(order, { notes: `theirs ${saves.sent.length}` }));
  await dialog.forceOverwrite.click();

  await expect(dialog.notice).toContainText("keeps changing");
  await expect(dialog.notes).toHaveValue("mine");
  expect(saves.sent.length).toBeLessThanOrEqual(5);

  saves.letThrough();
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { notes: "mine" });
});
