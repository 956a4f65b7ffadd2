import { sendAll } from "../fixtures/large_desk.ts";
import { holdFrames, watchRequests, watchRows } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop, ShopOrder } from "../fixtures/webhooks.ts";

async function fill(shop: Shop, api: Api): Promise<ShopOrder[]> {
  const orders = Array.from({ length: 100 }, () => shop.draft());
  await sendAll(shop, orders);
  await api.settled(100);
  return orders;
}

test("a burst of 500 changes patches rows: none is added, none removed, nothing is asked for", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const orders = await fill(shop, api);
  await dashboard.goto();
  const elements = await dashboard.rows.elementHandles();
  const moves = await watchRows(page.locator("tbody"));
  const requests = watchRequests(page);

  let latest = orders;
  for (let round = 1; round <= 5; round += 1) {
    latest = latest.map((order) => ({ ...order, total_price: `${round}.50` }));
    for (let sent = 0; sent < latest.length; sent += 25) {
      const some = latest.slice(sent, sent + 25);
      latest.splice(sent, 25, ...(await Promise.all(some.map((it) => shop.update(it, {})))));
    }
  }
  for (const { id } of latest.slice(-10)) {
    await expect(dashboard.row(id).locator(".cell--total")).toHaveText("$5.50");
  }

  expect(await moves()).toBe(0);
  expect(requests.lists).toEqual([]);
  expect(requests.changes).toEqual([]);
  for (const element of elements) {
    expect(await element.evaluate((row) => row.isConnected)).toBe(true);
  }
});

test("what arrives between two frames is drawn with the next one, all at once", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const orders = (await fill(shop, api)).slice(-5);
  const frames = await holdFrames(page);
  const last = orders[4]?.id ?? "";
  let heard = 0;
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      heard += payload.toString().split('"status":"SHIPPED"').length - 1;
    }),
  );
  await dashboard.goto();
  const shipped = page.locator('tr[data-status="SHIPPED"]');

  await frames.hold();
  for (const order of orders) {
    await shop.fulfil(order);
  }
  await expect.poll(() => heard).toBe(5);
  expect(await shipped.count()).toBe(0);
  await frames.release();
  await expect(dashboard.status(last)).toHaveText("Shipped");
  expect(await shipped.count()).toBe(5);
});

test("an older version that arrives late changes nothing", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const order = await shop.create();
  const first = await api.order(order.id);
  const other = await api.order((await shop.create()).id);
  let say = (_: string): void => undefined;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    socket.connectToServer();
    say = (text) => socket.send(text);
  });
  await dashboard.goto();
  await shop.fulfil(order);
  await expect(dashboard.row(order.id)).toHaveAttribute("data-version", "2");

  // The second one shows that the first was looked at.
  const news = [
    { ...first, status: "CANCELLED" },
    { ...other, version: 2, trackingNumber: "BESIDE-IT" },
  ];
  say(`42/sync,["ORDERS_SYNCED",${JSON.stringify(news)}]`);
  await expect(dashboard.row(other.shopifyOrderId)).toContainText("BESIDE-IT");
  await expect(dashboard.status(order.id)).toHaveText("Shipped");
  await expect(dashboard.row(order.id)).toHaveAttribute("data-version", "2");
});

test("a change received twice flashes once", async ({ api, dashboard, page, shop }) => {
  const order = await shop.create();
  const first = await api.order(order.id);
  let say = (_: string): void => undefined;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    socket.connectToServer();
    say = (text) => socket.send(text);
  });
  await page.clock.install();
  await dashboard.goto();
  const cell = dashboard.row(order.id).locator(".cell--tracking");
  const changed = JSON.stringify([{ ...first, version: 2, trackingNumber: "ONCE" }]);
  say(`42/sync,["ORDERS_SYNCED",${changed}]`);
  await expect(cell).toHaveClass(/cell--flash/);
  await page.clock.runFor(1_500);
  await expect(cell).not.toHaveClass(/cell--flash/);
  say(`42/sync,["ORDERS_SYNCED",${changed}]`);
  await page.clock.runFor(100);
  await expect(cell).not.toHaveClass(/cell--flash/);
});

test("how long ago an order changed is kept up to date, second by second", async ({
  api,
  dashboard,
  shop,
}) => {
  const order = await shop.create();
  await api.edit(await api.order(order.id), { notes: "just now" });
  await dashboard.goto();
  const age = dashboard.row(order.id).locator(".cell--updated");
  await expect(age).toHaveText(/^\d+ s ago$/);
  const before = (await age.textContent()) ?? "";
  await expect(age).not.toHaveText(before);
});
