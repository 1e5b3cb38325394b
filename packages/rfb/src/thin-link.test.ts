import assert from "node:assert/strict";
import { test } from "node:test";
import { Pacer } from "./pacer.ts";
import { PART_COUNT } from "./update-parts.ts";

/** 2 Mbit/s and 80 ms there and back, as `bench/thin-link.ts` has it. */
const BYTES_PER_MS = 250;
const ONE_WAY_MS = 40;
const STRIP = PART_COUNT - 1;
const ALL_PARTS = [...new Array(PART_COUNT).keys()];
const KEY_BYTES = 50;

/** What a screen has drawn since each of its bands was last sent, as bytes of an update of these bands at this time. */
interface Workload {
  take(parts: readonly number[], atMs: number, quality: number | null): number[];
}

/** Of the bands above the strip each has this part of what they hold together. */
const ABOVE = PART_COUNT - 1;

/** Thirty pictures a second over all bands but the last, and a little of the strip's. */
class Film implements Workload {
  readonly #sentPicture: number[] = new Array(PART_COUNT).fill(-1);

  take(parts: readonly number[], atMs: number, quality: number | null): number[] {
    const picture = Math.floor(atMs / 33);
    return ALL_PARTS.map((part) => {
      if (!parts.includes(part) || this.#sentPicture[part] === picture) return 0;
      this.#sentPicture[part] = picture;
      return (part === STRIP ? 600 : 60_000 / ABOVE) * (1 + (quality ?? 9) / 8);
    });
  }
}

/** Forty lines a second: asked for as a whole a copy and the new lines, asked for by band the whole band. */
class Scroll implements Workload {
  readonly #sentLine: number[] = new Array(PART_COUNT).fill(0);

  take(parts: readonly number[], atMs: number): number[] {
    const line = Math.floor(atMs / 25);
    const isWhole = parts.length === PART_COUNT;
    const isEven = this.#sentLine.every((sent) => sent === this.#sentLine[0]);
    return ALL_PARTS.map((part) => {
      if (!parts.includes(part)) return 0;
      const newLines = line - (this.#sentLine[part] ?? 0);
      this.#sentLine[part] = line;
      if (newLines === 0) return 0;
      if (isWhole && isEven) return part === STRIP - 1 ? Math.min(40, newLines) * 3000 : 0;
      return part === STRIP ? 3000 : 112_000 / ABOVE;
    });
  }
}

/** Forty lines a second that a server copies one by one, but draws anew when several have gathered: 35 kB. */
class CopiedLines implements Workload {
  #sentLine = 0;

  take(parts: readonly number[], atMs: number): number[] {
    const line = Math.floor(atMs / 25);
    const newLines = line - this.#sentLine;
    if (parts.length === PART_COUNT) this.#sentLine = line;
    return ALL_PARTS.map((part) => {
      if (!parts.includes(part) || newLines === 0) return 0;
      if (parts.length === PART_COUNT && newLines === 1) return part === STRIP - 1 ? 3000 : 0;
      return part === STRIP ? 0 : 35_000 / ABOVE;
    });
  }
}

/** Key after key in the strip; how much longer each waits than alone on the line, beside its own update's time. */
function typeBeside(
  workload: Workload,
  options: { readonly untilMs: number; readonly settleMs: number },
): number[] {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  pacer.continuousSupported();
  const asked = new Set<number>();
  const added: number[] = [];
  let quality = pacer.quality.quality;
  let [lineFreeAtMs, outstanding, nextKeyAtMs] = [0, 0, options.settleMs];
  let key: { readonly pressedAtMs: number } | null = null;
  let flights: { readonly bytes: number; readonly ackAtMs: number }[] = [];
  const send = (bytes: number, nowMs: number): number => {
    lineFreeAtMs = Math.max(nowMs, lineFreeAtMs) + bytes / BYTES_PER_MS;
    flights.push({ bytes, ackAtMs: lineFreeAtMs + 2 * ONE_WAY_MS });
    outstanding += bytes;
    pacer.emitted(bytes, nowMs);
    return lineFreeAtMs;
  };
  const decide = (nowMs: number): void => {
    for (const action of pacer.decide(nowMs)) {
      assert.notDeepEqual(action, { type: "continuous", isEnabled: true });
      if (action.type === "request") for (const part of action.parts ?? ALL_PARTS) asked.add(part);
      else if (action.type === "quality") quality = action.quality.quality;
    }
  };
  pacer.flow(0, true, 0);
  pacer.entryStarted();
  send(40, 0);
  for (let nowMs = 1; nowMs < options.untilMs; nowMs++) {
    const arrived = flights.filter(({ ackAtMs }) => ackAtMs <= nowMs);
    if (arrived.length > 0) {
      flights = flights.filter(({ ackAtMs }) => ackAtMs > nowMs);
      outstanding -= arrived.reduce((sum, { bytes }) => sum + bytes, 0);
      pacer.flow(outstanding, true, nowMs);
    }
    decide(nowMs);
    if (key === null && nowMs >= nextKeyAtMs) key = { pressedAtMs: nowMs };
    if (asked.size === 0) continue;
    const partBytes =
      nowMs < 1000 ? new Array<number>(PART_COUNT).fill(0) : workload.take([...asked], nowMs, quality);
    const hasKey = key !== null && nowMs - key.pressedAtMs > 3 && asked.has(STRIP);
    if (hasKey) partBytes[STRIP] = (partBytes[STRIP] ?? 0) + KEY_BYTES;
    const bytes = partBytes.reduce((sum, part) => sum + part, 0);
    if (bytes === 0) continue;
    asked.clear();
    const leftAtMs = send(bytes, nowMs);
    if (hasKey && key !== null) {
      added.push(leftAtMs - bytes / BYTES_PER_MS - key.pressedAtMs);
      nextKeyAtMs = nowMs + 350 + ((added.length % 7) * 700) / 14;
      key = null;
    }
    pacer.updated(partBytes, nowMs);
  }
  return added.sort((left, right) => left - right);
}

for (const [name, workload] of [
  ["a film", new Film()],
  ["text that scrolls", new Scroll()],
  ["text that scrolls line by line", new CopiedLines()],
] as const)
  test(`beside ${name} on a thin link what is typed waits little longer than its own update`, () => {
    const added = typeBeside(workload, { untilMs: 60_000, settleMs: 5000 });
    assert.ok(added.length > 60, `${added.length} keys`);
    const p95 = added[Math.floor(added.length * 0.95)] ?? 0;
    assert.ok(p95 <= 100, `p95 ${p95} ms`);
    const median = added[added.length >> 1] ?? 0;
    assert.ok(median <= 60, `median ${median} ms`);
  });
