import { expect, type Opened, test as base } from "../fixtures/desk.ts";

/** Text is typed and not saved. */
const test = base.extend<{ typed: Opened }>({
  typed: async ({ open }, use) => {
    const opened = await open();
    await opened.dialog.notes.fill("half a sentence");
    await use(opened);
  },
});

const WAYS = ["Escape", "Cancel", "Close"] as const;

base("every way closes an untouched form at once, and gives the focus back", async ({
  dashboard,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  for (const way of WAYS) {
    await (way === "Escape"
      ? page.keyboard.press("Escape")
      : dialog.root.getByRole("button", { name: way, exact: true }).click());
    await dialog.expectClosed();
    await expect(dashboard.editButton(order.shopifyOrderId)).toBeFocused();
    await dashboard.edit(order.shopifyOrderId);
  }
  expect(saves.sent).toEqual([]);
});

test("every way asks before typed text is discarded", async ({
  api,
  dashboard,
  page,
  saves,
  typed,
}) => {
  const { dialog, order } = typed;
  for (const way of WAYS) {
    const leave = (): Promise<void> =>
      way === "Escape"
        ? page.keyboard.press("Escape")
        : dialog.root.getByRole("button", { name: way, exact: true }).click();
    await dialog.notes.fill("half a sentence");
    await leave();
    await expect(dialog.question).toBeVisible();
    await dialog.keepEditing.click();
    await expect(dialog.question).toBeHidden();
    await expect(dialog.notes).toHaveValue("half a sentence");

    await dialog.notes.focus();
    await leave();
    await dialog.discard.click();
    await dialog.expectClosed();
    await expect(dashboard.editButton(order.shopifyOrderId)).toBeFocused();
    // Opened again, the form starts from the order.
    await dashboard.edit(order.shopifyOrderId);
    await expect(dialog.notes).toHaveValue("");
  }
  expect(saves.sent).toEqual([]);
  expect(await api.order(order.shopifyOrderId)).toMatchObject({ version: 1, notes: null });
});

test("Escape pressed again keeps the form open, at every repetition and from every focus", async ({
  page,
  typed,
}) => {
  const { dialog } = typed;
  await page.keyboard.press("Escape");
  await expect(dialog.question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog.question).toBeHidden();
  await expect(dialog.notes).toBeFocused();
  // The browser closes a dialog by itself when Escape is pressed repeatedly.
  for (let times = 0; times < 8; times += 1) {
    await page.keyboard.press("Escape");
  }
  await expect(dialog.question).toBeHidden();
  for (let times = 0; times < 4; times += 1) {
    // As when the button with the focus was removed.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("Escape");
    await expect(dialog.question).toBeVisible({ visible: times % 2 === 0 });
  }
  await expect(dialog.notes).toHaveValue("half a sentence");
});

test("the question is answered by keyboard, and the keys go on working", async ({
  api,
  dashboard,
  page,
  typed,
}) => {
  const { dialog, order } = typed;
  await page.keyboard.press("Escape");
  await expect(dialog.keepEditing).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.notes).toBeFocused();
  await page.keyboard.press("Control+Enter");
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { notes: "half a sentence" });

  await dashboard.edit(order.shopifyOrderId);
  await dialog.notes.fill("another one");
  await page.keyboard.press("Escape");
  await expect(dialog.keepEditing).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(dialog.discard).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.expectClosed();
});

test("a save that fails after the form was discarded leaves nothing behind", async ({
  api,
  dashboard,
  page,
  saves,
  typed,
}) => {
  const { dialog, order } = typed;
  const row = dashboard.row(order.shopifyOrderId);
  await dialog.status.selectOption("Shipped");
  saves.loseNext(async () => {
    await page.keyboard.press("Escape");
    await dialog.discard.click();
    await dialog.expectClosed();
  });
  const failed = page.waitForEvent("requestfailed", (request) => request.method() === "PUT");
  await dialog.save.click();
  await failed;

  await expect(row).not.toHaveClass(/row--saving/);
  await expect(dashboard.status(order.shopifyOrderId)).toHaveText("Confirmed");
  await api.order(order.shopifyOrderId, { version: 1 });
});

test("the browser asks before a page with unsaved changes is left, and only then", async ({
  page,
  typed,
}) => {
  const { dialog } = typed;
  const asked = page.waitForEvent("dialog");
  const leaving = page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await leaving;
  await expect(dialog.notes).toHaveValue("half a sentence");

  await dialog.save.click();
  await dialog.expectClosed();
  let questions = 0;
  page.on("dialog", (dialog) => {
    questions += 1;
    void dialog.accept();
  });
  const closed = page.waitForEvent("close");
  await page.close({ runBeforeUnload: true });
  await closed;
  expect(questions).toBe(0);
});
