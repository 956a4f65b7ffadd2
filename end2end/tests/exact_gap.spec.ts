import type { Page } from "@playwright/test";
import { sendAll } from "../fixtures/large_desk.ts";
import { markWindow, watchRequests } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";
import { Shop } from "../fixtures/webhooks.ts";

/** The latest cursor that the server sent this page over the socket. */
function watchCursor(page: Page): () => string | undefined {
  let sent: string | undefined;
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      sent = /\["CURSOR","([^"]+)"\]/.exec(payload.toString())?.[1] ?? sent;
    }),
  );
  return () => sent;
}

test.describe("after a gap", { tag: "@both" }, () => {
  test("exactly what was missed is asked for, and the list is not loaded again", async ({
    api,
    dashboard,
    page,
    server,
    shop,
  }) => {
    const cursor = watchCursor(page);
    const known = await shop.create();
    await api.order(known.id);
    await dashboard.goto();
    const isSamePage = await markWindow(page);
    // Received live, so the page need not request it later.
    const live = await shop.create();
    await expect(dashboard.row(live.id)).toBeVisible();
    await expect
      .poll(
        async () => {
          const sent = cursor();
          return sent === undefined ? "no cursor" : (await api.changes(sent)).data;
        },
        { message: "the page has the latest cursor", timeout: 20_000 },
      )
      .toEqual([]);

    await server.kill();
    await expect(dashboard.connection).not.toHaveText("Live");
    const twin = await server.twin();
    const twinShop = new Shop(twin);
    const missed = twinShop.draft({ id: "5500000009999", name: "#9999" });
    await twinShop.send("orders/create", missed);
    await twinShop.fulfil({ ...known, updated_at: missed.updated_at });
    const requests = watchRequests(page);
    await server.restart();
    await twin.stop();

    await dashboard.expectLive();
    await expect(dashboard.row(missed.id)).toBeVisible();
    await expect(dashboard.status(known.id)).toHaveText("Shipped");
    await expect(dashboard.count).toHaveText("3");
    const gap: string[] = [];
    for (const request of requests.changes) {
      const response = await request.response();
      const { data } = (await response?.json()) as { data: { shopifyOrderId: string }[] };
      gap.push(...data.map((order) => order.shopifyOrderId));
    }
    expect(gap.sort()).toEqual([known.id, missed.id].sort());
    expect(requests.lists.map((request) => request.url())).toEqual([]);
    expect(await isSamePage()).toBe(true);
  });
});

test("the rows in the middle of the list stay in view over the gap", async ({
  api,
  dashboard,
  server,
  shop,
}) => {
  const orders = Array.from({ length: 150 }, () => shop.draft());
  await sendAll(shop, orders);
  await api.settled(150);
  await dashboard.goto();
  await dashboard.dragTo(0.5);
  const seen = await dashboard.filled();

  await server.kill();
  await expect(dashboard.connection).not.toHaveText("Live");
  await server.restart();
  await dashboard.expectLive();
  // Caught up: a change made since is on the screen, another is announced.
  const read = orders.find((order) => order.id === seen[3]?.order);
  await shop.fulfil(read ?? shop.draft());
  await shop.create();
  await expect(dashboard.status(read?.id ?? "")).toHaveText("Shipped");
  await expect(dashboard.newOrders).toHaveText("1 new order");
  expect(await dashboard.seen()).toEqual(seen);
});
