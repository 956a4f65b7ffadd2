import type { Page } from "@playwright/test";
import { DashboardPage } from "../fixtures/dashboard_page.ts";
import { NamesDialog } from "../fixtures/names_dialog.ts";
import { expect, test as base } from "../fixtures/test.ts";

/** "Within seconds", on a busy machine. */
const SECONDS = { timeout: 10_000 };

/** Ada looks at the list; Grace has an order of it open. */
const test = base.extend<{ id: string; grace: DashboardPage }>({
  isolated: false,

  id: async ({ api, shop }, use) => {
    const { id } = await shop.create();
    await api.order(id);
    await use(id);
  },
  grace: async ({ colleague, dashboard, id }, use) => {
    await dashboard.goto();
    await colleague.goto();
    await new NamesDialog(colleague.page).choose("Grace Hopper");
    await colleague.edit(id);
    await expect(dashboard.row(id).locator(".avatar")).toHaveText("GH", SECONDS);
    await use(colleague);
  },
});

test("the list shows who views an order, and who edits it", async ({ dashboard, grace, id }) => {
  const avatar = dashboard.row(id).locator(".avatar");
  await expect(avatar).toHaveAttribute("data-doing", "viewing");
  await expect(avatar).toHaveAttribute("title", "Grace Hopper is viewing");

  await grace.dialog.notes.fill("half a sentence");
  await expect(avatar).toHaveAttribute("data-doing", "editing", SECONDS);
  await expect(avatar).toHaveAttribute("title", "Grace Hopper is editing");
  const people = dashboard.row(id).getByRole("img");
  await expect(people).toHaveAccessibleName("Grace Hopper is editing this order");

  await grace.dialog.notes.fill("");
  await expect(avatar).toHaveAttribute("data-doing", "viewing", SECONDS);

  // A page that is opened later shows who is there already.
  await dashboard.page.reload();
  await expect(avatar).toHaveText("GH", SECONDS);
});

test("the dialog shows others, and not oneself", async ({ dashboard, grace, id, page }) => {
  await new NamesDialog(page).choose("Ada Byron");
  await expect(grace.dialog.people).toHaveText("");
  const mine = await dashboard.edit(id);

  await expect(mine.people).toHaveText("Grace Hopper is viewing this order", SECONDS);
  await expect(mine.avatars).toHaveText(["GH"]);
  await expect(grace.dialog.people).toHaveText("Ada Byron is viewing this order", SECONDS);
  await grace.dialog.notes.fill("half a sentence");
  await expect(mine.people).toHaveText("Grace Hopper is editing this order", SECONDS);
  await expect(mine.avatars).toHaveAttribute("data-doing", "editing");
});

const ways: Record<string, (page: Page) => Promise<unknown>> = {
  "closes the order": (page) => new DashboardPage(page).dialog.cancel.click(),
  "goes to another page": (page) => page.goto("/dashboard/deliveries"),
  "reloads the page": (page) => page.reload(),
  "closes the tab": (page) => page.close(),
  "loses her network": (page) => page.context().setOffline(true),
  // Last: a browser cannot go offline beside a page that crashed.
  "has her page killed": (page) => crash(page),
};

test("a person in two windows is two, and disappears within seconds in whatever way she leaves", async ({
  dashboard,
  grace,
  id,
}) => {
  test.slow();
  const context = grace.page.context();
  const second = new DashboardPage(await context.newPage());
  await second.goto();
  await second.edit(id);
  await expect(dashboard.row(id).locator(".avatar")).toHaveText(["GH", "GH"], SECONDS);
  await second.page.close();
  await expect(dashboard.row(id).locator(".avatar")).toHaveText(["GH"], SECONDS);

  await dashboard.edit(id);
  for (const [way, leave] of Object.entries(ways)) {
    const page = way === "closes the order" ? grace.page : await context.newPage();
    if (page !== grace.page) {
      const another = new DashboardPage(page);
      await another.goto();
      await another.edit(id);
    }
    await expect(dashboard.dialog.people, way).toHaveText("Grace Hopper is viewing this order");
    await leave(page);
    await expect(dashboard.dialog.people, way).toHaveText("", SECONDS);
    if (way === "loses her network") {
      await page.close();
      await context.setOffline(false);
    }
  }
  await expect(dashboard.row(id).locator(".avatar")).toHaveCount(0);
});

/** As the system does when memory is short. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  void session.send("Page.crash").catch(() => undefined);
  await crashed;
}

test.describe("on a server of their own", () => {
  test.use({ isolated: true });

  test("people are back after the server was away, without oneself", async ({
    dashboard,
    grace,
    id,
    server,
  }) => {
    await dashboard.edit(id);
    await server.kill();
    await expect(dashboard.connection).not.toHaveText("Live");
    await expect(dashboard.dialog.people).toHaveText("");
    await server.restart();
    await dashboard.expectLive();
    await grace.expectLive();
    await expect(dashboard.dialog.people).toHaveText("Grace Hopper is viewing this order", SECONDS);
  });

  test("a person who left while the row was out of view is gone when it is back", async ({
    api,
    colleague,
    dashboard,
    shop,
  }) => {
    test.slow();
    const orders = Array.from({ length: 120 }, () => shop.draft());
    await Promise.all(orders.map((order) => shop.send("orders/create", order)));
    await api.settled(120);
    const newest = await api.order(orders.at(-1)?.id ?? "");
    const watched = watchedOrders(dashboard.page);
    await dashboard.goto();
    await colleague.goto();
    const avatar = dashboard.row(newest.shopifyOrderId).locator(".avatar");
    await colleague.edit(newest.shopifyOrderId);
    await expect(avatar).toHaveCount(1, SECONDS);

    const list = dashboard.page.locator(".grid-box");
    await list.evaluate((box) => (box.scrollTop = box.scrollHeight));
    await expect.poll(watched).not.toContain(newest.id);
    await colleague.dialog.cancel.click();
    await colleague.dialog.expectClosed();
    await list.evaluate((box) => (box.scrollTop = 0));

    await expect(dashboard.row(newest.shopifyOrderId)).toBeVisible();
    await expect(avatar).toHaveCount(0, SECONDS);
  });
});

/** Whose presence a page asked for last, as it went over the wire. */
function watchedOrders(page: Page): () => string {
  let last = "";
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      last = payload.includes("WATCH") ? payload.toString() : last;
    }),
  );
  return () => last;
}
