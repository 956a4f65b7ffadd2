import type { Page } from "@playwright/test";
import { sendAll } from "../fixtures/large_desk.ts";
import { expect, test as base } from "../fixtures/test.ts";
import type { DashboardPage } from "../fixtures/dashboard_page.ts";

/** A live dashboard with eighty orders, newest first. */
const test = base.extend<{ newestFirst: string[] }>({
  newestFirst: async ({ api, dashboard, shop }, use) => {
    const orders = Array.from({ length: 80 }, () => shop.draft());
    await sendAll(shop, orders);
    await api.settled(80);
    await dashboard.goto();
    await use(orders.map((order) => order.id).reverse());
  },
});

/** The active row is the one, it is told so, and it can be seen. */
async function expectAt(dashboard: DashboardPage, order: string | undefined): Promise<void> {
  await expect.poll(() => dashboard.active()).toBe(order);
  await expect(dashboard.row(order ?? "")).toHaveAttribute("aria-selected", "true");
  await expect(dashboard.page.locator("[aria-selected=true]")).toHaveCount(1);
  await expect.poll(async () => (await dashboard.seen()).map((row) => row.order)).toContain(order);
}

const press = async (page: Page, key: string, times = 1): Promise<void> => {
  for (let time = 0; time < times; time += 1) {
    await page.keyboard.press(key);
  }
};

test("/ leads to the search, from wherever nobody is typing", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await page.keyboard.press("/");
  await expect(dashboard.search).toBeFocused();
  await expect(dashboard.search).toHaveValue("");
  await page.keyboard.press("/");
  await expect(dashboard.search).toHaveValue("/");

  await dashboard.search.fill("");
  await dashboard.grid.focus();
  await page.keyboard.press("/");
  await expect(dashboard.search).toBeFocused();
  expect(newestFirst.length).toBe(80);
});

test("? lists the keys, Escape closes the list and gives the focus back", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard" });
  await expect(keys).toBeVisible();
  for (const line of ["/", "↑ ↓", "Page ↑ Page ↓", "Home End", "Enter", "n", "Esc", "?"]) {
    const names = await keys.locator("dt").evaluateAll((all) =>
      all.map((dt) => [...dt.querySelectorAll("kbd")].map((key) => key.textContent).join(" ")),
    );
    expect(names).toContain(line);
  }
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expect(dashboard.grid).toBeFocused();
  await expectAt(dashboard, newestFirst[0]);
});

test("arrows, page keys, Home and End move through the orders", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  await expectAt(dashboard, newestFirst[0]);
  await press(page, "ArrowDown", 3);
  await expectAt(dashboard, newestFirst[3]);
  await press(page, "ArrowUp", 2);
  await expectAt(dashboard, newestFirst[1]);
  await press(page, "ArrowUp", 5);
  await expectAt(dashboard, newestFirst[0]);

  const whole = (await dashboard.seen()).length;
  await page.keyboard.press("PageDown");
  const after = newestFirst.indexOf((await dashboard.active()) ?? "");
  expect(after).toBeGreaterThan(whole / 2);
  expect(after).toBeLessThanOrEqual(whole);
  await page.keyboard.press("PageUp");
  await expectAt(dashboard, newestFirst[0]);

  await page.keyboard.press("End");
  await expectAt(dashboard, newestFirst[79]);
  await press(page, "ArrowDown");
  await expectAt(dashboard, newestFirst[79]);
  await page.keyboard.press("Home");
  await expectAt(dashboard, newestFirst[0]);
});

test("every row comes into view whole as the arrows reach it", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  for (const [key, at] of [["ArrowDown", 25], ["ArrowUp", 2]] as const) {
    while ((await dashboard.active()) !== newestFirst[at]) {
      await page.keyboard.press(key);
    }
    await expect
      .poll(async () => {
        const row = await dashboard.row(newestFirst[at] ?? "").boundingBox();
        const box = await dashboard.box.boundingBox();
        const head = await dashboard.grid.locator("thead").boundingBox();
        const top = (head?.y ?? 0) + (head?.height ?? 0);
        const bottom = (box?.y ?? 0) + (box?.height ?? 0);
        return row && row.y >= top - 1 && row.y + row.height <= bottom + 1;
      })
      .toBe(true);
  }
});

test("Enter opens the order, and closing it leads back to where it was in the grid", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  await press(page, "ArrowDown", 2);
  await page.keyboard.press("Enter");
  await expect(dashboard.dialog.root).toBeVisible();
  await expect(dashboard.dialog.root).toHaveAccessibleName("Order #1078");
  await page.keyboard.press("Escape");
  await dashboard.dialog.expectClosed();

  await expect(dashboard.grid).toBeFocused();
  await press(page, "ArrowDown");
  await expectAt(dashboard, newestFirst[3]);
});

test("keys are letters again while somebody types in an order", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  const dialog = await dashboard.edit(newestFirst[1] ?? "");
  await dialog.notes.focus();
  await page.keyboard.type("n/?");
  await expect(dialog.notes).toHaveValue("n/?");
  await expect(page.getByRole("dialog")).toHaveCount(1);
});

test("n shows the new orders", async ({ dashboard, newestFirst, page, shop }) => {
  await dashboard.dragTo(1);
  await dashboard.filled();
  const order = await shop.create();
  await expect(dashboard.newOrders).toBeVisible();
  await page.keyboard.press("n");
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.newOrders).toBeHidden();
  expect(newestFirst).not.toContain(order.id);
});

test("the active order stays the active one when others come before it", async ({
  dashboard,
  newestFirst,
  page,
  shop,
}) => {
  await dashboard.grid.focus();
  await press(page, "ArrowDown", 2);
  const order = await shop.create();
  // After the hands have rested.
  await expect(dashboard.row(order.id)).toBeVisible();
  await expectAt(dashboard, newestFirst[2]);
  await press(page, "ArrowDown");
  await expectAt(dashboard, newestFirst[3]);
});

test("scrolled out of sight, the active order is still where the arrows go on from", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.grid.focus();
  await press(page, "ArrowDown", 4);
  await dashboard.dragTo(1);
  // Assistive technology is never pointed at a row that is not there.
  await expect.poll(() => dashboard.active()).toBe(null);
  await press(page, "ArrowDown");
  await expectAt(dashboard, newestFirst[5]);
});

test("the list is one stop for Tab, after its headers; sorting takes Enter", async ({
  dashboard,
  newestFirst,
  page,
}) => {
  await dashboard.search.focus();
  const stops: string[] = [];
  for (let stop = 0; stop < 14; stop += 1) {
    await page.keyboard.press("Tab");
    stops.push(
      await page.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute("role") ?? element?.textContent?.trim() ?? "";
      }),
    );
  }
  expect(stops.filter((stop) => stop === "grid")).toHaveLength(1);
  expect(stops.filter((stop) => stop === "Edit")).toEqual([]);
  for (const column of ["Order", "Total", "Updated"]) {
    expect(stops).toContain(column);
  }
  await dashboard.column("Total").getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(dashboard.column("Total")).toHaveAttribute("aria-sort", "descending");
  await expect(dashboard.dialog.root).toBeHidden();
  expect(newestFirst.length).toBe(80);
});
