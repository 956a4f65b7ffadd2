import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BrowserContext, expect, test as base } from "@playwright/test";
import { DashboardPage } from "./fixtures/dashboard_page.ts";
import { DeliveriesPage } from "./fixtures/deliveries_page.ts";
import { Server } from "./fixtures/server.ts";
import { Desk } from "./screenshots_desk.ts";
import { withPalette } from "./screenshots_png.ts";

const HERE = import.meta.dirname;
const ALL = resolve(HERE, process.env["OUT"] ?? "../target/screenshots");
const DOCS = resolve(HERE, "../docs/images");

/** Kept in the repository; copied there unless the pictures go elsewhere. */
const KEPT = [
  "dashboard-desktop-light",
  "dashboard-desktop-dark",
  "dashboard-phone-light",
  "dashboard-phone-dark",
  "new-orders-desktop-light",
  "edit-desktop-light",
  "edit-phone-dark",
  "conflict-desktop-light",
  "conflict-phone-light",
  "history-desktop-light",
  "presence-desktop-light",
  "deliveries-desktop-light",
  "payload-desktop-dark",
  "offline-desktop-light",
];

// The first picture of the README comes last: until then the desk has aged.
const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1440, height: 900 }, hasTouch: false, isMobile: false },
};

/** The key under which the browser stores a person's name. */
async function call(context: BrowserContext, name: string): Promise<void> {
  await context.addInitScript((name) => localStorage.setItem("name", name), name);
}

const test = base.extend<
  {
    dashboard: DashboardPage;
    /** Opens the dashboard for another person. */
    colleague: (name: string) => Promise<DashboardPage>;
    /** Takes the picture of a state. */
    picture: (state: string) => Promise<void>;
  },
  { desk: Desk; empty: Server }
>({
  desk: [
    async ({}, use) => {
      const desk = await Desk.open();
      await use(desk);
      await desk.server.remove();
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

  baseURL: async ({ desk }, use) => use(desk.server.url),

  context: async ({ context }, use) => {
    await call(context, "Ada Byron");
    await use(context);
  },

  dashboard: async ({ page }, use) => use(new DashboardPage(page)),

  colleague: async ({ baseURL, browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (name) => {
      const context = await browser.newContext({ baseURL: baseURL ?? "" });
      contexts.push(context);
      await call(context, name);
      const dashboard = new DashboardPage(await context.newPage());
      await dashboard.goto();
      return dashboard;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  picture: async ({ colorScheme, isMobile, page }, use) => {
    const device = isMobile ? "phone" : "desktop";
    await use(async (state) => {
      const name = `${state}-${device}-${colorScheme}`;
      const png = withPalette(await page.screenshot());
      await writeFile(join(ALL, `${name}.png`), png);
      if (process.env["OUT"] === undefined && KEPT.includes(name)) {
        await writeFile(join(DOCS, `${name}.png`), png);
      }
    });
  },
});

test.beforeAll(() => mkdir(ALL, { recursive: true }));

for (const [device, settings] of Object.entries(DEVICES)) {
  for (const colorScheme of ["dark", "light"] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ ...settings, colorScheme });

      test("edit", async ({ dashboard, desk, picture }) => {
        const order = await desk.confirmed();
        await dashboard.goto();
        const dialog = await dashboard.edit(order.shopifyOrderId);
        await dialog.status.selectOption("Shipped");
        await dialog.tracking.fill("1Z999AA10123456784");
        await dialog.notes.fill("Customer asked for the blue one; swapped before packing.");
        await expect(dialog.dirty).toContainText("Notes");
        await picture("edit");
      });

      test("conflict", async ({ dashboard, desk, picture }) => {
        const order = await desk.confirmed();
        await dashboard.goto();
        const dialog = await dashboard.edit(order.shopifyOrderId);
        await dialog.status.selectOption("Shipped");
        await dialog.notes.fill("Customer asked for the blue one; swapped before packing.");
        const theirs = { status: "CANCELLED", notes: "Cancelled by phone: wrong size." } as const;
        await desk.edit(order, theirs, "Grace Hopper");
        await expect(dialog.conflictRow("Notes")).toBeVisible();
        await picture("conflict");
        // As it was, for the pictures that follow.
        await desk.edit(order, { status: "CONFIRMED", notes: null }, "Grace Hopper");
      });

      test("history", async ({ dashboard, desk, picture }) => {
        const order = await desk.eventful();
        await dashboard.goto();
        const dialog = await dashboard.edit(order.shopifyOrderId);
        await dialog.showHistory();
        await expect(dialog.entry(order.version)).toBeVisible();
        await picture("history");
      });

      test("presence", async ({ colleague, dashboard, desk, picture }) => {
        const order = await desk.confirmed();
        const other = await desk.arrive();
        await dashboard.goto();
        const grace = await colleague("Grace Hopper");
        await (await grace.edit(order.shopifyOrderId)).notes.fill("Ring twice");
        const amara = await colleague("Amara Okafor");
        await amara.edit(other.shopifyOrderId);
        await expect(dashboard.row(order.shopifyOrderId).locator("[data-doing=editing]")).toBeVisible();
        await expect(dashboard.row(other.shopifyOrderId).locator(".avatar")).toBeVisible();
        await picture("presence");

        const dialog = await dashboard.edit(order.shopifyOrderId);
        await expect(dialog.people).toContainText("Grace Hopper is editing");
        await picture("presence-dialog");
      });

      test("deliveries", async ({ desk, page, picture }) => {
        const deliveries = new DeliveriesPage(page);
        await desk.mixedDeliveries();
        await deliveries.goto();
        await expect(deliveries.rows).not.toHaveCount(0);
        await picture("deliveries");
      });

      test("payload", async ({ desk, page, picture }) => {
        const deliveries = new DeliveriesPage(page);
        const { delivery, order } = await desk.fullDelivery();
        await deliveries.goto();
        await deliveries.search.fill(order);
        await deliveries.view(delivery);
        await expect(deliveries.payload).toContainText("{");
        await picture("payload");
      });

      test("keys", async ({ dashboard, page, picture }) => {
        await dashboard.goto();
        await page.keyboard.press("?");
        await expect(page.locator("dialog.keys")).toBeVisible();
        await picture("keys");
      });

      test("empty", async ({ dashboard, empty, page, picture }) => {
        await page.goto(empty.url);
        await dashboard.expectLive();
        await picture("empty");
      });

      test("new orders", async ({ dashboard, desk, picture }) => {
        await dashboard.goto();
        await dashboard.dragTo(0.3);
        await dashboard.filled();
        for (let arrived = 0; arrived < 3; arrived += 1) {
          await desk.arrive();
        }
        await expect(dashboard.newOrders).toHaveText("3 new orders");
        await picture("new-orders");
      });

      test("dashboard", async ({ dashboard, desk, picture }) => {
        const { data } = await desk.api.orders("limit=12&status=CONFIRMED");
        for (const order of data.filter((_, place) => place % 3 === 1)) {
          await desk.pack(order);
        }
        await desk.arrive();
        await dashboard.goto();
        await dashboard.filled();
        await picture("dashboard");
      });

      test("reconnecting, and offline", async ({ context, dashboard, desk, picture }) => {
        await dashboard.goto();
        await desk.server.kill();
        await expect(dashboard.connection).toHaveText("Reconnecting");
        await picture("reconnecting");
        await context.setOffline(true);
        await expect(dashboard.banner).toBeVisible();
        await expect(dashboard.dataAge).toHaveText(/^data ([5-9]|\d\d) s old$/);
        await picture("offline");
        await desk.server.restart();
      });
    });
  }
}
