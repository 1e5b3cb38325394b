// AssemblyScript, not TypeScript: the arithmetic of packages/picture/src/codecs/remotefx with SIMD, pixel by pixel the
// same for any input (decision 0077). The host writes bytes and shifts, calls the steps, reads coefficients and pixels.

/** Where things lie in memory, in bytes; packages/viewer/src/desktop/wasm-kernel.ts has the same numbers. */
const COEFFICIENTS: usize = 65536;
const EVENS: usize = 91136;
const SCRATCH: usize = 92160;
const PIXELS: usize = 114688;
const SHIFTS: usize = 131072;
const TILE_PIXELS: i32 = 4096;
const COMPONENT_BYTES: usize = 8192;

/** Shifts `count` coefficients; sixteen and more leave nothing. */
function shiftBand(start: usize, count: i32, shift: i32): void {
  if (shift === 0) return;
  if (shift > 15) {
    memory.fill(start, 0, <usize>count << 1);
    return;
  }
  let at = start;
  let left = count;
  for (; left >= 8; left -= 8, at += 16) v128.store(at, i16x8.shl(v128.load(at), shift));
  for (; left > 0; left--, at += 2) store<i16>(at, <i16>(<i32>load<i16>(at) << shift));
}

/** Sums up LL3 and shifts the ten bands by the numbers the host wrote. */
export function scale(component: i32, isReduced: bool): void {
  const start = COEFFICIENTS + <usize>component * COMPONENT_BYTES;
  const lastCount = isReduced ? 81 : 64;
  const last = start + <usize>(TILE_PIXELS - lastCount) * 2;
  let sum: i32 = load<i16>(last);
  for (let at = last + 2; at < start + COMPONENT_BYTES; at += 2) {
    sum += load<i16>(at);
    store<i16>(at, <i16>sum);
  }
  let at = start;
  let band: usize = SHIFTS;
  for (let level = 0; level < 3; level++) {
    const low = lowOf(level, isReduced);
    const high = highOf(level, isReduced);
    shiftBand(at, low * high, load<u8>(band));
    at += <usize>(low * high) << 1;
    shiftBand(at, low * high, load<u8>(band + 1));
    at += <usize>(low * high) << 1;
    shiftBand(at, high * high, load<u8>(band + 2));
    at += <usize>(high * high) << 1;
    band += 3;
  }
  shiftBand(last, lastCount, load<u8>(band));
}

@inline
function lowOf(level: i32, isReduced: bool): i32 {
  return (32 >> level) + <i32>isReduced;
}

@inline
function highOf(level: i32, isReduced: bool): i32 {
  return (32 >> level) - <i32>(isReduced && level === 0);
}

@inline
function half(sum: v128): v128 {
  return i16x8.shr_s(sum, 1);
}

@inline
function halfOf(sum: i32): i32 {
  return <i32>(<i16>sum) >> 1;
}

/** One line of the scratch from its low and its high half; the last vector of eight overlaps the one before. */
function invertLine(lowAt: usize, highAt: usize, to: usize, low: i32, high: i32): void {
  const one = i16x8.splat(1);
  for (let index = 0; index < high; index += 8) {
    const place = <usize>min(index, high - 8) << 1;
    const details = v128.load(highAt + place);
    const before = v128.load(highAt + place - 2);
    const averages = half(i16x8.add(i16x8.add(before, details), one));
    v128.store(EVENS + place, i16x8.sub(v128.load(lowAt + place), averages));
  }
  // What came before the first one is its mirror.
  const first: i32 = load<i16>(highAt);
  store<i16>(EVENS, <i16>(<i32>load<i16>(lowAt) - halfOf(first + first + 1)));
  const end = <usize>high << 1;
  const lastDetail: i32 = load<i16>(highAt + end - 2);
  if (low > high) {
    const detail = low === high + 1 ? lastDetail : 0;
    store<i16>(EVENS + end, <i16>(<i32>load<i16>(lowAt + end) - halfOf(lastDetail + detail + 1)));
  }
  for (let index = 0; index < high; index += 8) {
    const place = <usize>min(index, high - 8) << 1;
    const evens = v128.load(EVENS + place);
    const averages = half(i16x8.add(evens, v128.load(EVENS + place + 2)));
    const odds = i16x8.add(i16x8.shl(v128.load(highAt + place), 1), averages);
    v128.store(to + place * 2, v128.shuffle<i16>(evens, odds, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + place * 2 + 16, v128.shuffle<i16>(evens, odds, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  const last: i32 = load<i16>(EVENS + end);
  if (low === high) store<i16>(to + end * 2 - 2, <i16>(2 * lastDetail + <i32>load<i16>(EVENS + end - 2)));
  else store<i16>(to + end * 2, <i16>last);
  if (low === high + 2) store<i16>(to + end * 2 + 2, <i16>halfOf(last + <i32>load<i16>(lowAt + end + 2)));
}

/** Turns a component's bands into its 64 × 64 values, in place. */
export function invert(component: i32, isReduced: bool): void {
  const base = COEFFICIENTS + <usize>component * COMPONENT_BYTES;
  let count = 0;
  for (let level = 2; level >= 0; level--) {
    const low = lowOf(level, isReduced);
    const high = highOf(level, isReduced);
    count = low * low + 2 * low * high + high * high;
    invertLevel(base + (<usize>(TILE_PIXELS - count) << 1), low, high);
  }
}

function invertLevel(start: usize, low: i32, high: i32): void {
  const width = low + high;
  const rowBytes = <usize>width << 1;
  const hl = start;
  const lh = hl + (<usize>(high * low) << 1);
  const hh = lh + (<usize>(low * high) << 1);
  const ll = hh + (<usize>(high * high) << 1);
  let to = SCRATCH;
  for (let row = 0; row < low; row++, to += rowBytes)
    invertLine(ll + (<usize>(row * low) << 1), hl + (<usize>(row * high) << 1), to, low, high);
  const details = to;
  for (let row = 0; row < high; row++, to += rowBytes)
    invertLine(lh + (<usize>(row * low) << 1), hh + (<usize>(row * high) << 1), to, low, high);
  for (let x = 0; x < width; x += 8) {
    const column = <usize>min(x, width - 8) << 1;
    invertColumns(start + column, SCRATCH + column, details + column, rowBytes, low, high);
  }
}

/** Eight neighbouring columns. */
function invertColumns(to: usize, lows: usize, details: usize, rowBytes: usize, low: i32, high: i32): void {
  const one = i16x8.splat(1);
  let before = v128.load(details);
  let even = i16x8.splat(0);
  for (let row = 0; row < high; row++) {
    const detail = v128.load(details);
    const next = i16x8.sub(v128.load(lows), half(i16x8.add(i16x8.add(before, detail), one)));
    v128.store(to, next);
    if (row > 0)
      v128.store(to - rowBytes, i16x8.add(i16x8.shl(before, 1), half(i16x8.add(even, next))));
    before = detail;
    even = next;
    lows += rowBytes;
    details += rowBytes;
    to += 2 * rowBytes;
  }
  if (low === high) {
    v128.store(to - rowBytes, i16x8.add(i16x8.shl(before, 1), even));
    return;
  }
  const detail = low === high + 1 ? before : i16x8.splat(0);
  const next = i16x8.sub(v128.load(lows), half(i16x8.add(i16x8.add(before, detail), one)));
  v128.store(to - rowBytes, i16x8.add(i16x8.shl(before, 1), half(i16x8.add(even, next))));
  v128.store(to, next);
  if (low === high + 2) v128.store(to + rowBytes, half(i16x8.add(next, v128.load(lows + rowBytes))));
}

@inline
function clamp(value: v128): v128 {
  return i32x4.min_s(i32x4.max_s(i32x4.shr_s(value, 19), i32x4.splat(0)), i32x4.splat(255));
}

/** Three components become RGBA pixels; the numbers are those of colour.ts. */
export function colour(): void {
  const offset = i32x4.splat(128 * 32 + 16);
  const opaque = i32x4.splat(0xff000000);
  for (let at: usize = 0; at < COMPONENT_BYTES; at += 8) {
    const from = COEFFICIENTS + at;
    const y = i32x4.shl(i32x4.add(v128.load_ext<i16>(from), offset), 14);
    const cb = v128.load_ext<i16>(from + COMPONENT_BYTES);
    const cr = v128.load_ext<i16>(from + 2 * COMPONENT_BYTES);
    const red = clamp(i32x4.add(y, i32x4.mul(cr, i32x4.splat(22979))));
    const ofBlue = i32x4.add(y, i32x4.mul(cb, i32x4.splat(-5632)));
    const green = clamp(i32x4.add(ofBlue, i32x4.mul(cr, i32x4.splat(-11705))));
    const blue = clamp(i32x4.add(y, i32x4.mul(cb, i32x4.splat(28998))));
    const colours = v128.or(red, v128.or(i32x4.shl(green, 8), i32x4.shl(blue, 16)));
    v128.store(PIXELS + (at << 1), v128.or(opaque, colours));
  }
}

export { combine, double, line, unweave, weaveBelow } from "./line-kernel";
export { entropy } from "./rlgr-kernel";
