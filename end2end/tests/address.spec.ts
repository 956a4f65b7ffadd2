import { test } from "../fixtures/large_desk.ts";
import { expect } from "../fixtures/test.ts";
import { DashboardPage } from "../fixtures/dashboard_page.ts";

const QUERY = "status=CONFIRMED&sort=-total&q=radia";

/** The status chip, the search and the sort are as the address has them. */
async function expectControls(dashboard: DashboardPage): Promise<void> {
  await expect(dashboard.chip("Confirmed")).toHaveAttribute("aria-pressed", "true");
  await expect(dashboard.chip("All")).toHaveAttribute("aria-pressed", "false");
  await expect(dashboard.search).toHaveValue("radia");
  await expect(dashboard.column("Total")).toHaveAttribute("aria-sort", "descending");
}

test("the address names filter, search and sort, and a reload shows the same list", async ({
  dashboard,
  page,
}) => {
  await dashboard.goto();
  await dashboard.chip("Confirmed").click();
  await dashboard.sortBy("Total");
  await dashboard.search.fill("radia");
  await expect(page).toHaveURL(/q=radia/);
  const { searchParams } = new URL(page.url());
  expect(Object.fromEntries(searchParams)).toEqual({
    status: "CONFIRMED",
    sort: "-total",
    q: "radia",
  });
  await expect(dashboard.rows.first()).toContainText("Radia");
  const shown = (await dashboard.filled()).map(({ order }) => order);

  await page.reload();
  await dashboard.expectLive();
  expect((await dashboard.filled()).map(({ order }) => order)).toEqual(shown);
  await expectControls(dashboard);
});

test("the server renders the list of the address: no JavaScript needed", async ({
  api,
  baseURL,
  browser,
}) => {
  const { data, total } = await api.orders(`${QUERY}&limit=50`);
  const context = await browser.newContext({
    javaScriptEnabled: false,
    ...(baseURL === undefined ? {} : { baseURL }),
  });
  const dashboard = new DashboardPage(await context.newPage());
  await dashboard.page.goto(`/dashboard?${QUERY}`);
  const shown = await dashboard.shownOrders();
  expect(shown.length).toBeGreaterThan(10);
  expect(shown).toEqual(data.slice(0, shown.length).map((order) => order.shopifyOrderId));
  await expectControls(dashboard);
  await expect(dashboard.count).toHaveText(String(total));
  await context.close();
});

test("a list that is not the default one is taken over as it was rendered", async ({
  dashboard,
  page,
}) => {
  // The watch on the console fails this test if markup does not match.
  await dashboard.goto(`?${QUERY}`);
  await expectControls(dashboard);
  await expect(page).toHaveURL(new RegExp(`/dashboard\\?${QUERY}$`));
});

test("nonsense in the address shows all orders", async ({ api, dashboard }) => {
  await dashboard.goto("?status=LOST&sort=sideways&page=7");
  const { total } = await api.orders("limit=1");
  await expect(dashboard.count).toHaveText(total.toLocaleString("en-GB"));
  await expect(dashboard.chip("All")).toHaveAttribute("aria-pressed", "true");
});

test("what a search must not do to an address, it does not", async ({ dashboard, page }) => {
  await dashboard.goto();
  const odd = `50% & more="yes" #1 <b>é</b>`;
  await dashboard.search.fill(odd);
  await expect(page).toHaveURL(/q=/);
  await page.reload();
  await dashboard.expectLive();
  await expect(dashboard.search).toHaveValue(odd);
});
