import { expect, test } from "../fixtures/desk.ts";

// The rules of waiting and repeating are tested in app/src/orders/edit_machine/tests;
// here is what only a browser with a real network and server shows.

const WAITING = "will be saved as soon as the connection is back";

test("offline, a save waits with a message, and goes on when the network is back", async ({
  api,
  context,
  dashboard,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  const row = dashboard.row(order.shopifyOrderId);
  await context.setOffline(true);
  await expect(dashboard.connection).toHaveText("Offline");
  await dialog.status.selectOption("Shipped");
  await dialog.save.click();
  await expect(dialog.notice).toContainText(WAITING);
  await expect(dialog.save).toHaveText("Waiting…");
  await expect(row).toHaveClass(/row--saving/);

  await dialog.doNotWait.click();
  await expect(dialog.save).toHaveText("Save");
  await expect(dialog.root.locator("form :focus")).toHaveCount(1);
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Confirmed");

  await dialog.save.click();
  await dialog.notes.fill("gift, wrapped");
  expect(saves.sent).toEqual([]);
  await context.setOffline(false);
  await dialog.expectClosed();
  await expect(page.getByText(`Saved ${order.name}`)).toBeVisible();
  await expect(row).not.toHaveClass(/row--saving/);
  expect(saves.sent).toHaveLength(1);
  await api.order(order.shopifyOrderId, { version: 2, status: "SHIPPED", notes: "gift, wrapped" });
});

test("a save whose answer is lost is repeated and applied once, though the connection is live", async ({
  api,
  dashboard,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.status.selectOption("Shipped");
  // The blank is not stored: that must not look like another person's change.
  await dialog.notes.fill("gift ");
  saves.loseNextAnswer();
  await dialog.save.click();

  await dialog.expectClosed();
  const row = dashboard.row(order.shopifyOrderId);
  await expect(row).not.toHaveClass(/row--saving/);
  await expect(row).toHaveAttribute("data-version", "2");
  await expect(page.locator(".conflict")).toHaveCount(0);
  const history = await api.history(order);
  expect(history.map((event) => event.version)).toEqual([2, 1]);
});

test.describe("when the server is killed", () => {
  test.use({ isolated: true });

  test("a save waits, and goes on when the server is back", async ({
    api,
    dashboard,
    open,
    server,
  }) => {
    const { dialog, order } = await open();
    await dialog.tracking.fill("TRACK-1");
    await server.kill();
    await dialog.save.click();
    await expect(dialog.notice).toContainText(WAITING);
    // In the words of people, not of the network stack.
    await expect(dialog.notice).not.toContainText(/TypeError|JsError|Failed to fetch/);
    await server.restart();
    await dashboard.expectLive();
    await dialog.expectClosed();
    await api.order(order.shopifyOrderId, { trackingNumber: "TRACK-1", version: 2 });
  });

  test("a save whose answer is lost is repeated under the same key, and undoes nothing", async ({
    api,
    context,
    dashboard,
    open,
    saves,
    server,
  }) => {
    const { dialog, order } = await open();
    await dialog.notes.fill("gift");
    // Without a connection the page does not receive its own change either.
    saves.loseNextAnswer(async () => {
      await context.setOffline(true);
      await server.kill();
      await server.restart();
    });
    await dialog.save.click();
    await expect(dialog.save).toHaveText("Waiting…", { timeout: 20_000 });
    await api.order(order.shopifyOrderId, { version: 2, notes: "gift" });
    await api.edit(order, { notes: "no gift", trackingNumber: "THEIRS-1" });
    await context.setOffline(false);

    await dashboard.expectLive();
    // Mine was saved, and theirs came after it: nothing is left to decide.
    await dialog.expectClosed();
    await expect(dashboard.row(order.shopifyOrderId)).toHaveAttribute("data-version", "3");
    await api.order(order.shopifyOrderId, { version: 3, notes: "no gift" });
    expect(saves.sent).toHaveLength(2);
    expect(saves.keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(saves.keys[1]).toBe(saves.keys[0]);
  });
});
