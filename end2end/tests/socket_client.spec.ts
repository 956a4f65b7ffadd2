import { Listener } from "../fixtures/socket.ts";
import { expect, test as base } from "../fixtures/test.ts";

/** Connects clients, and disconnects them before the server stops. */
const test = base.extend<{ connect: (auth?: Record<string, unknown>) => Promise<Listener> }>({
  connect: async ({ server }, use) => {
    const listeners: Listener[] = [];
    await use(async (auth) => {
      const listener = await Listener.connect(server, auth);
      listeners.push(listener);
      return listener;
    });
    listeners.forEach((listener) => listener.close());
  },
});

test.describe("the official Socket.IO client", { tag: "@both" }, () => {
  test("gets one ORDER_SYNCED with one order for every change", async ({ api, connect, shop }) => {
    const listener = await connect();

    const order = await shop.create();
    await expect.poll(() => listener.frames.length).toBe(1);
    await shop.fulfil(order);
    await expect.poll(() => listener.frames.length).toBe(2);
    const edited = await api.edit(await api.order(order.id), { trackingNumber: "TRACK-1" });
    await expect.poll(() => listener.frames.length).toBe(3);

    expect(listener.frames.map((frame) => [frame.event, frame.extra])).toEqual(
      Array(3).fill(["ORDER_SYNCED", 0]),
    );
    expect(listener.orders()).toMatchObject([
      { shopifyOrderId: order.id, status: "CONFIRMED", version: 1 },
      { shopifyOrderId: order.id, status: "SHIPPED", version: 2 },
      { shopifyOrderId: order.id, trackingNumber: "TRACK-1", version: 3 },
    ]);
    // On the socket as over REST, field by field.
    expect(listener.orders()[2]).toEqual(edited);
  });

  test("receives nothing for a webhook that changes nothing", async ({ connect, shop }) => {
    const listener = await connect();
    const order = await shop.create();
    await expect.poll(() => listener.frames.length).toBe(1);

    await shop.send("orders/updated", order);
    await shop.fulfil(order);

    await expect.poll(() => listener.orders().at(-1)?.status).toBe("SHIPPED");
    expect(listener.orders().map((heard) => heard.version)).toEqual([1, 2]);
  });

  test("gets ORDERS_SYNCED with a list when it asks for batches", async ({ connect, shop }) => {
    const listener = await connect({ batch: true });

    const order = await shop.create();

    await expect.poll(() => listener.frames.length).toBeGreaterThan(0);
    expect(listener.frames).toEqual([
      {
        event: "ORDERS_SYNCED",
        data: [expect.objectContaining({ shopifyOrderId: order.id, version: 1 })],
        extra: 0,
      },
    ]);
  });

  test("gets a burst of 200 changes in far fewer batches, newest versions last", async ({
    connect,
    shop,
  }) => {
    const batched = await connect({ batch: true });
    const single = await connect();
    const orders = Array.from({ length: 100 }, () => shop.draft());

    await Promise.all(orders.map((order) => shop.send("orders/create", order)));
    await Promise.all(orders.map((order) => shop.fulfil(order)));

    const shipped = (listener: Listener): number =>
      new Set(
        listener
          .orders()
          .filter((order) => order.status === "SHIPPED")
          .map((order) => order.shopifyOrderId),
      ).size;
    await expect.poll(() => shipped(batched), { timeout: 20_000 }).toBe(100);
    await expect.poll(() => shipped(single), { timeout: 20_000 }).toBe(100);
    const changes = single.frames.length;
    expect(changes).toBeGreaterThanOrEqual(100);
    expect(batched.frames.length).toBeLessThan(changes / 2);
    for (const { data } of batched.frames) {
      const ids = (data as { id: string }[]).map((order) => order.id);
      expect(new Set(ids).size, "an order is in a frame once").toBe(ids.length);
    }
    // Never back in time.
    const seen = new Map<string, number>();
    for (const { id, version } of batched.orders()) {
      expect(version).toBeGreaterThan(seen.get(id) ?? 0);
      seen.set(id, version);
    }
  });

  test("gets Shopify's largest ids digit by digit", async ({ api, connect, shop }) => {
    const listener = await connect();
    const ids = ["9007199254740993", "820982911946154508", "9223372036854775807"];
    for (const id of ids) {
      await shop.create({ id });
      await api.order(id);
    }
    await expect.poll(() => listener.frames.length).toBe(3);
    expect(listener.orders().map((order) => order.shopifyOrderId)).toEqual(ids);
  });
});
