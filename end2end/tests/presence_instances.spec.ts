import { DashboardPage } from "../fixtures/dashboard_page.ts";
import { NamesDialog } from "../fixtures/names_dialog.ts";
import type { Server } from "../fixtures/server.ts";
import { expect, test as base } from "../fixtures/test.ts";

/** Grace is at another instance, on the same PostgreSQL and Redis. */
const test = base.extend<{ twin: Server; id: string; grace: DashboardPage }>({
  twin: async ({ server }, use) => {
    const twin = await server.twin();
    await use(twin);
    await twin.stop();
  },
  id: async ({ api, shop }, use) => {
    const { id } = await shop.create();
    await api.order(id);
    await use(id);
  },
  grace: async ({ browser, dashboard, id, twin }, use) => {
    await dashboard.goto();
    const context = await browser.newContext({ baseURL: twin.url });
    const grace = new DashboardPage(await context.newPage());
    await grace.goto();
    await new NamesDialog(grace.page).choose("Grace Hopper");
    await grace.edit(id);
    await use(grace);
    await context.close();
  },
});

test.describe("two instances", { tag: "@postgres" }, () => {
  test("people at the other instance are seen, whatever they do", async ({
    dashboard,
    grace,
    id,
  }) => {
    const mine = await dashboard.edit(id);
    await expect(mine.people).toHaveText("Grace Hopper is viewing this order");
    await expect(grace.dialog.people).toContainText("is viewing this order");
    await grace.dialog.notes.fill("half a sentence");
    await expect(mine.people).toHaveText("Grace Hopper is editing this order");
    await grace.page.close();
    await expect(mine.people).toHaveText("");
  });

  test("an instance that is stopped takes its people with it", async ({
    dashboard,
    grace,
    id,
    twin,
  }) => {
    await expect(dashboard.row(id).locator(".avatar")).toHaveText("GH");
    await expect(grace.dialog.root).toBeVisible();
    await twin.stop();
    await expect(dashboard.row(id).locator(".avatar")).toHaveCount(0);
  });

  test("so does one that is killed, once it has been silent for a while", async ({
    dashboard,
    grace,
    id,
    twin,
  }) => {
    await expect(dashboard.row(id).locator(".avatar")).toHaveText("GH");
    await expect(grace.dialog.root).toBeVisible();
    await twin.kill();
    await expect(dashboard.row(id).locator(".avatar")).toHaveCount(0, { timeout: 18_000 });
  });
});
