import { expect, test as base } from "../fixtures/deliveries.ts";
import { intercept } from "../fixtures/intercept.ts";
import { ShopsDialog } from "../fixtures/shops_dialog.ts";
import { Shop, SHOP } from "../fixtures/webhooks.ts";

const GLOBEX = "globex.myshopify.com";

/** The longest name a shop can have. */
const LONGEST = `${"a".repeat(63)}.myshopify.com`;

const test = base.extend<{
  shops: ShopsDialog;
  /** A second shop. */
  globex: Shop;
}>({
  shops: async ({ page }, use) => use(new ShopsDialog(page)),
  globex: async ({ server }, use) => use(new Shop(server, GLOBEX)),
});

test("a shop that sent a webhook is listed, and is gone with its orders after it was removed", async ({
  api,
  deliveries,
  globex,
  page,
  shop,
  shops,
}) => {
  const kept = await shop.create();
  await globex.create({ id: "5600000000001", name: "#2001" });
  await api.settled(2);
  await deliveries.goto();
  await shops.open();
  await expect(shops.names).toHaveText([SHOP, GLOBEX]);

  await shops.remove(GLOBEX).click();
  await expect(shops.question).toContainText(`Remove ${GLOBEX}? Its orders, their history`);
  await expect(shops.keep).toBeFocused();
  await shops.confirm.click();
  await expect(page.getByText(`${GLOBEX} is being removed`)).toBeVisible();
  await expect(shops.names).toHaveText([SHOP]);
  await expect(shops.close).toBeFocused();

  await api.settled(1);
  expect((await api.orders()).data.map((order) => order.name)).toEqual([kept.name]);
  await page.keyboard.press("Escape");
  await expect(shops.root).toBeHidden();
  const removal = deliveries.rows.filter({ hasText: "shop/redact" });
  await expect(removal.locator(".cell--shop")).toHaveText([GLOBEX]);
  await shops.open();
  await expect(shops.names).toHaveText([SHOP]);
});

test("a list of shops is empty before the first webhook, and loads again when it did not load", async ({
  api,
  deliveries,
  page,
  shop,
  shops,
}) => {
  await deliveries.goto();
  await shops.open();
  await expect(shops.root.getByRole("status")).toHaveText("No shop has sent a webhook yet.");
  await page.keyboard.press("Escape");
  await shop.create();
  await api.settled(1);
  await intercept(page, /\/shops$/, (route) => route.abort(), { times: 1 });
  await shops.open();
  await expect(shops.root.getByRole("status")).toContainText("The list did not load");
  await expect(shops.again).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(shops.names).toHaveText([SHOP]);
  await expect(shops.root.getByRole("status")).toBeEmpty();
  await expect(shops.again).toHaveCount(0);
});

test("a shop that could not be removed stays, with the reason, and Escape leaves step by step", async ({
  api,
  deliveries,
  page,
  shop,
  shops,
}) => {
  await shop.create();
  await api.settled(1);
  await deliveries.goto();
  await shops.open();
  await shops.remove(SHOP).click();
  const problem = { type: "/problems/busy", title: "Busy", status: 503, detail: "not just now" };
  await intercept(
    page,
    /\/shops\/acme/,
    (route) => route.fulfill({ status: 503, json: problem }),
    { times: 1 },
  );
  await shops.confirm.click();
  await expect(page.getByText(`${SHOP} was not removed. Busy: not just now.`)).toBeVisible();
  await expect(shops.keep).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(shops.names).toHaveText([SHOP]);
  await expect(shops.remove(SHOP)).toBeFocused();
  expect((await api.orders()).total).toBe(1);

  // The first Escape closes the question, the second one the dialog.
  await page.keyboard.press("Enter");
  await expect(shops.keep).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(shops.question).toHaveCount(0);
  await expect(shops.remove(SHOP)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(shops.root).toBeHidden();
  await expect(shops.button).toBeFocused();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the shops are in reach, and the longest name fits the screen", async ({
    api,
    deliveries,
    page,
    server,
    shops,
  }) => {
    await new Shop(server, LONGEST).create();
    await api.settled(1);
    await deliveries.goto();
    const overflow = (): Promise<number> =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
    await expect(shops.button).toBeInViewport({ ratio: 1 });
    expect(await overflow()).toBeLessThanOrEqual(0);

    await shops.open();
    await expect(shops.names).toHaveText([LONGEST]);
    await expect(shops.remove(LONGEST)).toBeInViewport({ ratio: 1 });
    await shops.remove(LONGEST).click();
    await expect(shops.confirm).toBeInViewport({ ratio: 1 });
    expect(await shops.root.evaluate((root) => root.scrollWidth - root.clientWidth)).toBe(0);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});
