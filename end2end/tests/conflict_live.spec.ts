import { expect, test } from "../fixtures/desk.ts";

// The order changes while somebody has it open.

test("an untouched form follows, and says what changed and who did it", async ({
  api,
  open,
}) => {
  const { dialog, order } = await open();

  await api.edit(order, { status: "SHIPPED", trackingNumber: "THEIRS-1" }, "Grace");

  await dialog.expectVersion(2);
  await expect(dialog.status).toHaveValue("SHIPPED");
  await expect(dialog.tracking).toHaveValue("THEIRS-1");
  await expect(dialog.notice).toContainText("Status is now Shipped (Grace)");
  await expect(dialog.notice).toContainText("Tracking number is now THEIRS-1 (Grace)");
  await expect(dialog.conflict).toBeHidden();
  await expect(dialog.save).toBeDisabled();
});

test("an untouched form follows Shopify", async ({ api, open, shop }) => {
  const { dialog, order } = await open();
  await shop.fulfil(shop.draft({ id: order.shopifyOrderId, name: order.name }));

  await expect(dialog.notice).toContainText("Status is now Shipped (Shopify)");
  await expect(dialog.status).toHaveValue("SHIPPED");
  await api.order(order.shopifyOrderId, { version: 2 });
});

test("other fields are merged with a quiet note, and what is typed stays", async ({
  api,
  open,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("half a sentence");

  await api.edit(order, { status: "SHIPPED" }, "Grace");

  await expect(dialog.notice).toHaveText(
    "Just updated: Status is now Shipped (Grace). Your changes are kept.",
  );
  await expect(dialog.notice).toHaveAttribute("data-kind", "info");
  await expect(dialog.status).toHaveValue("SHIPPED");
  await expect(dialog.notes).toHaveValue("half a sentence");
  await expect(dialog.conflict).toBeHidden();

  await dialog.save.click();
  await dialog.expectClosed();
  await api.order(order.shopifyOrderId, { status: "SHIPPED", notes: "half a sentence" });
});

test("the same field asks: both values, who, and when, before anything is saved", async ({
  api,
  open,
  saves,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");

  await api.edit(order, { notes: "theirs" }, "Grace");

  await expect(dialog.conflict).toHaveAccessibleName(/Somebody else changed the same/);
  await expect(dialog.value("Notes", "mine")).toHaveText("mine");
  await expect(dialog.value("Notes", "theirs")).toHaveText("theirs");
  await expect(dialog.who("Notes", "theirs")).toContainText("Grace, ");
  await expect(dialog.notice).toContainText("Notes changed while you were editing");
  await expect(dialog.notes).toHaveValue("mine");
  expect(saves.sent).toEqual([]);
});

test("no keystroke is lost while the order changes again and again", async ({ api, open }) => {
  const { dialog, order } = await open();
  const sentence = "Left with the neighbour, who was not at home either.";
  await dialog.notes.press(sentence[0] as string);

  let changes = 0;
  const typing = dialog.notes.pressSequentially(sentence.slice(1), { delay: 40 });
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

test("a newer change of the same field shows up in the same panel", async ({
  api,
  open,
  page,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await api.edit(order, { notes: "second" }, "Grace");
  await expect(dialog.value("Notes", "theirs")).toHaveText("second");
  await dialog.keepMine("Notes").click();

  await api.edit(order, { notes: "third" }, "Edsger");

  await expect(dialog.value("Notes", "theirs")).toHaveText("third");
  await expect(dialog.who("Notes", "theirs")).toContainText("Edsger");
  await expect(dialog.conflictRow("Notes")).toHaveAttribute("data-choice", "open");
  await expect(page.locator(".conflict")).toHaveCount(1);
  await expect(dialog.notes).toHaveValue("mine");
});

test("a decision stands while other fields change", async ({ api, open }) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await api.edit(order, { notes: "theirs" });
  await dialog.keepMine("Notes").click();

  await api.edit(order, { trackingNumber: "THEIRS-1" });

  await dialog.expectVersion(3);
  await expect(dialog.conflictRow("Notes")).toHaveAttribute("data-choice", "mine");
});

test("typing what they have, or they saving what was typed, ends the conflict", async ({
  api,
  open,
}) => {
  const { dialog, order } = await open();
  await dialog.notes.fill("mine");
  await api.edit(order, { notes: "theirs" });
  await expect(dialog.conflict).toBeVisible();
  await dialog.notes.fill("theirs");
  await expect(dialog.conflict).toBeHidden();
  await expect(dialog.dirty).toHaveText("");

  await dialog.notes.fill("mine again");
  await api.edit(order, { notes: "theirs again" });
  await expect(dialog.conflict).toBeVisible();
  await api.edit(order, { notes: "mine again" });
  await expect(dialog.conflict).toBeHidden();
  await expect(dialog.dirty).toHaveText("");
});
