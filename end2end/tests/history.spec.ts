import { expect, test } from "../fixtures/desk.ts";
import { intercept } from "../fixtures/intercept.ts";

test("the history says who changed what, from what to what, and when", async ({
  api,
  open,
  shop,
}) => {
  const { dialog, order } = await open();
  await api.edit(order, { trackingNumber: "TRACK-1", notes: "gift" }, "Grace Hopper");
  await shop.fulfil(shop.draft({ id: order.shopifyOrderId, name: order.name }));
  await api.order(order.shopifyOrderId, { version: 3 });
  await api.edit(order, { notes: null });

  await dialog.showHistory();

  await expect(dialog.entries).toHaveCount(4);
  await expect(dialog.entries.first()).toHaveAttribute("data-version", "4");
  await expect(dialog.entry(4)).toContainText("Your team");
  await expect(dialog.entry(4)).toContainText("Notes: gift → none");
  await expect(dialog.entry(3)).toContainText("Shopify");
  await expect(dialog.entry(3)).toContainText("Status: Confirmed → Shipped");
  await expect(dialog.entry(3)).toContainText("Fulfillment status: none → fulfilled");
  await expect(dialog.entry(3)).not.toContainText("Channel status");
  await expect(dialog.entry(2)).toContainText("Grace Hopper");
  await expect(dialog.entry(2)).toContainText("Tracking number: none → TRACK-1");
  await expect(dialog.entry(2)).toContainText("Notes: none → gift");
  await expect(dialog.entry(1)).toContainText("First seen");

  const when = dialog.entry(2).locator("time");
  await expect(when).toHaveText(/^(just now|\d+ s ago|\d+ min ago)$/);
  const [event] = (await api.history(order)).filter((event) => event.version === 2);
  const shown = new Date((await when.getAttribute("datetime")) ?? "");
  expect(shown).toEqual(new Date(event?.at ?? ""));
});

test("amounts, dates and statuses read as people say them", async ({ api, open, shop }) => {
  const { dialog, order } = await open({ status: "SHIPPED" });
  const draft = shop.draft({ id: order.shopifyOrderId, name: order.name });
  const at = new Date(Date.UTC(2026, 0, 2, 3, 4));
  await shop.deliver({ ...draft, total_price: "1204.50" }, at);
  await api.order(order.shopifyOrderId, { status: "DELIVERED" });

  await dialog.showHistory();

  await expect(dialog.entry(3)).toContainText("Status: Shipped → Delivered");
  await expect(dialog.entry(3)).toContainText("Total: $42.00 → $1,204.50");
  await expect(dialog.entry(3)).toContainText("Delivered at: none → 2 Jan 2026, 03:04 UTC");
  await expect(dialog.entry(3)).not.toContainText("Channel status");
});

test("what came from a delivery leads to it", async ({ api, open, page, shop }) => {
  const { dialog, order } = await open();
  const { deliveryId } = await shop.send(
    "orders/fulfilled",
    shop.draft({ id: order.shopifyOrderId, name: order.name, fulfillment_status: "fulfilled" }),
  );
  await api.edit(await api.order(order.shopifyOrderId, { version: 2 }), { notes: "gift" });

  await dialog.showHistory();
  await expect(dialog.entry(3).getByRole("link")).toHaveCount(0);
  await dialog.entry(2).getByRole("link", { name: "Delivery" }).click();

  await expect(page).toHaveURL(new RegExp(`/dashboard/deliveries\\?id=${deliveryId}$`));
  const viewer = page.getByRole("dialog", { name: "orders/fulfilled" });
  await expect(viewer).toContainText(order.shopifyOrderId);
});

test("a change shows up while the history is open", async ({ api, open }) => {
  const { dialog, order } = await open();
  await dialog.showHistory();
  await expect(dialog.entries).toHaveCount(1);

  await api.edit(order, { notes: "gift" }, "Grace");
  await expect(dialog.entries).toHaveCount(2);
  await expect(dialog.entries.first()).toContainText("Grace");
  await expect(dialog.entries.first()).toContainText("Notes: none → gift");
});

test("older changes are loaded on demand, each once, down to the first", async ({
  api,
  open,
}) => {
  const { dialog, order } = await open();
  for (let version = 2; version <= 60; version += 1) {
    await api.edit(order, { notes: `note ${version}` });
  }
  await dialog.showHistory();
  await expect(dialog.entries).toHaveCount(50);
  await expect(dialog.entry(60)).toBeVisible();
  await expect(dialog.entry(10)).toBeHidden();

  await dialog.loadOlder.click();

  await expect(dialog.entries).toHaveCount(60);
  await expect(dialog.entries.last()).toContainText("First seen");
  await expect(dialog.loadOlder).toBeHidden();
  const versions = await dialog.entries.evaluateAll((items) =>
    items.map((item) => Number(item.getAttribute("data-version"))),
  );
  expect(versions).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index));

  // News does not bring the button back: there is still nothing older.
  await api.edit(order, { notes: "note 61" });
  await expect(dialog.entries).toHaveCount(61);
  await expect(dialog.loadOlder).toBeHidden();
});

test("a history that does not load shows an error, and loads with the next change", async ({
  api,
  open,
  page,
}) => {
  const { dialog, order } = await open();
  await intercept(page, "**/orders/*/events*", (route) => route.abort());
  await dialog.showHistory();
  await expect(dialog.root).toContainText("The history did not load");

  await page.unroute("**/orders/*/events*");
  await api.edit(order, { notes: "gift" });
  await expect(dialog.entries).toHaveCount(2);
  await expect(dialog.root).not.toContainText("did not load");
});

test("the tabs are tabs: named, selected, and reached by keyboard", async ({ open, page }) => {
  const { dialog } = await open();
  const history = dialog.root.getByRole("tab", { name: "History" });
  const details = dialog.root.getByRole("tab", { name: "Details" });
  await expect(details).toHaveAttribute("aria-selected", "true");
  await details.focus();
  await page.keyboard.press("ArrowRight");
  await expect(history).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(history).toHaveAttribute("aria-selected", "true");
  await expect(details).toHaveAttribute("aria-selected", "false");
  await expect(dialog.entries).toHaveCount(1);
});
