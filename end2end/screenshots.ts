import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test as base } from "@playwright/test";
import { Api, type Edit, type Order, type Stats } from "./fixtures/api.ts";
import { DashboardPage } from "./fixtures/dashboard_page.ts";
import { Server } from "./fixtures/server.ts";

const OUT = resolve(import.meta.dirname, process.env["OUT"] ?? "../docs/images");

/** Fast while the desk fills up, calm while it is photographed. */
const FILL_RATE = 60;
const CALM_RATE = 0.2;
const ENOUGH_ORDERS = 160;

const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

/** One server with a good mix of orders for all pictures, and an empty one. */
const test = base.extend<object, { busy: Server; empty: Server }>({
  busy: [
    async ({}, use) => {
      const server = await Server.start({ storage: "sqlite", demoRate: FILL_RATE });
      const api = new Api(server);
      await expect
        .poll(async () => isGoodMix(await api.stats()), { timeout: 60_000 })
        .toBe(true);
      server.demoRate = CALM_RATE;
      await server.restart();
      await packSome(api);
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  empty: [
    async ({}, use) => {
      const server = await Server.start({ storage: "sqlite" });
      await use(server);
      await server.remove();
    },
    { scope: "worker" },
  ],
});

function isGoodMix(stats: Stats): boolean {
  const several = Object.values(stats.byStatus).every((orders) => orders >= 5);
  return several && stats.totalOrders >= ENOUGH_ORDERS && stats.averageDeliverySeconds !== null;
}

/** What a team does by hand: parcels packed, with their tracking numbers. */
async function packSome(api: Api): Promise<void> {
  const { data } = await api.orders("limit=12");
  for (const [index, order] of data.entries()) {
    if (index % 3 === 1) {
      await edit(api, order, { status: "SHIPPED", trackingNumber: `1Z999AA1012345${6_780 + index}` });
    }
    if (index % 4 === 2) {
      await edit(api, order, { status: "CONFIRMED" });
    }
  }
}

/** The desk is busy: a webhook may come between reading the version and saving. */
async function edit(api: Api, order: Order, change: Edit): Promise<void> {
  await expect(() => api.edit(order, change)).toPass();
}

/** A confirmed order on the first screen: the usual one to edit. */
async function someOrder(api: Api): Promise<Order> {
  const { data } = await api.orders("limit=20");
  const order = data.find(({ status }) => status === "CONFIRMED") ?? data[0];
  if (!order) {
    throw new Error("the desk is empty");
  }
  return order;
}

test.beforeAll(() => mkdir(OUT, { recursive: true }));

for (const colorScheme of ["light", "dark"] as const) {
  for (const [device, viewport] of Object.entries(SIZES)) {
    const file = (name: string): string => join(OUT, `${name}-${device}-${colorScheme}.png`);

    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport });

      test("dashboard", async ({ busy, page }) => {
        const dashboard = new DashboardPage(page);
        await page.goto(busy.url);
        await dashboard.expectLive();
        await expect(dashboard.rows).not.toHaveCount(0);
        await page.screenshot({ path: file("dashboard") });
      });

      test("modal", async ({ busy, page }) => {
        const dashboard = new DashboardPage(page);
        const order = await someOrder(new Api(busy));
        await page.goto(busy.url);
        await dashboard.expectLive();
        const dialog = await dashboard.edit(order.shopifyOrderId);
        await dialog.status.selectOption("Shipped");
        await dialog.tracking.fill("1Z999AA10123456784");
        await dialog.notes.fill("Customer asked for the blue one; swapped before packing.");
        await page.screenshot({ path: file("modal") });
      });

      test("conflict", async ({ busy, page }) => {
        const api = new Api(busy);
        const dashboard = new DashboardPage(page);
        const order = await someOrder(api);
        await page.goto(busy.url);
        await dashboard.expectLive();
        const dialog = await dashboard.edit(order.shopifyOrderId);
        await dialog.status.selectOption("Shipped");
        await dialog.notes.fill("Customer asked for the blue one; swapped before packing.");
        await edit(api, order, { status: "CANCELLED", notes: `Cancelled by phone (${device})` });
        await dialog.save.click();
        await expect(dialog.conflict).toBeVisible();
        await page.screenshot({ path: file("conflict") });
        // As it was, for the next picture.
        await edit(api, order, { status: "CONFIRMED", notes: null });
      });

      test("empty", async ({ empty, page }) => {
        await page.goto(empty.url);
        await new DashboardPage(page).expectLive();
        await page.screenshot({ path: file("empty") });
      });
    });
  }
}
