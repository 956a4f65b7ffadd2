import { expect, test } from "../fixtures/test.ts";

test.use({ isolated: false });

test("the skip link is the first stop and leads to the orders", async ({ dashboard, page }) => {
  await dashboard.goto();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to orders" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();

  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
});

test("Tab reaches the list, Enter opens an order with the focus in its first field", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const orders = [await shop.create(), await shop.create(), await shop.create()];
  await Promise.all(orders.map((order) => api.order(order.id)));
  await dashboard.goto();
  // The page has fewer stops than this.
  for (let stop = 0; stop < 30; stop += 1) {
    await page.keyboard.press("Tab");
    if (await dashboard.grid.evaluate((grid) => grid === document.activeElement)) {
      break;
    }
  }
  await expect(dashboard.grid).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(dashboard.dialog.root).toHaveAccessibleName(`Order ${orders[1]?.name}`);
  await expect(dashboard.dialog.status).toBeFocused();
});

test("after a click on Edit or a double click, and closing, the focus is in the list again", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  for (const how of ["a click on Edit", "a double click"] as const) {
    if (how === "a double click") {
      await dashboard.row(order.id).locator(".cell--customer").dblclick();
      await expect(dashboard.dialog.root).toBeVisible();
    } else {
      await dashboard.edit(order.id);
    }
    await page.keyboard.press("Escape");
    await dashboard.dialog.expectClosed();
    expect(
      await dashboard.box.evaluate((box) => box.contains(document.activeElement)),
      how,
    ).toBe(true);
  }
});

test("the dialog keeps the focus inside", async ({ api, dashboard, page, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const dialog = await dashboard.edit(order.id);
  for (let stop = 0; stop < 14; stop += 1) {
    await page.keyboard.press("Tab");
    // Between the last stop and the first, the browser's own controls have it.
    const where = await dialog.root.evaluate((root) => {
      const active = document.activeElement;
      return active === document.body || root.contains(active) ? "inside" : active?.outerHTML;
    });
    expect(where).toBe("inside");
  }
});

test("whatever has the focus can be seen to have it", async ({ api, dashboard, page, shop }) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto();
  const unseen = new Set<string>();
  for (let stop = 0; stop < 22; stop += 1) {
    await page.keyboard.press("Tab");
    const plain = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) {
        return undefined;
      }
      // The grid shows it on the row it stands on.
      const shown = element.matches("table") ? document.querySelector(".row--active") : element;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown ?? element);
      const ring = outlineStyle !== "none" && outlineWidth !== "0px";
      return ring || boxShadow !== "none" ? undefined : element.outerHTML.slice(0, 80);
    });
    if (plain !== undefined) {
      unseen.add(plain);
    }
  }
  expect([...unseen]).toEqual([]);
});
