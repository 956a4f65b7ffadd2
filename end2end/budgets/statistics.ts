/** The value that a share of all values, 0 to 1, does not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const index = Math.max(Math.ceil(sorted.length * share) - 1, 0);
  const value = sorted[index];
  if (value === undefined) {
    throw new Error("nothing was measured");
  }
  return value;
}

export function median(values: number[]): number {
  return percentile(values, 0.5);
}

export function worst(values: number[]): number {
  return percentile(values, 1);
}

/** How much a value changes from the first sample to the last, by the straight line through all. */
export function rise(values: number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let together = 0;
  let apart = 0;
  for (const [index, value] of values.entries()) {
    together += (index - middle) * (value - mean);
    apart += (index - middle) ** 2;
  }
  return apart === 0 ? 0 : (together / apart) * (values.length - 1);
}
