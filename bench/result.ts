/** One measured value, as `--json` writes it. `budget` is the most (or least, if `isAtLeast`) it may be. */
export interface BenchResult {
  readonly name: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly budget: number;
  readonly ok: boolean;
}

/** What a benchmark is told. */
export interface BenchOptions {
  /** Under a minute, noisier. */
  readonly isQuick: boolean;
  /** A line for the person who waits. */
  say(line: string): void;
}

/** A benchmark: runs alone, starts what it needs, ends what it started. */
export type Bench = (options: BenchOptions) => Promise<BenchResult[]>;

/** A value that must not be over its budget. */
export function atMost(
  name: string,
  metric: string,
  measured: { readonly value: number; readonly unit: string; readonly budget: number },
): BenchResult {
  const value = Math.round(measured.value * 1000) / 1000;
  return { name, metric, value, unit: measured.unit, budget: measured.budget, ok: value <= measured.budget };
}

/** The middle of some values, NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value a part (0–1) of the values is not over. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
