import type { Dashboard } from "./dashboard.ts";

/** Pixels a second: some 60 rows, faster than anybody reads. */
const SPEED = 3_000;

const SECONDS_EACH_WAY = 8;

/** Turns the wheel down and up again while orders keep changing; milliseconds between frames. */
export async function measureScrolling({ page, debug }: Dashboard): Promise<number[]> {
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

  const recording = await page.evaluateHandle(() => window.budgets.recordFrames());
  await turnWheel(-distance);
  const reached = await box.evaluate((element) => element.scrollTop);
  await turnWheel(distance);
  const frames = await recording.evaluate((running) => running.stop());
  if (reached < distance / 2) {
    throw new Error(`the wheel moved the table by ${reached} of ${distance} pixels only`);
  }
  return frames;
}
