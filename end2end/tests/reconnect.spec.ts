import { markWindow } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";
import { Shop } from "../fixtures/webhooks.ts";

test.describe("when the server is killed", () => {
  test("the dashboard becomes live again by itself, with everything still there", async ({
    api,
    dashboard,
    server,
    shop,
  }) => {
    const order = await shop.create();
    await api.order(order.id);
    await dashboard.goto();
    const isSamePage = await markWindow(dashboard.page);

    await server.kill();
    await expect(dashboard.connection).not.toHaveText("Live");
    await expect(dashboard.row(order.id)).toBeVisible();
    await server.restart();

    await dashboard.expectLive();
    await expect(dashboard.row(order.id)).toBeVisible();
    await shop.fulfil(order);
    await expect(dashboard.status(order.id)).toHaveText("Shipped");
    expect(await isSamePage()).toBe(true);
  });

  test("orders accepted and changed before the browser is back are shown", { tag: "@both" }, async ({
    api,
    dashboard,
    server,
    shop,
  }) => {
    const known = await shop.create();
    await api.order(known.id);
    await dashboard.goto();
    await expect(dashboard.row(known.id)).toBeVisible();

    await server.kill();
    await expect(dashboard.connection).not.toHaveText("Live");
    // Another instance takes webhooks where this browser cannot hear of them.
    const twin = await server.twin();
    const twinShop = new Shop(twin);
    const missed = twinShop.draft({ id: "5500000009999", name: "#9999" });
    await twinShop.send("orders/create", missed);
    await twinShop.fulfil({ ...known, updated_at: missed.updated_at });
    await server.restart();
    await twin.stop();

    await dashboard.expectLive();
    await expect(dashboard.row(missed.id)).toBeVisible();
    await expect(dashboard.status(known.id)).toHaveText("Shipped");
    await expect(dashboard.stat("Total orders")).toHaveText("2");
  });

  test("a webhook accepted a moment before is not lost", { tag: "@both" }, async ({ api, server, shop }) => {
    // Acknowledged is durable: killed at once, most of these are unprocessed.
    const orders = Array.from({ length: 40 }, () => shop.draft());
    await Promise.all(orders.map((order) => shop.send("orders/create", order)));
    await server.kill();
    await server.restart();

    await expect
      .poll(async () => (await api.orders()).data.map((order) => order.shopifyOrderId).sort(), {
        // With Redis, the killed server's jobs are done again after their lease of 30 s.
        timeout: 45_000,
      })
      .toEqual(orders.map((order) => order.id).sort());
  });
});

test("a server asked to stop does not wait for open dashboards to go away", async ({
  dashboard,
  server,
}) => {
  await dashboard.goto();
  const asked = Date.now();
  await server.stop();
  expect(Date.now() - asked).toBeLessThan(5_000);
  await expect(dashboard.connection).not.toHaveText("Live");
});
