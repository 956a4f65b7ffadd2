import { NamesDialog } from "../fixtures/names_dialog.ts";
import { expect, test } from "../fixtures/desk.ts";

// The rules of conflicts are tested in app/src/orders/edit_machine/tests; here is what
// only browsers with a real server show.

test("two people who change the same field see each other's values, and decide", async ({
  api,
  colleague,
  dashboard,
  open,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await dialog.status.selectOption("Delivered");
  await colleague.goto();
  await new NamesDialog(colleague.page).choose("Grace");
  const theirs = await colleague.edit(order.shopifyOrderId);
  await theirs.notes.fill("theirs");
  await theirs.status.selectOption("Shipped");
  await theirs.save.click();
  await theirs.expectClosed();

  await expect(dialog.conflict).toHaveAccessibleName(/Somebody else changed the same/);
  await expect(dialog.value("Notes", "mine")).toHaveText("mine");
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  await expect(dialog.value("Status", "theirs")).toHaveText("Shipped");
  await expect(dialog.who("Notes", "mine")).toHaveText("Yours");
  await expect(dialog.who("Notes", "theirs")).toHaveText(/^Grace, (just now|\d+ s ago)$/);
  await expect(dialog.notice).toContainText("changed while you were editing");
  await dialog.keepMine("Notes").click();
  await expect(dialog.keepMine("Notes")).toHaveAttribute("aria-pressed", "true");
  await dialog.takeTheirs("Status").click();
  await expect(dialog.status).toHaveValue("SHIPPED");
  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { version: 3, status: "SHIPPED", notes: "mine" });
  await expect(dashboard.row(order.shopifyOrderId)).toHaveAttribute("data-version", "3");
});

test("a save that comes second overwrites nothing, until it is forced", async ({
  api,
  open,
  page,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  saves.overtakeNext(() => api.edit(order, { notes: "theirs" }, "Grace"));
  await dialog.save.click();
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  await expect(dialog.who("Notes", "theirs")).toHaveText(/^Grace, (just now|\d+ s ago)$/);
  await api.order(order.shopifyOrderId, { version: 2, notes: "theirs" });

  saves.overtakeNext(() => api.edit(order, { notes: "third", trackingNumber: "THIRD-1" }));
  await expect(page.locator(".conflict")).toHaveCount(1);
  await dialog.forceOverwrite.click();
  await dialog.expectClosed();
  expect(saves.sent.map((sent) => sent["version"])).toEqual([1, 2, 3]);
  // Their other fields stay as they saved them.
  await api.order(order.shopifyOrderId, {
    version: 4,
    notes: "mine",
    trackingNumber: "THIRD-1",
  });
});

test("an untouched form follows colleagues and Shopify, and names them", async ({
  api,
  open,
  shop,
}) => {
  const { dialog, order } = await open();
  await api.edit(order, { trackingNumber: "THEIRS-1" }, "Grace");
  await dialog.expectVersion(2);
  await expect(dialog.tracking).toHaveValue("THEIRS-1");
  await expect(dialog.notice).toHaveText("Just updated: Tracking number is now THEIRS-1 (Grace).");
  await expect(dialog.notice).toHaveAttribute("data-kind", "info");

  await shop.fulfil(shop.draft({ id: order.shopifyOrderId, name: order.name }));
  await expect(dialog.notice).toContainText("Status is now Shipped (Shopify)");
  await expect(dialog.status).toHaveValue("SHIPPED");
  await expect(dialog.save).toBeDisabled();
});

test("Save leads to the conflict, and the focus stays in the form when it disappears", async ({
  api,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await api.edit(order, { notes: "theirs" });
  await expect(dialog.conflict).toBeVisible();
  await dialog.save.click();
  await expect(dialog.notice).toContainText("Choose below");
  await expect(dialog.conflict).toBeFocused();
  expect(saves.sent).toEqual([]);

  await dialog.refresh.click();
  await expect(dialog.conflict).toBeHidden();
  await expect(dialog.notes).toHaveValue("theirs");
  await expect(dialog.root.locator("form :focus")).toHaveCount(1);
  await dialog.bringBack.click();
  await expect(dialog.bringBack).toBeHidden();
  await expect(dialog.notes).toHaveValue("mine");
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  await expect(dialog.root.locator("form :focus")).toHaveCount(1);
});

test("no keystroke is lost while the order changes again and again", async ({ api, open }) => {
  const { dialog, order } = await open();
  const sentence = "Left with the neighbour, who was not at home.";
  await dialog.notes.press(sentence[0] as string);

  let changes = 0;
  const typing = dialog.notes.pressSequentially(sentence.slice(1), { delay: 25 });
  const done = typing.then(() => true);
  while (!(await Promise.race([done, Promise.resolve(false)]))) {
    changes += 1;
    const notes = changes % 2 === 0 ? { notes: `theirs ${changes}` } : {};
    await api.edit(order, { trackingNumber: `THEIRS-${changes}`, ...notes });
  }

  expect(changes).toBeGreaterThan(3);
  await expect(dialog.tracking).toHaveValue(`THEIRS-${changes}`);
  await expect(dialog.notes).toHaveValue(sentence);
  await expect(dialog.notes).toBeFocused();
  await expect(dialog.value("Notes", "mine")).toHaveText(sentence);
});

test("typing goes on in the middle of a word", async ({ api, open, page }) => {
  const { dialog, order } = await open({ notes: "abef" });
  await dialog.notes.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("-");
  await page.keyboard.press("ArrowRight");
  await api.edit(order, { notes: "theirs", status: "SHIPPED" });
  await expect(dialog.conflict).toBeVisible();

  await page.keyboard.type("cd");
  await expect(dialog.notes).toHaveValue("a-bcdef");
});
