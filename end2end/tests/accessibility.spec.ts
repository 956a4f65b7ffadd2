import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { intercept } from "../fixtures/intercept.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop } from "../fixtures/webhooks.ts";

// Colours are judged at rest.
test.use({ contextOptions: { reducedMotion: "reduce" } });

/** The rules that depend on the theme. */
const OF_THEME = ["color-contrast", "link-in-text-block"];

/** Everything axe finds in either theme, in words short enough to act on. */
async function barriers(page: Page): Promise<string[]> {
  // Without frames there is nothing that its own page, opened every time, would add.
  const axe = (): AxeBuilder => new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await axe().analyze();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await axe().withRules(OF_THEME).analyze();
  await page.emulateMedia({ colorScheme: "light" });
  return [...violations, ...dark.violations].flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
  );
}

/** An order in every status. */
async function fill(shop: Shop, api: Api): Promise<string> {
  await shop.create({ financial_status: "pending" });
  await shop.create({ fulfillment_status: "fulfilled" });
  await shop.create({ financial_status: "refunded" });
  const parcel = await shop.create();
  await shop.deliver(parcel, new Date());
  const { id } = await shop.create();
  await api.settled(5);
  await api.order(parcel.id, { status: "DELIVERED" });
  return id;
}

test.describe("axe finds no barrier in either theme", () => {
  test("on the dashboard, with a row active and one changed", async ({
    api,
    dashboard,
    page,
    shop,
  }) => {
    const id = await fill(shop, api);
    await dashboard.goto();
    await expect(dashboard.rows).toHaveCount(5);
    expect(await barriers(page)).toEqual([]);
    await dashboard.grid.focus();
    await page.keyboard.press("End");
    await api.edit(await api.order(id), { trackingNumber: "1Z999" });
    await expect(dashboard.row(id)).toContainText("1Z999");
    expect(await barriers(page)).toEqual([]);
  });

  test("with new orders announced and a row that left the filter", async ({
    api,
    dashboard,
    page,
    shop,
  }) => {
    const id = await fill(shop, api);
    await dashboard.goto("?status=CONFIRMED");
    // With time standing still, the pointer never rests for long enough.
    await page.clock.setFixedTime(Date.now());
    await dashboard.point();
    await api.edit(await api.order(id), { status: "SHIPPED" });
    await shop.create();
    await expect(dashboard.newOrders).toBeVisible();
    await expect(dashboard.row(id)).toHaveClass(/row--left/);
    expect(await barriers(page)).toEqual([]);
  });

  test("on the empty dashboard", async ({ dashboard, page }) => {
    await dashboard.goto();
    await expect(page.getByText("No orders yet")).toBeVisible();
    expect(await barriers(page)).toEqual([]);
  });

  test("where a filter or a search finds nothing", async ({ api, dashboard, page, shop }) => {
    await fill(shop, api);
    await dashboard.goto("?q=nobody");
    await expect(page.getByText("No orders found for “nobody”")).toBeVisible();
    expect(await barriers(page)).toEqual([]);
  });

  test("while rows are loading, and when they do not load", async ({
    api,
    dashboard,
    page,
    shop,
  }) => {
    const orders = Array.from({ length: 150 }, () => shop.draft());
    await Promise.all(orders.map((order) => shop.send("orders/create", order)));
    await api.settled(150);
    await dashboard.goto();
    await intercept(page, /\/orders\?/, () => undefined);
    await dashboard.dragTo(1);
    await expect(dashboard.gaps.first()).toBeVisible();
    expect(await barriers(page)).toEqual([]);

    await page.unrouteAll();
    await intercept(page, /\/orders\?/, (route) => route.abort());
    await dashboard.sortBy("Total");
    await expect(dashboard.toasts.first()).toBeVisible();
    expect(await barriers(page)).toEqual([]);
  });

  test("in the list of keys, and where a name is chosen", async ({ dashboard, page }) => {
    await dashboard.goto();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /Change your name/ }).click();
    await expect(page.getByRole("dialog", { name: "Your name" })).toBeVisible();
    expect(await barriers(page)).toEqual([]);
  });

  test("on the not-found page", async ({ page }) => {
    await page.goto("/no-such-page");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await barriers(page)).toEqual([]);
  });

  test("on the list of deliveries, empty and not", async ({ api, page, shop }) => {
    await page.goto("/dashboard/deliveries");
    await expect(page.getByRole("heading", { name: "Deliveries", level: 1 })).toBeVisible();
    await expect(page.locator(".connection__label")).toHaveText("Live");
    expect(await barriers(page)).toEqual([]);
    await fill(shop, api);
    await page.reload();
    await expect(page.locator(".connection__label")).toHaveText("Live");
    await expect(page.locator("tbody tr").first()).toBeVisible();
    expect(await barriers(page)).toEqual([]);
  });

  test("on a phone, and when the server is away", async ({
    api,
    dashboard,
    page,
    server,
    shop,
  }) => {
    await fill(shop, api);
    await page.setViewportSize({ width: 390, height: 844 });
    await dashboard.goto();
    expect(await barriers(page)).toEqual([]);

    await server.kill();
    await expect(dashboard.connection).toHaveText("Offline", { timeout: 20_000 });
    expect(await barriers(page)).toEqual([]);
  });
});
