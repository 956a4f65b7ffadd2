import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop } from "../fixtures/webhooks.ts";

// Colours are judged at rest.
test.use({ contextOptions: { reducedMotion: "reduce" } });

/** What keeps somebody out, in words short enough to act on. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
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

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in the ${colorScheme} theme, axe finds no barrier`, () => {
    test.use({ colorScheme });

    test("on the dashboard", async ({ api, dashboard, page, shop }) => {
      await fill(shop, api);
      await dashboard.goto();
      await expect(dashboard.rows).toHaveCount(5);
      await dashboard.chip("All").hover();
      expect(await barriers(page)).toEqual([]);
    });

    test("on the empty dashboard", async ({ dashboard, page }) => {
      await dashboard.goto();
      await expect(page.getByText("No orders yet")).toBeVisible();
      expect(await barriers(page)).toEqual([]);
    });

    test("on the not-found page", async ({ page }) => {
      await page.goto("/no-such-page");
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await barriers(page)).toEqual([]);
    });

    test("in the dialog, and with its conflict panel", async ({ api, dashboard, page, shop }) => {
      const id = await fill(shop, api);
      const order = await api.order(id);
      await dashboard.goto();
      const dialog = await dashboard.edit(id);
      expect(await barriers(page)).toEqual([]);

      await dialog.notes.fill("mine");
      await api.edit(order, { notes: "theirs" });
      await dialog.save.click();
      await expect(dialog.conflict).toBeVisible();
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
}

test("the skip link is the first stop and leads to the orders", async ({ dashboard, page }) => {
  await dashboard.goto();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to orders" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();

  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
});

test("Tab reaches every Edit button, top to bottom, and Enter opens it", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const orders = [await shop.create(), await shop.create(), await shop.create()];
  await api.settled(3);
  await dashboard.goto();
  const reached: string[] = [];
  // The page has fewer stops than this.
  for (let stop = 0; stop < 30; stop += 1) {
    await page.keyboard.press("Tab");
    const label = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    if (label?.startsWith("Edit order")) {
      reached.push(label);
    }
    if (reached.length === orders.length) {
      break;
    }
  }
  expect(reached).toEqual(orders.map((order) => `Edit order ${order.name}`).reverse());

  await page.keyboard.press("Enter");
  await expect(dashboard.dialog.root).toBeVisible();
  await expect(dashboard.dialog.status).toBeFocused();
});

test("the dialog keeps the focus inside", async ({ api, dashboard, page, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const dialog = await dashboard.edit(order.id);
  for (let stop = 0; stop < 12; stop += 1) {
    await page.keyboard.press("Tab");
    // Between the last stop and the first, the browser's own controls have it.
    const where = await dialog.root.evaluate((root) => {
      const active = document.activeElement;
      return active === document.body || root.contains(active) ? "inside" : active?.outerHTML;
    });
    expect(where).toBe("inside");
  }
});
