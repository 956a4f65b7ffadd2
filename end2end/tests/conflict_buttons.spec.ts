import { expect, type Opened, test as base } from "../fixtures/desk.ts";

/** Two people changed status and notes; ours is not saved yet. */
const test = base.extend<{ conflict: Opened }>({
  conflict: async ({ api, open }, use) => {
    const opened = await open();
    await opened.dialog.status.selectOption("Delivered");
    await opened.dialog.notes.fill("mine");
    await api.edit(opened.order, { status: "SHIPPED", notes: "theirs" }, "Grace");
    await expect(opened.dialog.conflictRow("Status")).toBeVisible();
    await expect(opened.dialog.conflictRow("Notes")).toBeVisible();
    await use(opened);
  },
});

test.describe("Keep mine", () => {
  test("saves what was typed, in that field alone", async ({ api, conflict }) => {
    const { dialog, order } = conflict;
    await dialog.keepMine("Notes").click();
    await expect(dialog.keepMine("Notes")).toHaveAttribute("aria-pressed", "true");
    await expect(dialog.takeTheirs("Notes")).toHaveAttribute("aria-pressed", "false");
    await dialog.takeTheirs("Status").click();
    await dialog.save.click();

    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { version: 3, status: "SHIPPED", notes: "mine" });
  });

  test("asks again when a third change lands in between", async ({ api, conflict, saves }) => {
    const { dialog, order } = conflict;
    await dialog.keepMine("Notes").click();
    await dialog.keepMine("Status").click();
    saves.overtakeNext(() => api.edit(order, { notes: "third" }, "Edsger"));
    await dialog.save.click();

    await expect(dialog.value("Notes", "theirs")).toHaveText("third");
    await expect(dialog.conflictRow("Notes")).toHaveAttribute("data-choice", "open");
    await expect(dialog.conflictRow("Status")).toHaveAttribute("data-choice", "mine");
    await api.order(order.shopifyOrderId, { version: 3, notes: "third" });
    await dialog.keepMine("Notes").click();
    await dialog.save.click();
    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { version: 4, status: "DELIVERED", notes: "mine" });
  });
});

test.describe("Take theirs", () => {
  test("takes their value, and can be taken back", async ({ api, conflict, saves }) => {
    const { dialog, order } = conflict;
    await dialog.takeTheirs("Notes").click();
    await expect(dialog.notes).toHaveValue("theirs");
    await expect(dialog.value("Notes", "mine")).toHaveText("mine");
    await dialog.keepMine("Notes").click();
    await expect(dialog.notes).toHaveValue("mine");

    await dialog.takeTheirs("Notes").click();
    await dialog.takeTheirs("Status").click();
    await dialog.save.click();
    await dialog.expectClosed();
    // Everything is as they saved it: there is nothing to send.
    expect(saves.sent).toEqual([]);
    await api.order(order.shopifyOrderId, { version: 2, status: "SHIPPED", notes: "theirs" });
  });

  test("takes the third value when one lands in between", async ({ api, conflict, saves }) => {
    const { dialog, order } = conflict;
    await dialog.takeTheirs("Notes").click();
    await dialog.keepMine("Status").click();
    saves.overtakeNext(() => api.edit(order, { notes: "third" }));
    await dialog.save.click();

    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { version: 4, status: "DELIVERED", notes: "third" });
  });

  test("follows a third change, and keeps what was typed", async ({ api, conflict }) => {
    const { dialog, order } = conflict;
    await dialog.takeTheirs("Notes").click();
    await api.edit(order, { notes: "third" });
    await expect(dialog.notes).toHaveValue("third");
    await dialog.keepMine("Notes").click();
    await expect(dialog.notes).toHaveValue("mine");
  });
});

test.describe("Refresh", () => {
  test("shows the order as saved", async ({ api, conflict, saves }) => {
    const { dialog, order } = conflict;
    await dialog.refresh.click();

    await expect(dialog.conflict).toBeHidden();
    await dialog.expectVersion(2);
    await expect(dialog.status).toHaveValue("SHIPPED");
    await expect(dialog.notes).toHaveValue("theirs");
    await expect(dialog.dirty).toHaveText("");
    // From there on, editing works as ever.
    await dialog.notes.fill("theirs and mine");
    await dialog.save.click();
    await dialog.expectClosed();
    expect(saves.sent).toEqual([{ version: 2, notes: "theirs and mine" }]);
    await api.order(order.shopifyOrderId, { version: 3, notes: "theirs and mine" });
  });

  test("shows the latest when a third change lands in between", async ({ api, conflict }) => {
    const { dialog, order } = conflict;
    await api.edit(order, { notes: "third", trackingNumber: "THIRD-1" });
    await dialog.refresh.click();
    await dialog.expectVersion(3);
    await expect(dialog.notes).toHaveValue("third");
    await api.edit(order, { notes: "fourth" });
    await expect(dialog.notes).toHaveValue("fourth");
    await expect(dialog.tracking).toHaveValue("THIRD-1");
    await expect(dialog.conflict).toBeHidden();
  });

  test("keeps the focus in the form, so that the keys go on working", async ({ conflict }) => {
    await conflict.dialog.refresh.click();
    await expect(conflict.dialog.root.locator("form :focus")).toHaveCount(1);
  });
});

test.describe("Force overwrite", () => {
  test("saves mine on top of theirs", async ({ api, conflict, dashboard, saves }) => {
    const { dialog, order } = conflict;
    await dialog.forceOverwrite.click();

    await dialog.expectClosed();
    expect(saves.sent).toEqual([{ version: 2, status: "DELIVERED", notes: "mine" }]);
    await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Delivered");
    await api.order(order.shopifyOrderId, { version: 3, status: "DELIVERED", notes: "mine" });
  });

  test("saves mine even where theirs was taken before", async ({ api, conflict }) => {
    const { dialog, order } = conflict;
    await dialog.takeTheirs("Notes").click();
    await dialog.forceOverwrite.click();
    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { version: 3, status: "DELIVERED", notes: "mine" });
  });

  test("saves mine on top of a third change that lands in between", async ({
    api,
    conflict,
    saves,
  }) => {
    const { dialog, order } = conflict;
    const third = { notes: "third", trackingNumber: "THIRD-1" };
    saves.overtakeNext(() => api.edit(order, third));
    await dialog.forceOverwrite.click();

    await dialog.expectClosed();
    expect(saves.sent.map((sent) => sent["version"])).toEqual([2, 3]);
    // What was not typed here is kept as they saved it.
    await api.order(order.shopifyOrderId, {
      version: 4,
      status: "DELIVERED",
      notes: "mine",
      trackingNumber: "THIRD-1",
    });
  });
});
