import { expect, test } from "../fixtures/deliveries.ts";

test("the page shows what became of every webhook, and why", async ({
  api,
  deliver,
  deliveries,
  shop,
}) => {
  const older = shop.draft();
  const order = { ...older, updated_at: shop.draft().updated_at };
  const applied = await deliver("orders/create", order);
  await api.order(order.id);
  const unchanged = await deliver("orders/updated", order);
  const discarded = await deliver("orders/updated", { ...older, total_price: "1.00" });
  const ignored = await deliver("carts/update", "{}");
  const rejected = await deliver("orders/create", "{");

  await deliveries.goto();

  await deliveries.expectRows([rejected, ignored, discarded, unchanged, applied]);
  await expect(deliveries.state(applied)).toHaveText("Applied");
  await expect(deliveries.state(unchanged)).toHaveText("Unchanged");
  await expect(deliveries.state(discarded)).toHaveText("Discarded");
  await expect(deliveries.row(discarded)).toContainText("stale");
  await expect(deliveries.state(ignored)).toHaveText("Ignored");
  await expect(deliveries.state(rejected)).toHaveText("Rejected");
  await expect(deliveries.row(rejected)).toContainText("the body is not valid JSON");
  await expect(deliveries.row(applied)).toContainText("acme.myshopify.com");
  await expect(deliveries.badge).toHaveCount(0);
  await expect(deliveries.retryAll).toHaveCount(0);

  for (const [chip, id] of [
    ["Applied", applied],
    ["Unchanged", unchanged],
    ["Discarded", discarded],
    ["Ignored", ignored],
    ["Rejected", rejected],
  ] as const) {
    await deliveries.chip(chip).click();
    await expect(deliveries.chip(chip)).toHaveAttribute("aria-pressed", "true");
    await deliveries.expectRows([id]);
  }
  await deliveries.chip("Dead").click();
  await expect(deliveries.page.getByText("Nothing is dead")).toBeVisible();
  await deliveries.page.getByRole("button", { name: "Show all deliveries" }).click();
  await expect(deliveries.rows).toHaveCount(5);
});

test("search finds a webhook, a delivery and an order by id; a topic narrows the list down", async ({
  api,
  deliver,
  deliveries,
  page,
  shop,
}) => {
  const order = shop.draft();
  const first = await deliver("orders/create", order, "webhook-1");
  const { id } = await api.order(order.id);
  await deliver("carts/update", "{}", "webhook-12");
  const second = await deliver("orders/updated", order);
  const other = await deliver("carts/update", "{}");
  await deliveries.goto();
  await expect(deliveries.rows).toHaveCount(4);

  // A burst of keys ends in what was typed last.
  await page.keyboard.press("/");
  await expect(deliveries.search).toBeFocused();
  await page.keyboard.type("webhook-12", { delay: 30 });
  await expect(deliveries.rows).toHaveCount(1);
  await expect(deliveries.search).toHaveValue("webhook-12");
  await deliveries.search.fill("webhook-1");
  await deliveries.expectRows([first]);
  await deliveries.search.fill(` ${other} `);
  await deliveries.expectRows([other]);
  await deliveries.search.fill(id);
  await deliveries.expectRows([second, first]);
  await deliveries.search.fill("nothing");
  await expect(deliveries.page.getByText("No deliveries match")).toBeVisible();
  await deliveries.page.getByRole("button", { name: "Show all deliveries" }).click();
  await expect(deliveries.search).toHaveValue("");
  await expect(deliveries.rows).toHaveCount(4);

  await deliveries.topic.selectOption("orders/updated");
  await deliveries.expectRows([second]);
  await deliveries.topic.selectOption("All topics");
  await expect(deliveries.rows).toHaveCount(4);
});

test("the address keeps what is shown, over a reload", async ({
  deliver,
  deliveries,
  page,
}) => {
  const wanted = await deliver("orders/create", "{", "webhook-1");
  await deliver("orders/updated", "{", "webhook-2");
  await deliver("carts/update", "{}", "webhook-3");
  await deliveries.goto();
  await deliveries.chip("Rejected").click();
  await deliveries.topic.selectOption("orders/create");
  await deliveries.search.fill("webhook-1");
  await deliveries.expectRows([wanted]);
  const asked = { state: "rejected", topic: "orders/create", q: "webhook-1" };
  await expect(page).toHaveURL(({ searchParams }) =>
    Object.entries(asked).every(([name, value]) => searchParams.get(name) === value),
  );

  await page.reload();
  await deliveries.expectLive();
  await deliveries.expectRows([wanted]);
  await expect(deliveries.chip("Rejected")).toHaveAttribute("aria-pressed", "true");
  await expect(deliveries.topic).toHaveValue("orders/create");
  await expect(deliveries.search).toHaveValue("webhook-1");
});

test("what arrives shows up by itself, whatever becomes of it", async ({
  api,
  deliver,
  deliveries,
  shop,
}) => {
  await deliveries.goto();
  await expect(deliveries.page.getByText("No deliveries yet")).toBeVisible();
  const order = shop.draft();
  const applied = await deliver("orders/create", order);
  await api.order(order.id);
  await expect(deliveries.state(applied)).toHaveText("Applied", { timeout: 5_000 });
  // A delivery that changes no order is not announced; it takes a little longer.
  const rejected = await deliver("orders/create", "{");
  await expect(deliveries.state(rejected)).toHaveText("Rejected", { timeout: 15_000 });
  await deliveries.expectRows([rejected, applied]);
});

test("older ones are loaded on demand", async ({ deliver, deliveries }) => {
  const ids: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    ids.unshift(await deliver("carts/update", "{}"));
  }
  await deliveries.goto();
  await deliveries.expectRows(ids.slice(0, 50));
  await deliveries.loadOlder.click();
  await deliveries.expectRows(ids);
  await expect(deliveries.loadOlder).toBeHidden();
});
