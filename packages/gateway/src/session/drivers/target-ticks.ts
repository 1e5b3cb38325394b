/** How often time-outs are looked at and the pace is thought over, in milliseconds. */
export const TICK_MS = 1000;

const ticks = new Set<() => void>();
let timer: NodeJS.Timeout | null = null;

/** Calls back every second until the function it returns is called: one wake-up for all desktops of the process. */
export function everySecond(tick: () => void): () => void {
  ticks.add(tick);
  timer ??= setInterval(tickAll, TICK_MS).unref();
  return () => {
    ticks.delete(tick);
    if (ticks.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tickAll(): void {
  for (const tick of ticks) tick();
}
