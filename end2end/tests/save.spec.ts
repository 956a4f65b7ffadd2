import { expect, test } from "../fixtures/desk.ts";
import { intercept } from "../fixtures/intercept.ts";

test("the row shows what is being saved at once", async ({ dashboard, open, saves }) => {
  const { dialog, order } = await open();
  const row = dashboard.row(order.shopifyOrderId);
  const arrive = saves.holdNext();
  await dialog.status.selectOption("Shipped");
  await dialog.tracking.fill("TRACK-1");
  await dialog.save.click();

  await expect(dialog.save).toHaveText("Saving…");
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Shipped");
  await expect(row).toContainText("TRACK-1");
  await expect(row).toHaveClass(/row--saving/);
  await expect(row).toHaveAttribute("data-version", "1");

  arrive();
  await dialog.expectClosed();
  await expect(row).not.toHaveClass(/row--saving/);
  await expect(row).toHaveAttribute("data-version", "2");
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Shipped");
});

test("a refused save is taken back in the row, and explained at the field", async ({
  dashboard,
  open,
  saves,
}) => {
  const { dialog, order } = await open({ status: "DELIVERED" });
  const status = dashboard.status(order.shopifyOrderId);
  const arrive = saves.holdNext();
  await dialog.notes.fill("gift");
  await dialog.status.selectOption("Pending");
  await dialog.save.click();
  await expect(status).toHaveText("Pending");
  arrive();

  await expect(status).toHaveText("Delivered");
  await expect(dashboard.row(order.shopifyOrderId)).not.toHaveClass(/row--saving/);
  await dialog.expectError(dialog.status, /it was delivered; to undo the delivery set SHIPPED/);
  await expect(dialog.status).toHaveValue("PENDING");
  await expect(dialog.notes).toHaveValue("gift");
  await expect(dialog.notes).not.toHaveAttribute("aria-invalid", /.*/);

  // Another try is as good as the first.
  await dialog.status.selectOption("Shipped");
  await expect(dialog.status).not.toHaveAttribute("aria-invalid", /.*/);
  await dialog.save.click();
  await dialog.expectClosed();
  await expect(status).toHaveText("Shipped");
});

test("a server that fails is no reason to lose anything", async ({ dashboard, open, page }) => {
  const { dialog, order } = await open();
  await intercept(page, "**/orders/*", (route) =>
    route.request().method() === "PUT" ? route.fulfill({ status: 500 }) : route.fallback(),
  );
  await dialog.status.selectOption("Shipped");
  await dialog.notes.fill("gift");
  await dialog.save.click();

  await expect(dialog.notice).toContainText("Not saved");
  await expect(dialog.notice).toContainText("Nothing you typed is lost");
  await expect(dialog.notice).not.toContainText(/TypeError|JsError|expected value/);
  await expect(dialog.notes).toHaveValue("gift");
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Confirmed");
});

test("what cannot be stored is said at the field, without asking the server", async ({
  api,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.tracking.fill("TRACK\t1");
  await dialog.save.click();

  await dialog.expectError(dialog.tracking, /.+/);
  expect(saves.sent).toEqual([]);

  await dialog.tracking.fill("TRACK 1");
  await expect(dialog.tracking).not.toHaveAttribute("aria-invalid", /.*/);
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { trackingNumber: "TRACK 1", version: 2 });
});

for (const keys of ["Control+Enter", "Meta+Enter"]) {
  test(`${keys} saves from the middle of the notes`, async ({ api, open, page }) => {
    const { dialog, order } = await open();
    await dialog.notes.fill("gift");
    await page.keyboard.press(keys);
    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { notes: "gift", version: 2 });
  });
}

test("asked twice, it saves once", async ({ api, open, page, saves }) => {
  const { dialog, order } = await open();
  const arrive = saves.holdNext();
  await dialog.notes.fill("gift");
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Control+Enter");
  await expect(dialog.save).toBeDisabled();
  arrive();
  await dialog.expectClosed();
  expect(saves.sent).toHaveLength(1);
  await api.order(order.shopifyOrderId, { notes: "gift", version: 2 });
});

test("what is typed while saving is kept, and saved next", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  const arrive = saves.holdNext();
  await dialog.notes.fill("first");
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Saving…");
  await dialog.notes.fill("first and second");
  arrive();

  await expect(dialog.notice).toContainText("What you typed meanwhile is not saved yet");
  await expect(dialog.notes).toHaveValue("first and second");
  await dialog.expectVersion(2);
  await expect(dialog.conflict).toBeHidden();
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { notes: "first and second", version: 3 });
});

test("what both type in one field while something else is saved is a conflict", async ({
  api,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  const arrive = saves.holdNext();
  await dialog.notes.fill("mine");
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Saving…");
  await dialog.tracking.fill("MINE-1");
  await api.edit(order, { trackingNumber: "THEIRS-1" });
  arrive();

  await expect(dialog.tracking).toHaveValue("MINE-1");
  await expect(dialog.value("Tracking number", "theirs")).toHaveText("THEIRS-1");
  await api.order(order.shopifyOrderId, { notes: "mine", trackingNumber: "THEIRS-1" });
});
