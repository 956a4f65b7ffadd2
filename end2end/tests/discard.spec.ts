import { expect, type Opened, test as base } from "../fixtures/desk.ts";

/** Something is typed and not saved. */
const test = base.extend<{ typed: Opened }>({
  typed: async ({ open }, use) => {
    const opened = await open();
    await opened.dialog.notes.fill("half a sentence");
    await use(opened);
  },
});

for (const way of ["Escape", "Cancel", "Close"] as const) {
  test(`${way} asks before what is typed goes`, async ({
    api,
    dashboard,
    page,
    saves,
    typed,
  }) => {
    const { dialog, order } = typed;
    const leave = (): Promise<void> =>
      way === "Escape"
        ? page.keyboard.press("Escape")
        : dialog.root.getByRole("button", { name: way, exact: true }).click();
    await leave();
    await expect(dialog.question).toBeVisible();
    await expect(dialog.notes).toHaveValue("half a sentence");
    await dialog.keepEditing.click();
    await expect(dialog.question).toBeHidden();
    await expect(dialog.notes).toHaveValue("half a sentence");

    await dialog.notes.focus();
    await leave();
    await dialog.discard.click();
    await dialog.expectClosed();
    await expect(dashboard.editButton(order.shopifyOrderId)).toBeFocused();
    expect(saves.sent).toEqual([]);
    expect(await api.order(order.shopifyOrderId)).toMatchObject({ version: 1, notes: null });
    // Opened again, it starts from the order, not from what was given up.
    await dashboard.edit(order.shopifyOrderId);
    await expect(dialog.notes).toHaveValue("");
  });
}

test("Escape pressed again stays", async ({ page, typed }) => {
  const { dialog } = typed;
  await page.keyboard.press("Escape");
  await expect(dialog.question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog.question).toBeHidden();
  await expect(dialog.root).toBeVisible();
  await expect(dialog.notes).toHaveValue("half a sentence");
  await expect(dialog.notes).toBeFocused();

  // However often: the browser closes a dialog by itself when Escape insists.
  for (let times = 0; times < 8; times += 1) {
    await page.keyboard.press("Escape");
  }
  await expect(dialog.notes).toHaveValue("half a sentence");
});

test("Escape asks even when nothing in the dialog has the focus", async ({ page, typed }) => {
  const { dialog } = typed;
  for (let times = 0; times < 4; times += 1) {
    // As when the button that had it was taken away.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("Escape");
    await expect(dialog.question).toBeVisible({ visible: times % 2 === 0 });
  }
  await expect(dialog.notes).toHaveValue("half a sentence");
});

test("the question can be answered without a mouse", async ({ page, typed }) => {
  const { dialog } = typed;
  await page.keyboard.press("Escape");
  await expect(dialog.question).toBeVisible();
  for (let stops = 0; stops < 12; stops += 1) {
    if (await dialog.discard.evaluate((button) => button === document.activeElement)) {
      break;
    }
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await dialog.expectClosed();
});

test("after Keep editing the keys go on working", async ({ api, page, typed }) => {
  const { dialog, order } = typed;
  await page.keyboard.press("Escape");
  await dialog.keepEditing.click();
  await page.keyboard.press("Control+Enter");
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { notes: "half a sentence" });
});

test("the question goes when there is nothing left to discard", async ({ page, typed }) => {
  const { dialog } = typed;
  await page.keyboard.press("Escape");
  await expect(dialog.question).toBeVisible();
  await dialog.notes.fill("");
  await expect(dialog.question).toBeHidden();
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

test("the browser asks before a page with unsaved changes is left", async ({ page, typed }) => {
  const asked = page.waitForEvent("dialog");
  const leaving = page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await leaving;
  await expect(typed.dialog.notes).toHaveValue("half a sentence");
});

test("the browser does not ask when everything is saved", async ({ page, typed }) => {
  const { dialog } = typed;
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
