import { setTimeout as after } from "node:timers/promises";
import type { Dashboard } from "./dashboard.ts";

/** What is slower than this is not worth waiting for. */
const PATIENCE = 5_000;

/** Longer than two jumps' loading should overlap. */
const REST = 400;

/** Jumps to places, as a share of the whole list; milliseconds until each is painted. */
export async function measureJumps(dashboard: Dashboard, places: number[]): Promise<number[]> {
  const times: number[] = [];
  for (const place of places) {
    times.push(await jump(dashboard, place));
    await after(REST);
  }
  return times;
}

/**
 * As dragging the scrollbar does. It ends with the first frame in which every
 * row in view is loaded and is one that belongs there by its number.
 */
function jump({ page }: Dashboard, place: number): Promise<number> {
  return page.locator(".grid-box").evaluate(
    (box, { place, patience }) =>
      new Promise<number>((resolve) => {
        const table = box.querySelector("table");
        const rows = Number(table?.getAttribute("aria-rowcount")) - 1;
        const started = performance.now();
        const elapsed = (): number => performance.now() - started;
        box.scrollTop = place * (box.scrollHeight - box.clientHeight);
        requestAnimationFrame(check);

        function check(): void {
          if (isShown()) {
            // A task of its own comes after the painting of this frame.
            setTimeout(() => resolve(elapsed()));
          } else if (elapsed() > patience) {
            resolve(patience);
          } else {
            requestAnimationFrame(check);
          }
        }

        function isShown(): boolean {
          const head = table?.tHead?.getBoundingClientRect().bottom ?? 0;
          const end = box.getBoundingClientRect().bottom;
          // From top to bottom: rows that are used again stand in the document in
          // another order until the list has rested for a while.
          const inView = [...box.querySelectorAll("tbody tr.row")]
            .map((row) => ({ row, place: row.getBoundingClientRect() }))
            .filter(({ place }) => place.bottom > head + 1 && place.top < end - 1)
            .sort((one, other) => one.place.top - other.place.top);
          const last = inView.at(-1)?.place.bottom ?? 0;
          const isLoaded = inView.every(({ row }) => !row.classList.contains("row--gap"));
          // Numbers begin at 2: the first row is the header.
          const first = Number(inView[0]?.row.getAttribute("aria-rowindex")) - 2;
          const belongs = Math.abs(first - place * (rows - inView.length)) <= 2;
          const isFull = last >= end - 1 || first + inView.length >= rows;
          return inView.length > 0 && isLoaded && isFull && belongs;
        }
      }),
    { place, patience: PATIENCE },
  );
}
