import { expect, test } from "../fixtures/deliveries.ts";

test.use({ isolated: false });

test("the viewer shows the payload to be read, digit by digit", async ({
  deliver,
  deliveries,
}) => {
  const id = await deliver("carts/update", '{"id":9223372036854775807,"total":1.10,"tags":[]}');
  await deliveries.goto();
  await deliveries.view(id);

  await expect(deliveries.viewer).toHaveAccessibleName("carts/update");
  const text = '{\n  "id": 9223372036854775807,\n  "total": 1.10,\n  "tags": []\n}';
  await expect(deliveries.payload).toHaveJSProperty("textContent", text);
  await expect(deliveries.facts).toContainText("acme.myshopify.com");
  await expect(deliveries.facts).toContainText("Ignored");
});

test("a payload that is no JSON is shown as it came", async ({ deliver, deliveries }) => {
  const text = await deliver("orders/create", "<order/>");
  const binary = await deliver("orders/create", Buffer.from([0xff, 0xfe]));
  await deliveries.goto();
  await deliveries.view(text);
  await expect(deliveries.payload).toHaveText("<order/>");
  await expect(deliveries.viewer).toContainText("Not JSON");
  await expect(deliveries.viewer.getByRole("status")).toContainText("not valid JSON");
  await deliveries.page.keyboard.press("Escape");
  await deliveries.view(binary);
  await expect(deliveries.payload).toHaveText("//4=");
});

test("copying copies what arrived, byte for byte", async ({
  context,
  deliver,
  deliveries,
  page,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const id = await deliver("carts/update", '{"id":1,"b":2}', "webhook-1");
  await deliveries.goto();
  await deliveries.view(id);
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

  await deliveries.viewer.getByRole("button", { name: "Copy payload" }).click();
  await expect(page.getByText("Payload copied")).toBeVisible();
  expect(await clipboard()).toBe('{"id":1,"b":2}');
  await deliveries.viewer.getByRole("button", { name: "Copy webhook id" }).click();
  await expect(page.getByText("Webhook id copied")).toBeVisible();
  expect(await clipboard()).toBe("webhook-1");
});

test("Escape and Close close the viewer and give the focus back", async ({
  deliver,
  deliveries,
  page,
}) => {
  const id = await deliver("carts/update", "{}");
  await deliveries.goto();
  for (const way of ["Escape", "Close"] as const) {
    await deliveries.view(id);
    await (way === "Escape"
      ? page.keyboard.press("Escape")
      : deliveries.viewer.getByText("Close", { exact: true }).click());
    await expect(deliveries.viewer).toBeHidden();
    await expect(deliveries.row(id).getByRole("button", { name: /^View/ })).toBeFocused();
    await expect(page).toHaveURL(/\/dashboard\/deliveries$/);
  }
});

test("the address keeps the one that is open", async ({ deliver, deliveries, page }) => {
  const id = await deliver("carts/update", '{"id":1}');
  await deliver("orders/create", "{");
  await deliveries.goto();
  await deliveries.view(id);
  await expect(page).toHaveURL(new RegExp(`id=${id}$`));
  await page.reload();
  await deliveries.expectLive();
  await expect(deliveries.payload).toContainText('"id": 1');
});

test("a delivery leads to its order", async ({ api, deliver, deliveries, page, shop }) => {
  const [order, other] = [shop.draft(), shop.draft()];
  const id = await deliver("orders/create", order);
  await deliver("orders/create", other);
  await api.order(order.id);
  await api.order(other.id);
  await deliveries.goto();
  await deliveries.view(id);
  await deliveries.viewer.getByRole("link", { name: "Show the order" }).click();
  await expect(page).toHaveURL(/\/dashboard\?q=/);
  await expect(page.locator("tr[data-order]")).toHaveCount(1);
  await expect(page.locator(`tr[data-order="${order.id}"]`)).toBeVisible();
});

test("an address without a delivery shows an error", async ({ deliveries }) => {
  await deliveries.goto("?id=00000000-0000-7000-8000-000000000000");
  await expect(deliveries.viewer.getByRole("status")).toContainText("did not load");
  await expect(deliveries.viewer.getByRole("button", { name: "Try again" })).toBeVisible();
});
