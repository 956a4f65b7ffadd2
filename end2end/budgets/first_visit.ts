import type { Browser } from "@playwright/test";
import { Dashboard } from "./dashboard.ts";

/** What counts as code and style, by the browser's own names. */
const CODE = ["Script", "Stylesheet", "Wasm"];

export interface FirstVisit {
  /** Bytes on the wire of wasm, js and css, headers included. */
  code: number;
  /** The same of everything. */
  everything: number;
  /** Largest first: "pkg/orchestrator_bg.wasm 280 kB br". */
  parts: string[];
}

interface Part {
  path: string;
  isCode: boolean;
  encoding: string;
  bytes: number;
}

/** Somebody who was never here before: everything comes over the wire. */
export async function measureFirstVisit(browser: Browser, url: string): Promise<FirstVisit> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const debug = await context.newCDPSession(page);
  const parts = new Map<string, Part>();
  await debug.send("Network.enable");
  debug.on("Network.responseReceived", ({ requestId, response, type }) => {
    // Not always valid headers: what came several times is put on several lines.
    const headers = Object.entries(response.headers);
    const encoding = headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1];
    parts.set(requestId, {
      path: new URL(response.url).pathname.slice(1),
      isCode: CODE.includes(type) || response.mimeType === "application/wasm",
      encoding: encoding ?? "not compressed",
      bytes: 0,
    });
  });
  debug.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const part = parts.get(requestId);
    if (part) {
      part.bytes = encodedDataLength;
    }
  });
  await Dashboard.open(page, url);
  // What is fetched in idle time belongs to the visit.
  await page.waitForLoadState("networkidle");
  await context.close();

  const all = [...parts.values()].sort((a, b) => b.bytes - a.bytes);
  const sum = (some: Part[]): number => some.reduce((total, { bytes }) => total + bytes, 0);
  return {
    code: sum(all.filter(({ isCode }) => isCode)),
    everything: sum(all),
    parts: all.map(({ path, bytes, encoding }) => `${path} ${kilobytes(bytes)} ${encoding}`),
  };
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
