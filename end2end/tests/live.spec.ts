import { markWindow, watchFlashes } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";

test.describe("a live dashboard", () => {
  test("shows an order the moment the shop sends it, without a reload", { tag: "@both" }, async ({
    dashboard,
    shop,
  }) => {
    await dashboard.goto();
    await expect(dashboard.page.locator(".connection")).toHaveAttribute("data-state", "live");
    const isSamePage = await markWindow(dashboard.page);

    const order = await shop.create({ total_price: "1204.50", currency: "EUR" });

    const row = dashboard.row(order.id);
    await expect(row).toBeVisible();
    await expect(row).toContainText(order.name);
    await expect(row).toContainText("Ada Lovelace");
    await expect(row).toContainText("€1,204.50");
    await expect(dashboard.status(order.id)).toHaveText("Confirmed");
    expect(await isSamePage()).toBe(true);
  });

  test("changes a row in place and flashes the cell that changed", async ({ api, dashboard, shop }) => {
    const order = await shop.create();
    await api.order(order.id);
    await dashboard.goto();
    const row = dashboard.row(order.id);
    await expect(row).toBeVisible();
    const element = await row.elementHandle();
    const flashes = await watchFlashes(row);

    await shop.fulfil(order);

    await expect(dashboard.status(order.id)).toHaveText("Shipped");
    const sameElement = await element?.evaluate((node) => ({
      connected: node.isConnected,
      status: node.querySelector(".badge")?.textContent?.trim(),
    }));
    expect(sameElement).toEqual({ connected: true, status: "Shipped" });
    await expect.poll(flashes).toEqual(["cell--status"]);
    await expect(row.locator(".cell--flash")).toHaveCount(0);
  });

  test("shows a colleague's edit", { tag: "@both" }, async ({ api, colleague, dashboard, shop }) => {
    const order = await shop.create();
    await api.order(order.id);
    await dashboard.goto();
    await colleague.goto();
    const isSamePage = await markWindow(colleague.page);

    const dialog = await dashboard.edit(order.id);
    await dialog.status.selectOption("Delivered");
    await dialog.tracking.fill("1Z999AA10123456784");
    await dialog.notes.fill("Left with the neighbour");
    await dialog.save.click();
    await dialog.expectClosed();

    await expect(colleague.status(order.id)).toHaveText("Delivered");
    await expect(colleague.row(order.id)).toContainText("1Z999AA10123456784");
    const theirs = await colleague.edit(order.id);
    await expect(theirs.notes).toHaveValue("Left with the neighbour");
    await theirs.expectVersion(2);
    expect(await isSamePage()).toBe(true);
  });

  test("shows an order that arrives between the first paint and the connection", async ({
    api,
    dashboard,
    page,
    shop,
  }) => {
    // The page is painted but not alive: its code is still on the way.
    let deliver = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (deliver = resolve));
    await page.route("**/*.wasm", async (route) => {
      await arrived;
      await route.continue();
    });
    await page.goto("/dashboard", { waitUntil: "commit" });
    await expect(page.getByText("No orders yet")).toBeVisible();

    const order = await shop.create();
    await api.order(order.id);
    deliver();

    await dashboard.expectLive();
    await expect(dashboard.row(order.id)).toBeVisible();
    await expect(dashboard.stat("Total orders")).toHaveText("1");
  });
});
