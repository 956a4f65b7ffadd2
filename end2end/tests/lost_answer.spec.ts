import { expect, test } from "../fixtures/desk.ts";

// The server saved, but the page did not hear of it.

test("a save whose answer is lost is applied once, and the form does not wait for ever", async ({
  api,
  dashboard,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.status.selectOption("Shipped");
  await dialog.notes.fill("gift");
  saves.loseNextAnswer();
  await dialog.save.click();

  // The live connection is as good as ever.
  await dialog.expectClosed();
  const row = dashboard.row(order.shopifyOrderId);
  await expect(row).not.toHaveClass(/row--saving/);
  await expect(row).toHaveAttribute("data-version", "2");
  const history = await api.history(order);
  expect(history.map((event) => event.version)).toEqual([2, 1]);
});

test("a save that never left is sent again", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("gift");
  saves.loseNext();
  await dialog.save.click();

  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { version: 2, notes: "gift" });
});

test("an answer lost with the connection: repeated under the same key, it is applied once", async ({
  api,
  context,
  dashboard,
  open,
  saves,
  server,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("gift");
  // A connection that is gone brings no news of the save either.
  saves.loseNextAnswer(async () => {
    await context.setOffline(true);
    await server.kill();
    await server.restart();
  });
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Waiting…", { timeout: 20_000 });
  await api.order(order.shopifyOrderId, { version: 2, notes: "gift" });
  await context.setOffline(false);

  await dashboard.expectLive();
  await dialog.expectClosed();
  await expect(dashboard.row(order.shopifyOrderId)).not.toHaveClass(/row--saving/);
  await api.order(order.shopifyOrderId, { version: 2, notes: "gift" });
  expect(saves.sent).toHaveLength(2);
  expect(saves.keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(saves.keys[1]).toBe(saves.keys[0]);
});

test("a save that is repeated does not undo what others did since", async ({
  api,
  context,
  dashboard,
  open,
  saves,
  server,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("gift");
  saves.loseNextAnswer(async () => {
    await context.setOffline(true);
    await server.kill();
    await server.restart();
  });
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Waiting…", { timeout: 20_000 });
  await api.edit(order, { notes: "no gift", trackingNumber: "THEIRS-1" });
  await context.setOffline(false);

  await dashboard.expectLive();
  // Mine was saved, and theirs came after it: nothing to decide.
  await dialog.expectClosed();
  await expect(dashboard.row(order.shopifyOrderId)).toHaveAttribute("data-version", "3");
  await expect(dashboard.row(order.shopifyOrderId)).toContainText("THEIRS-1");
  await api.order(order.shopifyOrderId, { version: 3, notes: "no gift" });
});

test("one's own save is not somebody else's change, blanks and all", async ({
  api,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("gift ");
  saves.loseNextAnswer();
  await dialog.save.click();

  await api.order(order.shopifyOrderId, { version: 2, notes: "gift" });
  await dialog.expectClosed();
  await expect(page.locator(".conflict")).toHaveCount(0);
});

test("a conflict that turns up while a save waits is not decided behind one's back", async ({
  api,
  dashboard,
  open,
  saves,
  server,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  saves.loseEvery();
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Waiting…");
  await api.edit(order, { notes: "theirs" });
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  saves.letThrough();
  await server.kill();
  await expect(dashboard.connection).not.toHaveText("Live");
  await server.restart();

  await dashboard.expectLive();
  await expect(dialog.save).toHaveText("Save");
  await expect(dialog.conflictRow("Notes")).toHaveAttribute("data-choice", "open");
  await expect(dialog.notes).toHaveValue("mine");
  await api.order(order.shopifyOrderId, { version: 2, notes: "theirs" });
});

test("a save that waits says so even while other fields change", async ({ api, open, saves }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  saves.loseEvery();
  await dialog.save.click();
  await expect(dialog.save).toHaveText("Waiting…");
  await expect(dialog.doNotWait).toBeVisible();
  const told = await dialog.notice.textContent();
  await api.edit(order, { trackingNumber: "THEIRS-1" });

  await expect(dialog.tracking).toHaveValue("THEIRS-1");
  await expect(dialog.notice).toContainText(told ?? "?");
});
