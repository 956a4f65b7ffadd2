import { ROW_HEIGHT } from "../fixtures/dashboard_page.ts";
import { nextFrames, watchShifts } from "../fixtures/probes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Api } from "../fixtures/api.ts";
import type { Shop, ShopOrder } from "../fixtures/webhooks.ts";

/** What Google calls good is 0.1; a list people click in needs better. */
const STEADY = 0.02;

const LONG: Partial<ShopOrder> = {
  name: "#1234567890-WHOLESALE-EUROPE",
  total_price: "12345678.90",
  customer: {
    first_name: "Maximiliana-Theodora",
    last_name: "von Hohenstein-Sonnenberg-Wittgenstein",
    email: "maximiliana.theodora.von.hohenstein@a-rather-long-domain.example",
  },
};

/** More orders than fit the screen. */
async function fill(shop: Shop, api: Api): Promise<ShopOrder[]> {
  const orders = Array.from({ length: 30 }, () => shop.draft());
  await Promise.all(orders.map((order) => shop.send("orders/create", order)));
  await api.settled(30);
  return orders;
}

test("on a phone nothing overflows sideways and the Edit button is in reach", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const order = await shop.create(LONG);
  await api.edit(await api.order(order.id), { trackingNumber: "1Z".repeat(40) });
  await dashboard.goto();

  const widths = (): Promise<{ page: number; screen: number }> =>
    page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      screen: document.documentElement.clientWidth,
    }));
  const { page: width, screen } = await widths();
  expect(width).toBeLessThanOrEqual(screen);

  const button = dashboard.editButton(order.id);
  await button.scrollIntoViewIfNeeded();
  await expect(button).toBeInViewport({ ratio: 1 });
  const dialog = await dashboard.edit(order.id);
  await expect(dialog.save).toBeInViewport({ ratio: 1 });
  expect((await widths()).page).toBeLessThanOrEqual(screen);
});

test(`on a desktop every row is ${ROW_HEIGHT} px tall, whatever is in it`, async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const long = await shop.create(LONG);
  await api.edit(await api.order(long.id), { trackingNumber: "1Z".repeat(40) });
  await shop.create({ customer: { first_name: "", last_name: "", email: "" } });
  await shop.create();
  await api.settled(3);
  await dashboard.goto();
  await expect(dashboard.rows).toHaveCount(3);

  const heights = await dashboard.rows.evaluateAll((rows) =>
    rows.map((row) => row.getBoundingClientRect().height),
  );
  expect(heights).toEqual([ROW_HEIGHT, ROW_HEIGHT, ROW_HEIGHT]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
});

for (const [device, size] of Object.entries({
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
})) {
  test.describe(`on a ${device}`, () => {
    test.use({ viewport: size });

    test("loading, a changed row and an order below the fold shift nothing", async ({
      api,
      dashboard,
      page,
      shop,
    }) => {
      const orders = await fill(shop, api);
      const shifts = await watchShifts(page);
      await dashboard.goto();
      await dashboard.filled();
      expect(await shifts(), "loading").toBeLessThan(STEADY);

      const first = orders.at(-1) as ShopOrder;
      await shop.update(first, { ...LONG, name: first.name, fulfillment_status: "fulfilled" });
      await expect(dashboard.status(first.id)).toHaveText("Shipped");
      expect(await shifts(), "a changed row").toBeLessThan(STEADY);

      const oldest = await shop.create({
        created_at: new Date(Date.parse(orders[0]?.created_at ?? "") - 60_000).toISOString(),
      });
      await expect(dashboard.count).toHaveText("31");
      expect(await shifts(), "an order below the fold").toBeLessThan(STEADY);
      await dashboard.dragTo(1);
      await expect(dashboard.row(oldest.id)).toBeInViewport();
    });

    test("a row being read stays where it is when a newer order arrives", async ({
      api,
      dashboard,
      page,
      shop,
    }) => {
      await fill(shop, api);
      await dashboard.goto();
      await dashboard.dragTo(0.6);
      const seen = await dashboard.filled();
      const read = dashboard.row(seen[2]?.order ?? "");
      const before = await read.boundingBox();

      const newer = await shop.create();
      await expect(dashboard.stat("Total orders")).toHaveText("31");
      await api.order(newer.id);
      await nextFrames(page);

      const after = await read.boundingBox();
      expect(Math.abs((after?.y ?? NaN) - (before?.y ?? NaN))).toBeLessThan(2);
    });
  });
}
