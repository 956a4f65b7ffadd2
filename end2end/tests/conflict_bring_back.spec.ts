import { expect, type Opened, test as base } from "../fixtures/desk.ts";

/** Both sides changed the notes, only ours the tracking number; then Refresh. */
const test = base.extend<{ refreshed: Opened }>({
  refreshed: async ({ api, open }, use) => {
    const opened = await open();
    await opened.dialog.tracking.fill("MINE-1");
    await opened.dialog.notes.fill("mine");
    await api.edit(opened.order, { notes: "theirs" }, "Grace");
    await opened.dialog.refresh.click();
    await expect(opened.dialog.notes).toHaveValue("theirs");
    await use(opened);
  },
});

test.describe("Bring my changes back", () => {
  test("brings back every field that was typed in", async ({ refreshed }) => {
    const { dialog } = refreshed;
    await expect(dialog.tracking).toHaveValue("");
    await dialog.bringBack.click();

    await expect(dialog.tracking).toHaveValue("MINE-1");
    await expect(dialog.notes).toHaveValue("mine");
    await expect(dialog.dirty).toHaveText("Unsaved changes: Tracking number, Notes");
    await expect(dialog.bringBack).toBeHidden();
  });

  test("brings the question back too: nobody decided it", async ({ api, refreshed }) => {
    const { dialog, order } = refreshed;
    await dialog.bringBack.click();

    await expect(dialog.value("Notes", "mine")).toHaveText("mine");
    await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
    await dialog.keepMine("Notes").click();
    await dialog.save.click();
    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, {
      version: 3,
      trackingNumber: "MINE-1",
      notes: "mine",
    });
  });

  test("is still there after a third change, and asks about that one", async ({
    api,
    refreshed,
  }) => {
    const { dialog, order } = refreshed;
    await api.edit(order, { notes: "third" }, "Edsger");
    await expect(dialog.notes).toHaveValue("third");

    await dialog.bringBack.click();

    await expect(dialog.notes).toHaveValue("mine");
    await expect(dialog.tracking).toHaveValue("MINE-1");
    await expect(dialog.value("Notes", "theirs")).toHaveText("third");
  });

  test("brings back what was typed where theirs was taken", async ({ api, open }) => {
    const { dialog, order } = await open();
    await dialog.notes.fill("mine");
    await api.edit(order, { notes: "theirs" });
    await dialog.takeTheirs("Notes").click();
    await dialog.refresh.click();
    await dialog.bringBack.click();

    await dialog.keepMine("Notes").click();
    await expect(dialog.notes).toHaveValue("mine");
  });

  test("is offered even when it takes long to learn who it was", async ({ api, open, page }) => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/orders/*/events*", async (route) => {
      await asked;
      await route.continue();
    });
    const { dialog, order } = await open();
    await dialog.notes.fill("mine");
    await api.edit(order, { notes: "theirs" });
    await dialog.refresh.click();
    const learned = page.waitForResponse("**/orders/*/events*");
    answer();
    await (await learned).finished();

    await dialog.bringBack.click();
    await expect(dialog.notes).toHaveValue("mine");
  });

  test("is not offered when nothing was typed", async ({ api, open }) => {
    const { dialog, order } = await open();
    await dialog.notes.fill("mine");
    await api.edit(order, { notes: "theirs" });
    await expect(dialog.conflict).toBeVisible();
    await dialog.notes.fill("theirs");
    await expect(dialog.conflict).toBeHidden();
    await expect(dialog.bringBack).toBeHidden();
  });
});
