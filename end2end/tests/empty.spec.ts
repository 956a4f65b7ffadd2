import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "../fixtures/test.ts";

const run = promisify(execFile);

test("an empty desk says how to connect a shop, and its command line works as it stands", async ({
  dashboard,
  page,
  server,
}) => {
  await dashboard.goto();
  await expect(page.getByRole("heading", { name: "No orders yet" })).toBeVisible();
  await expect(page.getByText(/In Shopify, point the order webhooks at/)).toBeVisible();

  const code = page.locator(".empty__code");
  // It names the address the page was opened at.
  await expect(code).toContainText(`curl ${server.url}/webhooks/shopify`);
  const text = (await code.textContent()) ?? "";
  // What it asks to be filled in.
  const command = text.replace("your-webhook-secret", server.secret);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", command]);
  expect(JSON.parse(stdout)).toMatchObject({ status: "accepted" });

  await expect(dashboard.row("1001")).toBeVisible();
  await expect(dashboard.row("1001")).toContainText("$42.00");
  await expect(page.getByText("No orders yet")).toBeHidden();
});

test("a filter without orders differs from an empty dashboard, and leads back", async ({
  api,
  dashboard,
  page,
  shop,
}) => {
  const order = await shop.create();
  await api.order(order.id);
  await dashboard.goto("?status=DELIVERED");
  await expect(page.getByRole("heading", { name: "No delivered orders" })).toBeVisible();
  await expect(page.getByText("No orders yet")).toHaveCount(0);

  await page.getByRole("button", { name: "Show all orders" }).click();
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.chip("All")).toHaveAttribute("aria-pressed", "true");
});

test("the first order that fits an empty filter appears by itself", async ({
  dashboard,
  page,
  shop,
}) => {
  await dashboard.goto("?status=CONFIRMED");
  await expect(page.getByRole("heading", { name: "No confirmed orders" })).toBeVisible();
  const order = await shop.create();
  await expect(dashboard.row(order.id)).toBeVisible();
  await expect(dashboard.count).toHaveText("1");
});
