// AssemblyScript, not TypeScript: RLGR of packages/picture/src/codecs/remotefx, the same for any bytes (decision 0077).

/** As in tile-kernel.ts and packages/viewer/src/desktop/wasm-kernel.ts, in bytes. */
const COEFFICIENTS: usize = 65536;
const INPUT: usize = 131584;
const TILE_PIXELS: i32 = 4096;
const COMPONENT_BYTES: usize = 8192;
/** So many bytes from the end of the input on each symbol looks for it: three refills take at most seven and read eight. */
const FAST_BYTES: usize = 24;
/** Longer runs of equal bits are decoded carefully: shorter ones and what follows them are always in the window. */
const FAST_RUN: i32 = 32;

// [MS-RDPRFX] 3.1.8.1.7.3.
const KPMAX: i32 = 80;
const LSGR: i32 = 3;
const UP_GR: i32 = 4;
const DN_GR: i32 = 6;
const UQ_GR: i32 = 3;
const DQ_GR: i32 = 3;
const MAX_RLGR_CODE: i32 = 0x1ffff;

// The next bits, the first one highest; how many there are; where the next byte is and where they end.
let bitWindow: u64 = 0;
let bitCount: i32 = 0;
let byteAt: usize = 0;
let byteEnd: usize = 0;
let kp: i32 = 8;
let krp: i32 = 8;
let isBad: bool = false;

@inline
function fill(): void {
  if (bitCount > 32) return;
  if (byteAt + 4 <= byteEnd) {
    bitWindow |= (<u64>bswap<u32>(load<u32>(byteAt))) << (32 - bitCount);
    byteAt += 4;
    bitCount += 32;
    return;
  }
  while (bitCount <= 56 && byteAt < byteEnd) {
    bitWindow |= (<u64>load<u8>(byteAt)) << (56 - bitCount);
    byteAt++;
    bitCount += 8;
  }
}

/** The next `count` bits, -1 when there are not that many. */
@inline
function bits(count: i32): i32 {
  if (count === 0) return 0;
  if (bitCount < count) fill();
  if (bitCount < count) return -1;
  const value = <i32>(bitWindow >> (64 - count));
  bitWindow <<= count;
  bitCount -= count;
  return value;
}

/** How many zeros (or ones, with `flip` all ones) come before the other bit; -1 when the bytes end before it. */
@inline
function run(flip: u64): i32 {
  let length = 0;
  while (true) {
    fill();
    if (bitCount === 0) return -1;
    const equal = <i32>clz<u64>(bitWindow ^ flip);
    if (equal < bitCount) {
      bitWindow = (bitWindow << equal) << 1;
      bitCount -= equal + 1;
      return length + equal;
    }
    length += bitCount;
    bitCount = 0;
    bitWindow = 0;
  }
}

function golombRice(): i32 {
  const high = run(0xffffffffffffffff);
  if (high < 0) return -1;
  const low = bits(krp >> LSGR);
  if (low < 0) return -1;
  const code = (high << (krp >> LSGR)) + low;
  if (code > MAX_RLGR_CODE) {
    isBad = true;
    return -1;
  }
  if (high === 0) krp = max(krp - 2, 0);
  else if (high > 1) krp = min(krp + high, KPMAX);
  return code;
}

@inline
function fromCode(code: i32): i32 {
  return (code & 1) === 0 ? code >> 1 : -((code + 1) >> 1);
}

function decodeRun(out: usize, start: i32): i32 {
  const zeros = run(0);
  if (zeros < 0) return -1;
  let at = start;
  for (let index = 0; index < zeros && at < TILE_PIXELS; index++) {
    at += 1 << (kp >> LSGR);
    kp = min(kp + UP_GR, KPMAX);
  }
  const rest = bits(kp >> LSGR);
  if (rest < 0) return -1;
  const sign = bits(1);
  if (sign < 0) return -1;
  const code = golombRice();
  if (code < 0) return -1;
  kp = max(kp - DN_GR, 0);
  at += rest;
  if (at < TILE_PIXELS) store<i16>(out + (<usize>at << 1), <i16>(sign === 0 ? code + 1 : -(code + 1)));
  return at + 1;
}

function decodeSingle(out: usize, at: i32): i32 {
  const code = golombRice();
  if (code < 0) return -1;
  kp = code === 0 ? min(kp + UQ_GR, KPMAX) : max(kp - DQ_GR, 0);
  store<i16>(out + (<usize>at << 1), <i16>fromCode(code));
  return at + 1;
}

function decodePair(out: usize, at: i32): i32 {
  const sum = golombRice();
  if (sum < 0) return -1;
  const first = bits(32 - <i32>clz<u32>(sum));
  if (first < 0) return -1;
  const second = sum - first;
  if (first !== 0 && second !== 0) kp = max(kp - 2 * DQ_GR, 0);
  else if (first === 0 && second === 0) kp = min(kp + 2 * UQ_GR, KPMAX);
  store<i16>(out + (<usize>at << 1), <i16>fromCode(first));
  if (at + 1 < TILE_PIXELS) store<i16>(out + (<usize>at << 1) + 2, <i16>fromCode(second));
  return at + 2;
}

/** One symbol with a look for the end of the bytes at each step. */
function decodeCarefully(out: usize, at: i32, isRlgr3: bool): i32 {
  if (kp >> LSGR !== 0) return decodeRun(out, at);
  return isRlgr3 ? decodePair(out, at) : decodeSingle(out, at);
}

/** A window of at least 56 bits: those it has and what follows from `at` on, of which eight bytes are known to be there. */
@inline
function refill(window: u64, count: i32, at: usize): u64 {
  return window | (bswap<u64>(load<u64>(at)) >> count);
}

/** Decodes the first `length` bytes of the input into a component; false for a code no encoder writes. */
export function entropy(component: i32, length: i32, isRlgr3: bool): bool {
  const out = COEFFICIENTS + <usize>component * COMPONENT_BYTES;
  memory.fill(out, 0, COMPONENT_BYTES);
  bitWindow = 0;
  bitCount = 0;
  byteAt = INPUT;
  byteEnd = INPUT + <usize>length;
  kp = 8;
  krp = 8;
  isBad = false;
  let at = 0;
  while (at >= 0 && at < TILE_PIXELS) {
    if (byteAt + FAST_BYTES <= byteEnd) at = decodeMany(out, at, isRlgr3);
    if (at < TILE_PIXELS) at = decodeCarefully(out, at, isRlgr3);
  }
  return !isBad;
}

/**
 * Decodes symbols as long as the end of the bytes is far and runs are short, all state in locals; returns where the next
 * one goes, which has to be decoded carefully unless it is the end.
 */
function decodeMany(out: usize, start: i32, isRlgr3: bool): i32 {
  // Bits below `count` are those of the next bytes already: to put them there again changes nothing.
  let window = bitWindow;
  let count = bitCount;
  let from = byteAt;
  let k = kp;
  let kr = krp;
  let at = start;
  const fastEnd = byteEnd - FAST_BYTES;
  while (at < TILE_PIXELS && from <= fastEnd) {
    // Written back only with a whole symbol: one that is given up begins anew.
    let bits = refill(window, count, from);
    let next = from + <usize>((63 - count) >> 3);
    let left = count | 56;
    let k2 = k;
    let place = at;
    let isNegative = 0;
    const isRun = k >> LSGR !== 0;
    if (isRun) {
      const zeros = <i32>clz<u64>(bits);
      if (zeros >= FAST_RUN) break;
      bits = (bits << zeros) << 1;
      left -= zeros + 1;
      for (let index = 0; index < zeros && place < TILE_PIXELS; index++) {
        place += 1 << (k2 >> LSGR);
        k2 = min(k2 + UP_GR, KPMAX);
      }
      const size = k2 >> LSGR;
      // A shift by 64 would be one by none; the size is 0 only where `k2` was not.
      place += size === 0 ? 0 : <i32>(bits >> (64 - size));
      bits <<= size;
      isNegative = <i32>(bits >> 63);
      bits <<= 1;
      left -= size + 1;
      bits = refill(bits, left, next);
      next += <usize>((63 - left) >> 3);
      left |= 56;
    }
    const high = <i32>clz<u64>(~bits);
    if (high >= FAST_RUN) break;
    bits = (bits << high) << 1;
    const size = kr >> LSGR;
    const low = size === 0 ? 0 : <i32>(bits >> (64 - size));
    bits <<= size;
    left -= high + 1 + size;
    const code = (high << size) + low;
    if (isRun) {
      k = max(k2 - DN_GR, 0);
      if (place < TILE_PIXELS)
        store<i16>(out + (<usize>place << 1), <i16>(isNegative === 0 ? code + 1 : -(code + 1)));
      at = place + 1;
    } else if (isRlgr3) {
      bits = refill(bits, left, next);
      next += <usize>((63 - left) >> 3);
      left |= 56;
      const firstSize = 32 - <i32>clz<u32>(code);
      const first = firstSize === 0 ? 0 : <i32>(bits >> (64 - firstSize));
      bits <<= firstSize;
      left -= firstSize;
      const second = code - first;
      if (first !== 0 && second !== 0) k = max(k - 2 * DQ_GR, 0);
      else if (first === 0 && second === 0) k = min(k + 2 * UQ_GR, KPMAX);
      store<i16>(out + (<usize>at << 1), <i16>fromCode(first));
      if (at + 1 < TILE_PIXELS) store<i16>(out + (<usize>at << 1) + 2, <i16>fromCode(second));
      at += 2;
    } else {
      k = code === 0 ? min(k + UQ_GR, KPMAX) : max(k - DQ_GR, 0);
      store<i16>(out + (<usize>at << 1), <i16>fromCode(code));
      at++;
    }
    if (high === 0) kr = max(kr - 2, 0);
    else if (high > 1) kr = min(kr + high, KPMAX);
    window = bits;
    count = left;
    from = next;
  }
  bitWindow = count === 0 ? 0 : (window >> (64 - count)) << (64 - count);
  bitCount = count;
  byteAt = from;
  kp = k;
  krp = kr;
  return at;
}
