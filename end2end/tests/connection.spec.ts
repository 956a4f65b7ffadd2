import { nextFrames } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { DashboardPage } from "../fixtures/dashboard_page.ts";

/** What the page catches up by. */
const CHANGES = /\/orders\/changes/;

/** The age of the data, in seconds. */
async function age(dashboard: DashboardPage): Promise<number> {
  const text = (await dashboard.dataAge.textContent()) ?? "";
  return Number(/^data (\d+) s old$/.exec(text)?.[1] ?? NaN);
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a page that is only rendered does not claim to be live", async ({ dashboard, page }) => {
    await page.goto("/dashboard");
    await expect(dashboard.connection).toHaveText("Connecting");
  });
});

test("while live, the badge says how long ago an order changed, but announces only that it is live", async ({
  dashboard,
  page,
  shop,
}) => {
  await dashboard.goto();
  const announced = await page
    .getByRole("banner")
    .getByRole("status")
    .evaluateAll((regions) => regions.map((region) => region.textContent?.trim()));
  expect(announced).toEqual(["Live"]);
  await shop.create();
  await expect(dashboard.dataAge).toHaveText("changed just now");
  await expect(dashboard.dataAge).toHaveText(/^changed \d+ s ago$/);
  await expect(dashboard.banner).toHaveCount(0);
});

test("a lost connection is shown at once, with the age of the data, and taken back", async ({
  dashboard,
  server,
}) => {
  await dashboard.goto();
  await server.kill();
  await expect(dashboard.connection).toHaveText("Reconnecting");
  await expect(dashboard.dataAge).toHaveText(/^data \d+ s old$/);
  const before = await age(dashboard);
  await expect(dashboard.connection).toHaveText("Offline", { timeout: 20_000 });
  await expect.poll(() => age(dashboard)).toBeGreaterThan(before);
  await expect(dashboard.banner).toContainText("Offline: orders may be out of date");

  await server.restart();
  await dashboard.expectLive();
  await expect(dashboard.banner).toHaveCount(0);
  await expect(dashboard.dataAge).not.toContainText("old");
});

test("a browser without a network is shown as offline without waiting for the server", async ({
  api,
  context,
  dashboard,
  shop,
}) => {
  const order = await shop.create();
  const stored = await api.order(order.id);
  await dashboard.goto();
  await context.setOffline(true);
  await expect(dashboard.connection).toHaveText("Offline", { timeout: 2_000 });
  await api.edit(stored, { trackingNumber: "WHILE-AWAY" });

  await context.setOffline(false);
  await dashboard.expectLive();
  await expect(dashboard.row(order.id)).toContainText("WHILE-AWAY");
});

test("without a server a filter keeps the rows, and reports that the list did not load", async ({
  api,
  dashboard,
  server,
  shop,
}) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  await server.kill();
  await dashboard.chip("Confirmed").click();
  await expect(dashboard.toasts.first()).toContainText("The list did not load.");
  await expect(dashboard.row(order.id)).toBeVisible();
});

test("a live page that could not catch up shows a message", async ({ dashboard, page }) => {
  await page.route(CHANGES, (route) => route.abort());
  await dashboard.goto();
  await expect(dashboard.toasts).toContainText("Could not catch up.");
});

test("offline, the badge is enough: there is no message about catching up", async ({
  context,
  dashboard,
  page,
}) => {
  let fail = (): void => undefined;
  const offline = new Promise<void>((resolve) => (fail = resolve));
  await page.route(CHANGES, async (route) => {
    await offline;
    await route.abort();
  });
  const failed = page.waitForEvent("requestfailed", (request) => CHANGES.test(request.url()));
  await dashboard.goto();
  await context.setOffline(true);
  await expect(dashboard.connection).toHaveText("Offline");
  fail();
  await failed;
  await nextFrames(page);
  await expect(dashboard.toasts).toHaveCount(0);
});
