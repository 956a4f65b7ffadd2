import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test.ts";

test.use({ isolated: false });

type Theme = "light" | "dark";

/** Light or dark, by what is painted rather than by what is set. */
function painted(page: Page): Promise<Theme> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d");
    if (!canvas) {
      throw new Error("no canvas");
    }
    canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return red + green + blue > 3 * 128 ? "light" : "dark";
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`a ${colorScheme} system gets a ${colorScheme} page; the toggle turns it around, keeps it, and follows again`, async ({
    dashboard,
    page,
  }) => {
    const other = colorScheme === "dark" ? "light" : "dark";
    await page.emulateMedia({ colorScheme });
    await dashboard.goto();
    await expect(dashboard.themeToggle).toHaveAccessibleName(/^Theme: system/);
    for (const system of [colorScheme, other, colorScheme] as const) {
      await page.emulateMedia({ colorScheme: system });
      await expect.poll(() => painted(page)).toBe(system);
    }

    for (const [choice, looks] of [
      [other, other],
      [colorScheme, colorScheme],
      ["system", colorScheme],
    ] as const) {
      await dashboard.themeToggle.click();
      await expect(dashboard.themeToggle).toHaveAccessibleName(new RegExp(`^Theme: ${choice}`));
      await expect.poll(() => painted(page)).toBe(looks);
    }
    await page.emulateMedia({ colorScheme: other });
    await expect.poll(() => painted(page)).toBe(other);
  });
}

test("a chosen theme is remembered, and applied before there is a body to paint", async ({
  dashboard,
  page,
}) => {
  await page.emulateMedia({ colorScheme: "light" });
  await dashboard.goto();
  await dashboard.themeToggle.click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");

  // Runs before anything of the page: notes the theme as the body comes to be.
  await page.addInitScript(() => {
    const seen = { themeAtBody: "no body yet" };
    Object.assign(window, { endToEndTheme: seen });
    const observer = new MutationObserver(() => {
      if (document.body) {
        seen.themeAtBody = document.documentElement.dataset["theme"] ?? "none";
        observer.disconnect();
      }
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  await page.reload();

  const seen = await page.evaluate(
    () => (window as unknown as { endToEndTheme: { themeAtBody: string } }).endToEndTheme,
  );
  expect(seen.themeAtBody).toBe("dark");
  await dashboard.expectLive();
  expect(await painted(page)).toBe("dark");
});
