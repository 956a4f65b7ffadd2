import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { launchOptions } from "../chromium.ts";

const run = promisify(execFile);

/** Usually half a minute. */
const TIMEOUT = 180_000;

const PROGRAM = join(import.meta.dirname, "node_modules/.bin/lighthouse");

export const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;
export type Device = "desktop" | "mobile";
export type Scores = Record<(typeof CATEGORIES)[number], number>;

export interface Verdict {
  /** 0 to 100. */
  scores: Scores;
  /** What cost points, in accessibility and best practices. */
  complaints: string[];
}

interface Result {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { title: string; score: number | null }>;
}

/** Its browser now and then loses the trace of a page (NO_NAVSTART): that says nothing about the page. */
const ATTEMPTS = 3;

/** Lighthouse's opinion on a page. */
export async function judge(url: string, device: Device): Promise<Verdict> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptToJudge(url, device);
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes("Runtime error encountered")) {
        throw error;
      }
      console.log(`Lighthouse once more: ${String(error)}`);
    }
  }
}

async function attemptToJudge(url: string, device: Device): Promise<Verdict> {
  const { args = [], executablePath } = launchOptions();
  const folder = await mkdtemp(join(tmpdir(), "orchestrator-lighthouse-"));
  const file = join(folder, "result.json");
  try {
    await run(
      PROGRAM,
      [
        url,
        ...(device === "desktop" ? ["--preset=desktop"] : []),
        `--only-categories=${CATEGORIES.join(",")}`,
        `--chrome-flags=${["--headless=new", ...args].join(" ")}`,
        "--output=json",
        `--output-path=${file}`,
        "--quiet",
        "--no-enable-error-reporting",
      ],
      {
        env: { ...process.env, ...(executablePath && { CHROME_PATH: executablePath }) },
        timeout: TIMEOUT,
        // What it stops its own browser for.
        killSignal: "SIGINT",
      },
    );
    return verdict(JSON.parse(await readFile(file, "utf8")) as Result);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function verdict({ categories, audits }: Result): Verdict {
  const score = (name: string): number => Math.round((categories[name]?.score ?? 0) * 100);
  const complaints = ["accessibility", "best-practices"]
    .flatMap((name) => categories[name]?.auditRefs ?? [])
    .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1)
    .map(({ id }) => audits[id]?.title ?? id);
  return {
    scores: {
      performance: score("performance"),
      accessibility: score("accessibility"),
      "best-practices": score("best-practices"),
    },
    complaints,
  };
}
