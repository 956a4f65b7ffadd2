import { expect, test } from "../fixtures/desk.ts";

// The rules of editing and saving are tested in app/src/orders/edit_machine/tests; here
// is what only a browser with a real server shows.

test("the dialog shows the order with the focus in its first field, and keeps what is typed", async ({
  open,
}) => {
  const { dialog, order } = await open({ trackingNumber: "TRACK-1", notes: "gift" });
  await expect(dialog.root.getByRole("heading", { name: `Order ${order.name}` })).toBeVisible();
  await dialog.expectVersion(2);
  await expect(dialog.status).toHaveValue("CONFIRMED");
  await expect(dialog.tracking).toHaveValue("TRACK-1");
  await expect(dialog.notes).toHaveValue("gift");
  await expect(dialog.root).toContainText("Ada Lovelace, ada@example.com");
  await expect(dialog.status).toBeFocused();
  await expect(dialog.save).toBeDisabled();

  await dialog.status.selectOption("Delivered");
  await dialog.notes.fill("half a sentence");
  await expect(dialog.dirty).toHaveText("Unsaved changes: Status, Notes");
  await expect(dialog.save).toBeEnabled();
  await dialog.showHistory();
  await dialog.showDetails();
  await expect(dialog.status).toHaveValue("DELIVERED");
  await expect(dialog.notes).toHaveValue("half a sentence");
});

test("a save shows in the row at once, and gives the focus back when it is stored", async ({
  api,
  dashboard,
  open,
  page,
  saves,
  shop,
}) => {
  const other = await shop.create();
  await api.order(other.id);
  const { dialog, order } = await open();
  const row = dashboard.row(order.shopifyOrderId);
  const arrive = saves.holdNext();
  await dialog.status.selectOption("Shipped");
  await dialog.tracking.fill("TRACK-1");
  await dialog.notes.fill("Two lines,\nand a naïve emoji 🎁");
  await dialog.save.click();

  await expect(dialog.save).toHaveText("Saving…");
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Shipped");
  await expect(row).toContainText("TRACK-1");
  await expect(row).toHaveClass(/row--saving/);
  await expect(row).toHaveAttribute("data-version", "1");

  arrive();
  await dialog.expectClosed();
  await expect(page.getByText(`Saved ${order.name}`)).toBeVisible();
  await expect(row).not.toHaveClass(/row--saving/);
  await expect(row).toHaveAttribute("data-version", "2");
  await expect(dashboard.editButton(order.shopifyOrderId)).toBeFocused();
  await api.order(order.shopifyOrderId, {
    version: 2,
    status: "SHIPPED",
    trackingNumber: "TRACK-1",
    notes: "Two lines,\nand a naïve emoji 🎁",
  });
  // The next order starts with an empty form.
  await dashboard.edit(other.id);
  await expect(dialog.root).toHaveAccessibleName(`Order ${other.name}`);
  await expect(dialog.notes).toHaveValue("");
  await expect(dialog.dirty).toHaveText("");
});

test("a rejected save is taken back in the row, and explained at the field", async ({
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
  await dialog.expectError(dialog.status, /it was delivered; to undo the delivery set SHIPPED/);
  await expect(dialog.status).toHaveValue("PENDING");
  await expect(dialog.notes).toHaveValue("gift");
  await expect(dialog.notes).not.toHaveAttribute("aria-invalid", /.*/);
  await dialog.status.selectOption("Shipped");
  await expect(dialog.status).not.toHaveAttribute("aria-invalid", /.*/);
  await dialog.save.click();
  await dialog.expectClosed();
});

test("Control+Enter and Meta+Enter save from the middle of the notes, once each", async ({
  api,
  dashboard,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  for (const [index, keys] of ["Control+Enter", "Meta+Enter"].entries()) {
    const arrive = saves.holdNext();
    await dialog.notes.fill(keys);
    await page.keyboard.press(keys);
    await page.keyboard.press(keys);
    await expect(dialog.save).toBeDisabled();
    arrive();
    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { notes: keys, version: index + 2 });
    expect(saves.sent).toHaveLength(index + 1);
    await dashboard.edit(order.shopifyOrderId);
  }
});
