import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { setTimeout as after } from "node:timers/promises";

const BEGIN = "<!-- measured: begin -->";
const END = "<!-- measured: end -->";

const INTRODUCTION = `# Budgets

What the dashboard may cost, and what it costs. \`make budgets\` measures it in
Chromium and writes the table; how each number is found is said in
\`end2end/budgets/\`.
`;

export interface Line {
  budget: string;
  /** What is allowed, in words; without one the line is only for information. */
  limit?: string;
  measured: string;
  /** Whether the limit is kept. */
  kept?: boolean;
}

/** Everything that was found, and what it makes of it. */
export class Report {
  readonly lines: Line[] = [];

  /** A number that must stay below a limit; `words` may say it better than the number. */
  under(
    budget: string,
    limit: number,
    measured: number,
    unit = "",
    words = withUnit(measured, unit),
  ): void {
    this.lines.push({
      budget,
      limit: `under ${withUnit(limit, unit)}`,
      measured: words,
      kept: measured < limit,
    });
  }

  /** A number that must not exceed a limit. */
  atMost(budget: string, limit: number, measured: number, unit = ""): void {
    this.lines.push({
      budget,
      limit: `at most ${withUnit(limit, unit)}`,
      measured: withUnit(measured, unit),
      kept: measured <= limit,
    });
  }

  /** A number that must not fall short of a limit. */
  atLeast(budget: string, limit: number, measured: number, unit = ""): void {
    this.lines.push({
      budget,
      limit: `at least ${withUnit(limit, unit)}`,
      measured: withUnit(measured, unit),
      kept: measured >= limit,
    });
  }

  /** A number worth knowing. */
  note(budget: string, measured: string): void {
    this.lines.push({ budget, measured });
  }

  /** One measurement. When it fails or hangs, the others still count, and it is a budget missed. */
  async measure(name: string, minutes: number, work: () => Promise<void>): Promise<void> {
    const patience = new AbortController();
    const { signal } = patience;
    const tooLong = after(minutes * 60_000, undefined, { signal }).then(() => {
      throw new Error(`no result within ${minutes} minutes`);
    });
    console.log(`${name} …`);
    try {
      await Promise.race([work(), tooLong]);
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1);
      const measured = `not measured: ${reason.join("").replaceAll("|", "\\|")}`;
      this.lines.push({ budget: name, limit: "to be measured", measured, kept: false });
      console.log(error);
    } finally {
      patience.abort();
      tooLong.catch(() => undefined);
    }
  }

  get missed(): string[] {
    return this.lines.filter(({ kept }) => kept === false).map(({ budget }) => budget);
  }

  markdown(): string {
    const rows = this.lines.map(({ budget, limit, measured, kept }) => {
      const mark = kept === undefined ? "" : kept ? "✓" : "✗ missed";
      return `| ${budget} | ${limit ?? ""} | ${measured} | ${mark} |`;
    });
    return ["| Budget | Limit | Measured | |", "|---|---|---|---|", ...rows].join("\n");
  }
}

/** The machine, in a few words. */
export function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${gigabytes} GB`;
}

/** Puts the result between the markers of a file, which is made when there is none. */
export async function publish(file: string, result: string): Promise<void> {
  const empty = `${INTRODUCTION}\n${BEGIN}\n${END}\n`;
  const page = await readFile(file, "utf8").catch(() => empty);
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`${file} must have the markers ${BEGIN} and ${END}`);
  }
  await writeFile(file, `${before}${BEGIN}\n${result}\n${END}${after}`);
}

function withUnit(value: number, unit: string): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) < 10 ? 2 : 1;
  return `${value.toLocaleString("en-GB", { maximumFractionDigits: digits })}${unit && ` ${unit}`}`;
}
