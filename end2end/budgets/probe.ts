/** What is noted inside the page from its very start. */
export interface Probe {
  /** The most row elements there ever were. */
  peakRows: number;
  /** Tasks of more than 50 ms: the browser reports no shorter ones. */
  longTasks: { at: number; duration: number }[];
  /** Bytes of WebAssembly memory, which is no part of the JavaScript heap. */
  wasmBytes(): number;
  /** Milliseconds between frames until `stop` is called. */
  recordFrames(): { stop(): number[] };
}

declare global {
  interface Window {
    budgets: Probe;
  }
}

/** Runs in the page, before any of its scripts. */
export function installProbe(): void {
  const memories = new Set<WebAssembly.Memory>();
  window.budgets = {
    peakRows: 0,
    longTasks: [],
    wasmBytes: () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    recordFrames() {
      const frames: number[] = [];
      let last: number | undefined;
      let request = requestAnimationFrame(function frame(now) {
        if (last !== undefined) {
          frames.push(now - last);
        }
        last = now;
        request = requestAnimationFrame(frame);
      });
      return {
        stop() {
          cancelAnimationFrame(request);
          return frames;
        },
      };
    },
  };
  const probe = window.budgets;

  // Called once for everything a frame changes; looking costs microseconds.
  new MutationObserver(() => {
    probe.peakRows = Math.max(probe.peakRows, document.querySelectorAll("tr.row").length);
  }).observe(document, { childList: true, subtree: true });

  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      probe.longTasks.push({ at: startTime, duration });
    }
  }).observe({ type: "longtask", buffered: true });

  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const result = await instantiate(source, imports);
    for (const value of Object.values(result.instance.exports)) {
      if (value instanceof WebAssembly.Memory) {
        memories.add(value);
      }
    }
    return result;
  };
}
