import { expectAt, test } from "../fixtures/keyboard.ts";
import { expect } from "../fixtures/test.ts";

test("/ leads to the search from everywhere outside of an input; there, keys are letters", async ({
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

  const dialog = await dashboard.edit(newestFirst[1] ?? "");
  await dialog.notes.focus();
  await page.keyboard.type("n/?");
  await expect(dialog.notes).toHaveValue("n/?");
  await expect(page.getByRole("dialog")).toHaveCount(1);
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

test("n shows the new orders", async ({ dashboard, page, shop }) => {
  await dashboard.dragTo(1);
  await dashboard.filled();
  const order = await shop.create();
  await expect(dashboard.newOrders).toBeVisible();
  await page.keyboard.press("n");
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.newOrders).toBeHidden();
});

test("the list is one stop for Tab, after its headers; sorting takes Enter", async ({
  dashboard,
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
});
