/** The page's clock and timers, given from outside so that every rule can be tested with a fake clock. */
export interface Timers {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls once after `delayMs`; returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The browser's own clock and timers. */
export const browserTimers: Timers = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    const id = setTimeout(callback, delayMs);
    return () => clearTimeout(id);
  },
};
