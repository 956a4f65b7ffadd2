import { intercept } from "../fixtures/intercept.ts";
import { test } from "../fixtures/large_desk.ts";
import { watchRequests } from "../fixtures/probes.ts";
import { expect } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { DashboardPage } from "../fixtures/dashboard_page.ts";

/** What the list shows from its top is what the API answers. */
async function expectList(dashboard: DashboardPage, api: Api, query: string): Promise<void> {
  const { data, total } = await api.orders(`${query}&limit=12`);
  const wanted = data.map((order) => order.shopifyOrderId);
  await expect
    .poll(async () => (await dashboard.shownOrders()).slice(0, 12), { message: query })
    .toEqual(wanted);
  await expect(dashboard.count).toHaveText(total.toLocaleString("en-GB"));
}

for (const [column, field] of [
  ["Total", "total"],
  ["Updated", "updatedAt"],
  ["Order", "placedAt"],
] as const) {
  test(`the header ${column} sorts, and sorts the other way around`, async ({
    api,
    dashboard,
    page,
  }) => {
    await dashboard.goto(column === "Order" ? "?sort=total" : "");
    const sorted = page.locator('th[aria-sort="ascending"], th[aria-sort="descending"]');
    await dashboard.sortBy(column);
    await expect(dashboard.column(column)).toHaveAttribute("aria-sort", "descending");
    await expectList(dashboard, api, `sort=-${field}`);
    await dashboard.sortBy(column);
    await expect(dashboard.column(column)).toHaveAttribute("aria-sort", "ascending");
    await expectList(dashboard, api, `sort=${field}`);
    await expect(sorted).toHaveCount(1);

    // Not only what came with the first page.
    await dashboard.dragTo(0.5);
    const seen = await dashboard.filled();
    const { data } = await api.orders(
      `sort=${field}&offset=${seen[0]?.place}&limit=${seen.length}`,
    );
    expect(seen.map(({ order }) => order)).toEqual(data.map((order) => order.shopifyOrderId));
  });
}

test("sorting goes to the top of the list", async ({ dashboard }) => {
  await dashboard.goto();
  await dashboard.dragTo(0.5);
  await dashboard.filled();
  await dashboard.sortBy("Total");
  await expect.poll(async () => (await dashboard.seen())[0]?.place).toBe(0);
});

test("search finds as you type, without asking for every letter", async ({
  api,
  dashboard,
  page,
}) => {
  await dashboard.goto();
  const requests = watchRequests(page);
  await dashboard.search.pressSequentially("grace hop");
  await expectList(dashboard, api, "q=grace%20hop");
  await expect(dashboard.rows.first()).toContainText("Grace Hopper");
  expect(requests.lists.length).toBeLessThan("grace hop".length);

  await dashboard.search.fill("");
  await expectList(dashboard, api, "sort=-placedAt");
});

test("search finds by name, Shopify id, e-mail and tracking number", async ({
  api,
  dashboard,
}) => {
  const order = (await api.orders("offset=700&limit=1")).data[0];
  await api.edit(order ?? { id: "" }, { trackingNumber: "1Z999AA10123456784" });
  const email = (order as unknown as { customer: { email: string } }).customer.email;
  await dashboard.goto();
  for (const words of [order?.name, order?.shopifyOrderId, email, "1z999aa"]) {
    await dashboard.search.fill(words ?? "");
    await expect(dashboard.count).toHaveText("1");
    expect(await dashboard.shownOrders()).toEqual([order?.shopifyOrderId]);
  }
});

test("a search without results explains what can be found, and leads back", async ({
  api,
  dashboard,
  page,
}) => {
  await dashboard.goto();
  await dashboard.search.fill("nobody at all");
  await expect(
    page.getByRole("heading", { name: "No orders found for “nobody at all”" }),
  ).toBeVisible();
  await expect(page.getByText(/e-mail and tracking number/)).toBeVisible();

  await page.getByRole("button", { name: "Show all orders" }).click();
  await expectList(dashboard, api, "sort=-placedAt");
  await expect(dashboard.search).toHaveValue("");
  await expect(page).toHaveURL(/\/dashboard$/);
});

test("a new order that is found by the search joins the results, another does not", async ({
  api,
  dashboard,
  shop,
}) => {
  await dashboard.goto();
  await dashboard.search.fill("lovelace #9");
  const { total } = await api.orders("q=lovelace%20%239&limit=1");
  await expect(dashboard.count).toHaveText(String(total));
  const other = await shop.create({ name: "#801" });
  const found = await shop.create({ name: "#901" });
  await expect(dashboard.row(found.id)).toBeVisible();
  await expect(dashboard.row(other.id)).toHaveCount(0);
});

test("a slow answer to an earlier search does not replace a later one", async ({
  api,
  dashboard,
  page,
}) => {
  await dashboard.goto();
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await intercept(page, /\/orders\?.*q=alan/, async (route) => {
    await asked;
    await route.continue();
  });
  const slow = page.waitForResponse(/\/orders\?.*q=alan/);
  const sent = page.waitForRequest(/\/orders\?.*q=alan/);
  await dashboard.search.fill("alan");
  await sent;
  await dashboard.search.fill("radia");
  await expectList(dashboard, api, "q=radia");
  answer();
  await (await slow).finished();
  await expectList(dashboard, api, "q=radia");
});

test("a list that cannot be loaded is reported, and the rows stay", async ({
  dashboard,
  page,
}) => {
  await dashboard.goto();
  const before = await dashboard.seen();
  await intercept(page, /\/orders\?/, (route) => route.abort());
  await dashboard.sortBy("Total");
  await expect(dashboard.toasts).toContainText("The list did not load.");
  expect(await dashboard.seen()).toEqual(before);
});
