import { type CDPSession, expect, type Page } from "@playwright/test";
import { installProbe } from "./probe.ts";

/** The dashboard as it is measured: with a probe inside and a debugger beside it. */
export class Dashboard {
  /** Orders received over the live socket. */
  received = 0;

  private constructor(
    readonly page: Page,
    readonly debug: CDPSession,
  ) {}

  static async open(page: Page, url: string): Promise<Dashboard> {
    const dashboard = new Dashboard(page, await page.context().newCDPSession(page));
    await page.addInitScript(installProbe);
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        dashboard.received += ordersIn(payload.toString());
      }),
    );
    await dashboard.debug.send("Performance.enable");
    await page.goto(`${url}/dashboard`);
    await dashboard.expectLive();
    return dashboard;
  }

  async expectLive(): Promise<void> {
    await expect(this.page.locator(".connection")).toHaveText(/live/i, { timeout: 30_000 });
    await expect(this.page.locator("tr.row:not(.row--gap)").first()).toBeVisible();
  }

  /** One of the browser's own counters. */
  async metrics(): Promise<(name: string) => number> {
    const { metrics } = await this.debug.send("Performance.getMetrics");
    return (name) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  }

  async scrollToTop(): Promise<void> {
    await this.page.locator(".grid-box").evaluate((box) => (box.scrollTop = 0));
    await expect(this.page.locator('tr.row[aria-rowindex="2"]:not(.row--gap)')).toBeVisible();
  }
}

/** `42/sync,["ORDERS_SYNCED",[…]]`: the newest state of several orders. */
function ordersIn(frame: string): number {
  const start = frame.indexOf('["ORDERS_SYNCED",');
  if (start < 0) {
    return 0;
  }
  const [, orders] = JSON.parse(frame.slice(start)) as [string, unknown[]];
  return orders.length;
}
