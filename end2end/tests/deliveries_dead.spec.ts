import { DeliveriesPage } from "../fixtures/deliveries_page.ts";
import { expect, test as base, untilDead, whileBroken } from "../fixtures/deliveries.ts";
import { type ShopOrder } from "../fixtures/webhooks.ts";

interface Dead {
  id: string;
  order: ShopOrder;
}

/** Three deliveries died; what made them fail is mended since. */
const test = base.extend<{ dead: [Dead, Dead, Dead] }>({
  dead: async ({ api, deliver, server, shop }, use) => {
    const dead: Dead[] = [];
    await whileBroken(server, async () => {
      for (const topic of ["orders/create", "orders/create", "orders/updated"]) {
        const order = shop.draft();
        dead.push({ id: await deliver(topic, order), order });
      }
      await untilDead(server, api, 3);
    });
    await use(dead as [Dead, Dead, Dead]);
  },
});

test.describe("dead deliveries", { tag: "@postgres" }, () => {
  test("are shown as dead, with the reason, and a badge on every page", async ({
    dashboard,
    dead,
    deliveries,
  }) => {
    await dashboard.goto();
    await expect(deliveries.badge).toHaveText("3 dead");
    await deliveries.page.getByRole("navigation").getByRole("link", { name: /Deliveries/ }).click();
    await deliveries.expectLive();

    await expect(deliveries.badge).toHaveText("3 dead");
    await expect(deliveries.chip("Dead")).toContainText("3");
    await deliveries.chip("Dead").click();
    await deliveries.expectRows(dead.map(({ id }) => id).reverse());
    const [{ id }] = dead;
    await expect(deliveries.state(id)).toHaveText("Dead");
    await expect(deliveries.row(id).locator(".cell--attempts")).toHaveText("3");
    await expect(deliveries.row(id).locator(".cell--note")).toContainText("order_figures");
    await deliveries.view(id);
    await expect(deliveries.viewer.getByRole("status")).toContainText("order_figures");
    await expect(deliveries.facts).toContainText("Failed attempts");
  });

  test("one is retried from its row, another from the viewer, and the badge counts down", async ({
    api,
    dead: [first, second],
    deliveries,
  }) => {
    await deliveries.goto();
    await deliveries.retry(first.id).click();
    await expect(deliveries.page.getByText("1 delivery is pending again")).toBeVisible();
    await expect(deliveries.state(first.id)).toHaveText("Applied");
    await expect(deliveries.retry(first.id)).toHaveCount(0);
    await expect(deliveries.badge).toHaveText("2 dead");
    expect((await api.orders()).data.map((order) => order.name)).toEqual([first.order.name]);

    await deliveries.view(second.id);
    await deliveries.viewer.getByRole("button", { name: "Retry" }).click();
    await expect(deliveries.facts).toContainText("Applied");
    await expect(deliveries.viewer.getByRole("button", { name: "Retry" })).toHaveCount(0);
    await expect(deliveries.viewer.getByRole("link", { name: "Show the order" })).toBeVisible();
  });

  test("all are retried at once after a question, and the badge goes on every page", async ({
    api,
    colleague,
    dead,
    deliveries,
  }) => {
    await colleague.goto();
    const theirs = new DeliveriesPage(colleague.page);
    await expect(theirs.badge).toHaveText("3 dead");
    await deliveries.goto();
    await deliveries.retryAll.click();
    await expect(deliveries.question).toHaveAccessibleName("Retry 3 dead deliveries?");
    await deliveries.question.getByRole("button", { name: "Cancel" }).click();
    await expect(deliveries.question).toBeHidden();
    expect(await api.deliveries("state=dead")).toHaveLength(3);

    await deliveries.retryAll.click();
    await deliveries.question.getByRole("button", { name: "Retry all" }).click();
    await expect(deliveries.page.getByText("3 deliveries are pending again")).toBeVisible();
    for (const { id } of dead) {
      await expect(deliveries.state(id)).toHaveText("Applied");
    }
    await expect(deliveries.badge).toHaveCount(0);
    await expect(deliveries.retryAll).toHaveCount(0);
    await expect(theirs.badge).toHaveCount(0, { timeout: 15_000 });
  });

  test("only those that match are retried when the list is narrowed down", async ({
    api,
    dead: [first, second, third],
    deliveries,
  }) => {
    await deliveries.goto();
    await deliveries.topic.selectOption("orders/create");
    await deliveries.expectRows([second.id, first.id]);
    await deliveries.retryAll.click();
    await expect(deliveries.question).toHaveAccessibleName(/Retry all matching/);
    await deliveries.question.getByRole("button", { name: "Retry all" }).click();
    await expect(deliveries.page.getByText("2 deliveries are pending again")).toBeVisible();
    await expect(deliveries.state(first.id)).toHaveText("Applied");
    await expect(deliveries.badge).toHaveText("1 dead");
    const left = await api.deliveries("state=dead");
    expect(left.map(({ id }) => id)).toEqual([third.id]);
  });

  test("die again where nothing was mended", async ({ api, dead: [first], deliveries, server }) => {
    await deliveries.goto();
    await whileBroken(server, async () => {
      await deliveries.retry(first.id).click();
      await expect(deliveries.state(first.id)).toHaveText("Pending");
      await untilDead(server, api, 3);
    });
    await expect(deliveries.state(first.id)).toHaveText("Dead");
    await expect(deliveries.badge).toHaveText("3 dead");
    await expect(deliveries.retry(first.id)).toBeEnabled();
  });

  test("one that dies while the page is open is announced by the badge", async ({
    api,
    deliver,
    deliveries,
    server,
    shop,
  }) => {
    await deliveries.goto();
    await expect(deliveries.badge).toHaveCount(0);
    await whileBroken(server, async () => {
      await deliver("orders/create", shop.draft());
      await untilDead(server, api, 1);
    });
    await expect(deliveries.badge).toHaveText("1 dead", { timeout: 15_000 });
  });
});
