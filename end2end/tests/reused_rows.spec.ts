import { test } from "../fixtures/large_desk.ts";
import { expect } from "../fixtures/test.ts";
import { type DashboardPage, ROW_HEIGHT } from "../fixtures/dashboard_page.ts";

/** Turns the wheel, notch by notch, and waits until it got there. */
async function turnWheel(dashboard: DashboardPage, rows: number): Promise<void> {
  await dashboard.point();
  for (let turn = 1; turn <= rows / 5; turn += 1) {
    await dashboard.page.mouse.wheel(0, 5 * ROW_HEIGHT);
    await expect.poll(async () => (await dashboard.seen())[0]?.place).toBe(turn * 5);
  }
}

test("scrolling neither creates nor removes rows", async ({ dashboard }) => {
  await dashboard.goto();
  await dashboard.filled();
  const before = await dashboard.drawn.evaluateAll((rows) => {
    rows.forEach((row) => row.setAttribute("data-seen-before", ""));
    return rows.length;
  });
  await turnWheel(dashboard, 100);
  await dashboard.filled();
  const after = await dashboard.drawn.evaluateAll((rows) =>
    rows.map((row) => row.hasAttribute("data-seen-before")),
  );
  expect(after).toEqual(Array.from({ length: before }, () => true));
});

test("after scrolling, rows are in the document in the order of the screen", async ({
  dashboard,
}) => {
  const places = (): Promise<number[]> =>
    dashboard.drawn.evaluateAll((rows) =>
      rows.map((row) => Number(row.getAttribute("aria-rowindex"))),
    );
  const isSorted = (numbers: number[]): boolean =>
    numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? NaN) + 1);

  await dashboard.goto();
  await dashboard.filled();
  await turnWheel(dashboard, 30);
  await expect.poll(async () => isSorted(await places())).toBe(true);
  // Not because nothing moved.
  expect((await places())[0]).toBeGreaterThan(2);
});

test("a button that scrolls out of sight with the focus leaves it to the table", async ({
  dashboard,
  page,
}) => {
  await dashboard.goto();
  const [first] = await dashboard.filled();
  const edit = dashboard.editButton(first?.order ?? "");
  await edit.focus();
  await expect(edit).toBeFocused();
  await turnWheel(dashboard, 100);
  await expect(dashboard.grid).toBeFocused();
  // The wheel was not undone by the focus.
  expect((await dashboard.seen())[0]?.place).toBe(100);
  await page.keyboard.press("ArrowDown");
  await expect(dashboard.grid).toBeFocused();
});
