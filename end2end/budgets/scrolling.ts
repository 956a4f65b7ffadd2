import type { CDPSession, Page } from "@playwright/test";
import { type Processors, watchProcessors } from "./processors.ts";
import { median, percentile, worst } from "./statistics.ts";

/** Pixels a second: some 60 rows, faster than anybody reads. */
const SPEED = 3_000;

const SECONDS_EACH_WAY = 8;

interface Scrollable {
  page: Page;
  debug: CDPSession;
}

/** What came of the wheel being turned down and up again, in milliseconds. */
interface Run {
  /** Between frames. */
  frames: number[];
  /** Tasks of 50 ms and more: the browser reports no shorter ones. */
  tasks: number[];
  processors: Processors | undefined;
}

/** Several runs. They are judged by the median: one in a bad moment says nothing of the page. */
export class Scrolled {
  constructor(private readonly runs: Run[]) {}

  /** What 95 of 100 frames keep within. */
  get frame(): number {
    return median(this.each);
  }

  /** The longest task. */
  get task(): number {
    return median(this.runs.map(({ tasks }) => worst([0, ...tasks])));
  }

  get frames(): string {
    const frames = this.runs.flatMap((run) => run.frames);
    return `${this.each.map((frame) => frame.toFixed(1)).join(", ")} ms; slowest ${worst(frames).toFixed(0)} ms`;
  }

  get tasks(): string {
    const tasks = this.runs.flatMap((run) => run.tasks);
    return tasks.length === 0 ? "none" : `${tasks.length}, the longest ${worst(tasks)} ms`;
  }

  get processors(): string {
    const known = this.runs.flatMap(({ processors }) => processors ?? []);
    if (known.length === 0) {
      return "unknown";
    }
    const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
    const idle = median(known.map((processors) => processors.idle));
    const stolen = known.map((processors) => percent(processors.stolen));
    return `${percent(idle)}; ${stolen.join(", ")}`;
  }

  private get each(): number[] {
    return this.runs.map(({ frames }) => percentile(frames, 0.95));
  }
}

/** Turns the wheel down and up again, several times over. */
export async function measureScrolling(what: Scrollable, runs: number): Promise<Scrolled> {
  const done: Run[] = [];
  while (done.length < runs) {
    done.push(await run(what));
  }
  return new Scrolled(done);
}

async function run({ page, debug }: Scrollable): Promise<Run> {
  const box = page.locator(".grid-box");
  const area = await box.boundingBox();
  if (!area) {
    throw new Error("there is no .grid-box to scroll");
  }
  const distance = SPEED * SECONDS_EACH_WAY;
  const turnWheel = (yDistance: number): Promise<unknown> =>
    debug.send("Input.synthesizeScrollGesture", {
      x: Math.round(area.x + area.width / 2),
      y: Math.round(area.y + area.height / 2),
      yDistance,
      speed: SPEED,
      gestureSourceType: "mouse",
      preventFling: true,
    });

  const watched = await watchProcessors();
  const since = await page.evaluate(() => performance.now());
  const recording = await page.evaluateHandle(() => window.budgets.recordFrames());
  await turnWheel(-distance);
  const reached = await box.evaluate((element) => element.scrollTop);
  await turnWheel(distance);
  const frames = await recording.evaluate((running) => running.stop());
  const tasks = await page.evaluate(() => window.budgets.longTasks);
  if (reached < distance / 2) {
    throw new Error(`the wheel moved the table by ${reached} of ${distance} pixels only`);
  }
  return {
    frames,
    tasks: tasks.filter(({ at }) => at >= since).map(({ duration }) => duration),
    processors: await watched(),
  };
}
