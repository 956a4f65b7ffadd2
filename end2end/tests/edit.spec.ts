import { expect, test } from "../fixtures/test.ts";

test("the dialog shows what is being edited, and its version", async ({
  api,
  dashboard,
  shop,
}) => {
  const order = await shop.create();
  await api.edit(await api.order(order.id), { trackingNumber: "TRACK-1", notes: "gift" });
  await dashboard.goto();

  const dialog = await dashboard.edit(order.id);

  await expect(dialog.root.getByRole("heading", { name: `Order ${order.name}` })).toBeVisible();
  await dialog.expectVersion(2);
  await expect(dialog.status).toHaveValue("CONFIRMED");
  await expect(dialog.tracking).toHaveValue("TRACK-1");
  await expect(dialog.notes).toHaveValue("gift");
});

test("saving sends only what changed, and the version grows by one", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const order = await shop.create();
  const before = await api.edit(await api.order(order.id), { notes: "gift" });
  await dashboard.goto();

  const dialog = await dashboard.edit(order.id);
  await dialog.tracking.fill("TRACK-1");
  const sent = page.waitForRequest((request) => request.method() === "PUT");
  await dialog.save.click();

  expect((await sent).postDataJSON()).toEqual({ version: 2, trackingNumber: "TRACK-1" });
  await dialog.expectClosed();
  await expect(dashboard.row(order.id)).toHaveAttribute("data-version", "3");
  const after = await api.order(order.id);
  expect(after).toMatchObject({
    version: before.version + 1,
    trackingNumber: "TRACK-1",
    notes: "gift",
    status: before.status,
  });
});

test("an emptied field is cleared", async ({ api, dashboard, page, shop }) => {
  const order = await shop.create();
  await api.edit(await api.order(order.id), { notes: "gift" });
  await dashboard.goto();

  const dialog = await dashboard.edit(order.id);
  await dialog.notes.fill("");
  const sent = page.waitForRequest((request) => request.method() === "PUT");
  await dialog.save.click();

  expect((await sent).postDataJSON()).toEqual({ version: 2, notes: null });
  await api.order(order.id, { notes: null, version: 3 });
});

for (const way of ["Cancel", "Escape"] as const) {
  test(`${way} closes without saving and gives the focus back`, async ({
    api,
    dashboard,
    page,
    shop,
  }) => {
    const order = await shop.create();
    await api.order(order.id);
    await dashboard.goto();
    let saves = 0;
    page.on("request", (request) => (saves += request.method() === "PUT" ? 1 : 0));

    const dialog = await dashboard.edit(order.id);
    await dialog.notes.fill("never mind");
    await (way === "Cancel" ? dialog.cancel.click() : page.keyboard.press("Escape"));

    await dialog.expectClosed();
    await expect(dashboard.editButton(order.id)).toBeFocused();
    expect(saves).toBe(0);
    expect(await api.order(order.id)).toMatchObject({ version: 1, notes: null });
    // Opened again, it starts from the order, not from what was given up.
    await dashboard.edit(order.id);
    await expect(dialog.notes).toHaveValue("");
  });
}

test("saving gives the focus back to the Edit button", async ({ api, dashboard, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();

  const dialog = await dashboard.edit(order.id);
  await dialog.notes.fill("gift");
  await dialog.save.click();

  await dialog.expectClosed();
  await expect(dashboard.editButton(order.id)).toBeFocused();
});

test("an untouched form follows a webhook", async ({ api, dashboard, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const dialog = await dashboard.edit(order.id);
  await dialog.expectVersion(1);

  await shop.fulfil(order);

  await dialog.expectVersion(2);
  await expect(dialog.status).toHaveValue("SHIPPED");
  await expect(dialog.save).toBeDisabled();
});

test("a touched form keeps every keystroke and says that the order changed", async ({
  api,
  dashboard,
  shop,
}) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const dialog = await dashboard.edit(order.id);
  await dialog.notes.fill("half a sentence");

  await shop.fulfil(order);

  await expect(dialog.notice).toContainText(/changed while you were editing/);
  await expect(dialog.notes).toHaveValue("half a sentence");
});

test("a failed save keeps what was typed and says so", async ({
  api,
  dashboard,
  server,
  shop,
}) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const dialog = await dashboard.edit(order.id);
  await dialog.tracking.fill("TRACK-1");
  await dialog.notes.fill("gift");

  await server.kill();
  await dialog.save.click();

  await expect(dialog.notice).toContainText(/could not be reached|could not be saved|not saved/i);
  // In the reader's words, not the network stack's.
  await expect(dialog.notice).not.toContainText(/TypeError|JsError|Failed to fetch/);
  await expect(dialog.tracking).toHaveValue("TRACK-1");
  await expect(dialog.notes).toHaveValue("gift");

  // And it can still be saved once the server is back.
  await server.restart();
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.id, { trackingNumber: "TRACK-1", notes: "gift", version: 2 });
});
