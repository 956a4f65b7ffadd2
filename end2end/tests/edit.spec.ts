import { expect, test } from "../fixtures/desk.ts";

test("the dialog shows what is being edited, and its version", async ({ open }) => {
  const { dialog, order } = await open({ trackingNumber: "TRACK-1", notes: "gift" });

  await expect(dialog.root.getByRole("heading", { name: `Order ${order.name}` })).toBeVisible();
  await dialog.expectVersion(2);
  await expect(dialog.status).toHaveValue("CONFIRMED");
  await expect(dialog.tracking).toHaveValue("TRACK-1");
  await expect(dialog.notes).toHaveValue("gift");
  await expect(dialog.root).toContainText("Ada Lovelace, ada@example.com");
  await expect(dialog.status).toBeFocused();
});

test("saving sends only what changed, and the version grows by one", async ({
  api,
  dashboard,
  open,
  saves,
}) => {
  const { dialog, order } = await open({ notes: "gift" });

  await dialog.tracking.fill("TRACK-1");
  await dialog.save.click();

  await dialog.expectClosed();
  expect(saves.sent).toEqual([{ version: 2, trackingNumber: "TRACK-1" }]);
  await expect(dashboard.row(order.shopifyOrderId)).toHaveAttribute("data-version", "3");
  await api.order(order.shopifyOrderId, {
    version: 3,
    trackingNumber: "TRACK-1",
    notes: "gift",
    status: order.status,
  });
});

test("every field can be saved at once", async ({ api, open, page, saves }) => {
  const { dialog, order } = await open();
  await dialog.status.selectOption("Shipped");
  await dialog.tracking.fill("TRACK-1");
  await dialog.notes.fill("Two lines,\nand a naïve emoji 🎁");
  await dialog.save.click();

  await dialog.expectClosed();
  await expect(page.getByText(`Saved ${order.name}`)).toBeVisible();
  expect(saves.sent).toHaveLength(1);
  await api.order(order.shopifyOrderId, {
    version: 2,
    status: "SHIPPED",
    trackingNumber: "TRACK-1",
    notes: "Two lines,\nand a naïve emoji 🎁",
  });
});

test("an emptied field is cleared", async ({ api, open, saves }) => {
  const { dialog, order } = await open({ notes: "gift" });
  await dialog.notes.fill("");
  await dialog.save.click();

  await dialog.expectClosed();
  expect(saves.sent).toEqual([{ version: 2, notes: null }]);
  await api.order(order.shopifyOrderId, { notes: null, version: 3 });
});

test("the form says which fields are not saved, and stops saying so when they are undone", async ({
  open,
}) => {
  const { dialog } = await open({ notes: "gift" });
  await expect(dialog.dirty).toHaveText("");
  await expect(dialog.save).toBeDisabled();

  await dialog.notes.fill("a gift");
  await expect(dialog.dirty).toHaveText("Unsaved changes: Notes");
  await dialog.status.selectOption("Cancelled");
  await expect(dialog.dirty).toHaveText("Unsaved changes: Status, Notes");
  await expect(dialog.save).toBeEnabled();

  await dialog.notes.fill("gift");
  await dialog.status.selectOption("Confirmed");
  await expect(dialog.dirty).toHaveText("");
  await expect(dialog.save).toBeDisabled();
});

test("what is typed survives a look at the history", async ({ open }) => {
  const { dialog } = await open();
  await dialog.status.selectOption("Delivered");
  await dialog.tracking.fill("TRACK-1");
  await dialog.notes.fill("half a sentence");

  await dialog.showHistory();
  await expect(dialog.dirty).toHaveText("Unsaved changes: Status, Tracking number, Notes");
  await dialog.showDetails();

  await expect(dialog.status).toHaveValue("DELIVERED");
  await expect(dialog.tracking).toHaveValue("TRACK-1");
  await expect(dialog.notes).toHaveValue("half a sentence");
});

for (const way of ["Cancel", "Close", "Escape"] as const) {
  test(`${way} closes an untouched form at once, and gives the focus back`, async ({
    dashboard,
    open,
    page,
    saves,
  }) => {
    const { dialog, order } = await open();

    if (way === "Escape") {
      await page.keyboard.press("Escape");
    } else {
      await dialog.root.getByRole("button", { name: way }).click();
    }

    await dialog.expectClosed();
    await expect(dashboard.editButton(order.shopifyOrderId)).toBeFocused();
    expect(saves.sent).toEqual([]);
  });
}

test("saving gives the focus back, and the next order starts afresh", async ({
  api,
  dashboard,
  open,
  shop,
}) => {
  const other = await shop.create();
  await api.order(other.id);
  const { dialog, order } = await open();
  await dialog.notes.fill("gift");
  await dialog.save.click();

  await dialog.expectClosed();
  await expect(dashboard.editButton(order.shopifyOrderId)).toBeFocused();

  await dashboard.edit(other.id);
  await expect(dialog.root).toHaveAccessibleName(`Order ${other.name}`);
  await expect(dialog.notes).toHaveValue("");
  await expect(dialog.dirty).toHaveText("");
});
