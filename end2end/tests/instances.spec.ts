import { expect, test } from "../fixtures/test.ts";
import { Shop } from "../fixtures/webhooks.ts";

// One process cannot show this: it takes two, on one PostgreSQL and one Redis.
test.describe("two instances", { tag: "@postgres" }, () => {
  test("a dashboard receives the orders of the other instance live", async ({
    api,
    dashboard,
    server,
    shop,
  }) => {
    const twin = await server.twin();
    try {
      const order = await shop.create();
      await api.order(order.id);
      await dashboard.goto();

      // Whichever instance's worker gets the job, this dashboard must hear of it.
      const twinShop = new Shop(twin);
      const elsewhere = Array.from({ length: 10 }, (_, index) =>
        twinShop.draft({ id: `660000000000${index}`, name: `#2${index}` }),
      );
      await Promise.all(elsewhere.map((each) => twinShop.send("orders/create", each)));
      await expect(dashboard.rows).toHaveCount(11);

      // Saved on the other instance: there is no job that could move over.
      const response = await fetch(`${twin.url}/orders/${(await api.order(order.id)).id}`, {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ version: 1, trackingNumber: "TRACK-1" }),
      });
      expect(response.status).toBe(200);
      await expect(dashboard.row(order.id)).toContainText("TRACK-1");
    } finally {
      await twin.stop();
    }
  });
});
