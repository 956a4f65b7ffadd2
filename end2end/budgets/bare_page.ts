import type { Browser } from "@playwright/test";
import { installProbe } from "./probe.ts";
import { type Scrolled, measureScrolling } from "./scrolling.ts";

/** As tall as the way the wheel goes, and more. */
const ROWS = 800;

/**
 * What this machine leaves any page: plain text in a box, no script at all, scrolled
 * as the dashboard is and while the server has as much to do.
 */
export async function measureBarePage(browser: Browser, runs: number): Promise<Scrolled> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await page.addInitScript(installProbe);
    const row = `<tr>${"<td>some text</td>".repeat(9)}</tr>`;
    const style =
      "body{margin:0}.grid-box{height:900px;overflow:auto}table{width:100%}tr{height:48px}";
    const html = `<!doctype html><style>${style}</style><div class="grid-box"><table>${row.repeat(ROWS)}</table></div>`;
    await page.goto(`data:text/html,${encodeURIComponent(html)}`);
    return await measureScrolling({ page, debug: await page.context().newCDPSession(page) }, runs);
  } finally {
    await page.close();
  }
}
