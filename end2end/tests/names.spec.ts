import { NamesDialog } from "../fixtures/names_dialog.ts";
import { expect, test as base } from "../fixtures/test.ts";

const test = base.extend<{ names: NamesDialog }>({
  isolated: false,

  names: async ({ page }, use) => use(new NamesDialog(page)),
});

test("everybody has a name to begin with, and keeps it or another one over a reload", async ({
  dashboard,
  names,
  page,
}) => {
  await dashboard.goto();
  await expect(names.button).toHaveText(/Guest \d{4}$/);
  const name = await names.button.getAttribute("aria-label");
  await page.reload();
  await expect(names.button).toHaveAttribute("aria-label", name ?? "");

  await names.choose("Ada Byron");
  await expect(names.root).toBeHidden();
  await expect(names.button).toHaveAccessibleName("You are Ada Byron. Change your name");
  await expect(names.button.locator(".avatar")).toHaveText("AB");
  await expect(names.button).toBeFocused();
  await page.reload();
  await expect(names.button).toHaveAccessibleName("You are Ada Byron. Change your name");
  await page.goto("/dashboard/deliveries");
  await expect(names.button).toHaveAccessibleName("You are Ada Byron. Change your name");
});

test("a name is one short line, and never empty; Cancel and Escape keep it", async ({
  dashboard,
  names,
  page,
}) => {
  await dashboard.goto();
  await names.choose("   ");
  await expect(names.button).toHaveAccessibleName(/^You are \S/);
  await names.choose("  Ada   Byron  ");
  await expect(names.button).toHaveAccessibleName(/^You are Ada Byron\./);
  await names.choose("x".repeat(60));
  await expect(names.button).toHaveAccessibleName(`You are ${"x".repeat(40)}. Change your name`);

  await names.choose("Ada");
  for (const leave of ["Cancel", "Escape"]) {
    await names.button.click();
    await expect(names.input).toHaveValue("Ada");
    await names.input.fill("Grace");
    await (leave === "Cancel"
      ? names.root.getByRole("button", { name: "Cancel" }).click()
      : page.keyboard.press("Escape"));
    await expect(names.root).toBeHidden();
    await expect(names.button).toHaveAccessibleName(/^You are Ada\./);
  }
});

test("the name is beside the order, and signs what is saved in the history everybody sees", async ({
  api,
  colleague,
  dashboard,
  names,
  shop,
}) => {
  const order = await shop.create();
  const stored = await api.order(order.id);
  await colleague.goto();
  await dashboard.goto();
  await names.choose("Zoë Ångström");
  const dialog = await dashboard.edit(order.id);
  const avatar = colleague.row(order.id).locator(".avatar");
  await expect(avatar).toHaveText("ZÅ");
  await expect(avatar).toHaveAttribute("title", "Zoë Ångström is viewing");
  await dialog.notes.fill("gift");
  await dialog.save.click();
  await dialog.expectClosed();

  const theirs = await colleague.edit(order.id);
  await theirs.showHistory();
  await expect(theirs.entry(2)).toContainText("Zoë Ångström");
  const [newest] = await api.history(stored);
  expect(newest?.actor).toBe("desk:Zoë Ångström");
});
