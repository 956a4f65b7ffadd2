import { expect, test } from "../fixtures/test.ts";

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("orders and key figures are in the page", async ({ api, dashboard, page, shop }) => {
    const order = await shop.create({ total_price: "1204.50" });
    await api.order(order.id);
    await expect.poll(async () => (await api.stats()).totalOrders).toBe(1);

    // Every time: it must not depend on how fast the database answers.
    for (let visit = 0; visit < 10; visit += 1) {
      const answer = await page.request.get("/dashboard");
      expect(await answer.text()).toContain(`data-order="${order.id}"`);
    }

    await page.goto("/dashboard");
    expect(await dashboard.shownOrders()).toEqual([order.id]);
    await expect(dashboard.row(order.id)).toContainText("$1,204.50");
    await expect(dashboard.status(order.id)).toHaveText("Confirmed");
    await expect(dashboard.stat("Total orders")).toHaveText("1");
    await expect(dashboard.stat("Revenue")).toHaveText("$1,204.50");
    await expect(page).toHaveTitle(/Orders/);
  });
});

test("the page comes to life without a word on the console", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      complaints.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  const order = await shop.create();
  await api.order(order.id);

  await dashboard.goto();
  await expect(dashboard.row(order.id)).toBeVisible();
  await dashboard.edit(order.id);

  expect(complaints).toEqual([]);
});

test("the server's markup is taken over, not replaced", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const order = await shop.create();
  await api.order(order.id);
  let deliver = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (deliver = resolve));
  await page.route("**/*.wasm", async (route) => {
    await arrived;
    await route.continue();
  });

  await page.goto("/dashboard", { waitUntil: "commit" });
  const row = await dashboard.row(order.id).elementHandle();
  deliver();
  await dashboard.expectLive();

  expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
});

test("the bare address leads to the dashboard", async ({ dashboard, page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/dashboard$/);
  await dashboard.expectLive();
});

test("an unknown page is a 404 that leads back", async ({ dashboard, page }) => {
  for (const path of ["/no-such-page", "/dashboard/no-such-page"]) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is nothing here");
    await page.getByRole("link", { name: "Go to the orders" }).click();
    await expect(page).toHaveURL(/\/dashboard$/);
    await dashboard.expectLive();
  }
});
