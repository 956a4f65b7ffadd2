import { setTimeout as after } from "node:timers/promises";
import { type Browser, expect, test } from "@playwright/test";
import { measureBarePage } from "./bare_page.ts";
import { Dashboard } from "./dashboard.ts";
import { Desk } from "./desk.ts";
import { kilobytes, measureFirstVisit } from "./first_visit.ts";
import { measureJumps } from "./jumps.ts";
import { CATEGORIES, judge } from "./lighthouse.ts";
import { measureMemory } from "./memory.ts";
import { machine, publish, Report } from "./report.ts";
import { measureScripting } from "./scripting.ts";
import { measureScrolling } from "./scrolling.ts";
import { MINUTES, OUT, RATE, ROWS, SKIP_LIGHTHOUSE } from "./settings.ts";
import { median, worst } from "./statistics.ts";
import { Traffic } from "./traffic.ts";

/** Near the middle, but never where the jump before has been. */
const MIDDLE = [0.5, 0.46, 0.54, 0.48, 0.52];
const ANYWHERE = Array.from({ length: 20 }, () => Math.random());

/** Times the wheel is turned down and up, where a budget hangs on it and where none does. */
const RUNS = 5;
const FEW_RUNS = 3;

const ms = (duration: number): string => `${duration.toFixed(1)} ms`;

/** More than the server needs for what it has accepted, in milliseconds. */
const SETTLE = 2_000;

test("the dashboard keeps its budgets", async ({ browser, page }) => {
  const report = new Report();
  const desk = await Desk.open(ROWS);
  try {
    const dashboard = await Dashboard.open(page, desk.url);
    await report.measure("Scrolling, no updates", 3, async () => {
      const { frame } = await measureScrolling(dashboard, FEW_RUNS);
      report.note(`Scrolling, no updates: 95 of 100 frames, median of ${FEW_RUNS} runs`, ms(frame));
    });
    await underLoad(desk, browser, dashboard, report);
    await report.measure("First visit", 2, () => firstVisit());
    if (!SKIP_LIGHTHOUSE) {
      await lighthouse("Orders", `${desk.url}/dashboard`);
      await lighthouse("Deliveries", `${desk.url}/dashboard/deliveries`);
    }
    expect(desk.isRunning(), "the server lived to see the end").toBe(true);
  } finally {
    await desk.close();
  }
  const heading = [
    `Measured on ${new Date().toISOString().slice(0, 10)} with ${ROWS.toLocaleString("en-GB")} orders`,
    `in PostgreSQL and ${RATE} order updates a second, memory over ${MINUTES} minutes.`,
    `${machine()}, server, database and browser together; Chromium ${browser.version()}, 1440 × 900.`,
  ].join("\n");
  const result = `${heading}\n\n${report.markdown()}`;
  console.log(`\n${result}\n`);
  await publish(OUT, result);
  expect(report.missed).toEqual([]);

  async function firstVisit(): Promise<void> {
    const { code, everything, parts } = await measureFirstVisit(browser, desk.url);
    report.under("First visit: wasm, js and css on the wire", 300, code / 1_000, "kB");
    report.note("First visit: everything", kilobytes(everything));
    console.log(parts.join("\n"));
  }

  /** Without the updates: they would take the processor Lighthouse counts on. */
  async function lighthouse(name: string, url: string): Promise<void> {
    await report.measure(`Lighthouse, ${name}`, 4, async () => {
      for (const device of ["desktop", "mobile"] as const) {
        const { scores, complaints } = await judge(url, device);
        for (const category of CATEGORIES) {
          const budget = `Lighthouse, ${name}, ${device}: ${category.replace("-", " ")}`;
          if (device === "desktop") {
            report.atLeast(budget, 95, scores[category]);
          } else {
            report.note(budget, String(scores[category]));
          }
        }
        complaints.forEach((complaint) => console.log(`${name}, ${device}: ${complaint}`));
      }
    });
  }
});

/** What only shows while orders keep changing. */
async function underLoad(
  desk: Desk,
  browser: Browser,
  dashboard: Dashboard,
  report: Report,
): Promise<void> {
  const traffic = await Traffic.about(desk);
  const changes = await desk.changes();
  const started = performance.now();
  traffic.start(RATE);

  await report.measure("Scrolling", 5, async () => {
    const scrolled = await measureScrolling(dashboard, RUNS);
    const runs = `median of ${RUNS} runs`;
    report.under(`Scrolling: 95 of 100 frames, ${runs}`, 20, scrolled.frame, "ms");
    report.note("Scrolling: 95 of 100 frames, run by run", scrolled.frames);
    // The browser reports tasks from 50 ms on.
    const words = scrolled.task === 0 ? "none as long" : `${scrolled.task} ms`;
    report.under(`Scrolling: longest task, ${runs}`, 50, scrolled.task, "ms", words);
    report.note("Scrolling: tasks of 50 ms and more, all runs", scrolled.tasks);
    report.note("Scrolling: processors idle; taken by neighbours, run by run", scrolled.processors);
  });
  await report.measure("Scripting", 2, async () => {
    const { orders, script, all } = await measureScripting(dashboard);
    report.under("Script for one update", 1, script, "ms");
    report.note("Main thread for one update", `${all.toFixed(2)} ms, over ${orders} updates`);
  });
  await report.measure("Jumps", 2, async () => {
    const toMiddle = await measureJumps(dashboard, MIDDLE);
    report.atMost("Jump to the middle: slowest of 5", 150, worst(toMiddle), "ms");
    const each = toMiddle.map((time) => time.toFixed(0)).join(", ");
    report.note("Jump to the middle: one by one", `${each} ms`);
    const [toEnd = NaN] = await measureJumps(dashboard, [1]);
    report.atMost("Jump to the end", 150, toEnd, "ms");
    const anywhere = await measureJumps(dashboard, ANYWHERE);
    report.atMost("Jump anywhere: median of 20", 150, median(anywhere), "ms");
    report.note("Jump anywhere: slowest of 20", `${worst(anywhere).toFixed(0)} ms`);
  });
  await report.measure("Memory", MINUTES + 5, async () => {
    const { bytes, growth, nodes, nodeGrowth } = await measureMemory(dashboard, MINUTES);
    const megabytes = 1_000_000;
    report.under(`Memory: growth in ${MINUTES} minutes`, 1, growth / megabytes, "MB");
    report.note("Memory: heap and wasm at the end", `${(bytes / megabytes).toFixed(1)} MB`);
    report.atMost(`DOM nodes: growth in ${MINUTES} minutes`, 100, nodeGrowth);
    report.note("DOM nodes at the end", String(nodes));
  });
  await report.measure("Rows", 2, async () => {
    const rows = await dashboard.page.evaluate(() => window.budgets.peakRows);
    report.atMost("Row elements in the page, all the while", 60, rows);
  });
  await dashboard.page.close();
  await report.measure("Scrolling, a bare page", 3, async () => {
    const { frame, frames, processors } = await measureBarePage(browser, FEW_RUNS);
    const name = "A page of plain text, as many updates";
    report.note(`${name}: 95 of 100 frames, median of ${FEW_RUNS} runs`, ms(frame));
    report.note(`${name}: run by run`, frames);
    report.note(`${name}: processors idle; taken by neighbours`, processors);
  });
  const seconds = (performance.now() - started) / 1_000;
  await traffic.stop();
  await report.measure("Updates", 2, async () => {
    // The last ones are still on their way through the server.
    await after(SETTLE);
    const rate = ((await desk.changes()) - changes) / seconds;
    // Some are stale before they are read, when two about one order cross.
    report.atLeast("Order updates stored a second", RATE * 0.95, rate);
    expect(traffic.failures, "webhooks the server did not take").toBe(0);
  });
}
