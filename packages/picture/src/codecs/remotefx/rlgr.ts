import { DecodeError } from "@poterne/bytes";
import { BitReader } from "./bit-reader.ts";
import { TILE_PIXELS } from "./tile.ts";

/** [MS-RDPRFX] 2.2.2.3.4 `et`: how values of Golomb-Rice mode are packed. */
export const RlgrMode = { rlgr1: 1, rlgr3: 4 } as const;

/** One of the numbers of `RlgrMode`. */
export type RlgrModeId = (typeof RlgrMode)[keyof typeof RlgrMode];

/** [MS-RDPRFX] 3.1.8.1.7.3. */
const KPMAX = 80;
const LSGR = 3;
const UP_GR = 4;
const DN_GR = 6;
const UQ_GR = 3;
const DQ_GR = 3;
/** Codes over this stand for more than two 16-bit coefficients hold. */
export const MAX_RLGR_CODE = 0x1ffff;

const reader = new BitReader();

/** The two adaptive parameters, eight times too large as in the specification. */
let kp = 8;
let krp = 8;

/**
 * [MS-RDPRFX] 3.1.8.1.7 RLGR1 and RLGR3: fills `out` with the coefficients of one component. What the bytes do not say
 * is zero; bytes after the last coefficient are ignored. Throws `DecodeError` `invalid` for a code no encoder writes.
 */
export function decodeRlgr(bytes: Uint8Array, mode: RlgrModeId, out: Int16Array): void {
  out.fill(0);
  reader.open(bytes);
  kp = 8;
  krp = 8;
  for (let at = 0; at >= 0 && at < TILE_PIXELS; ) {
    if (kp >> LSGR !== 0) at = decodeRun(out, at);
    else if (mode === RlgrMode.rlgr1) at = decodeSingle(out, at);
    else at = decodePair(out, at);
  }
}

/** Run-length mode: zeros and one value after them. Returns where the next one goes, -1 at the end of the bits. */
function decodeRun(out: Int16Array, start: number): number {
  const zeros = reader.run(0);
  if (zeros < 0) return -1;
  let at = start;
  for (let index = 0; index < zeros && at < TILE_PIXELS; index++) {
    at += 1 << (kp >> LSGR);
    kp = Math.min(kp + UP_GR, KPMAX);
  }
  const rest = reader.bits(kp >> LSGR);
  if (rest < 0) return -1;
  const sign = reader.bits(1);
  if (sign < 0) return -1;
  const code = decodeGolombRice();
  if (code < 0) return -1;
  kp = Math.max(kp - DN_GR, 0);
  at += rest;
  if (at < TILE_PIXELS) out[at] = sign === 0 ? code + 1 : -(code + 1);
  return at + 1;
}

/** Golomb-Rice mode of RLGR1: one value. */
function decodeSingle(out: Int16Array, at: number): number {
  const code = decodeGolombRice();
  if (code < 0) return -1;
  if (code === 0) kp = Math.min(kp + UQ_GR, KPMAX);
  else kp = Math.max(kp - DQ_GR, 0);
  out[at] = fromCode(code);
  return at + 1;
}

/** Golomb-Rice mode of RLGR3: two values whose codes were added. */
function decodePair(out: Int16Array, at: number): number {
  const sum = decodeGolombRice();
  if (sum < 0) return -1;
  const first = reader.bits(32 - Math.clz32(sum));
  if (first < 0) return -1;
  const second = sum - first;
  if (first !== 0 && second !== 0) kp = Math.max(kp - 2 * DQ_GR, 0);
  else if (first === 0 && second === 0) kp = Math.min(kp + 2 * UQ_GR, KPMAX);
  out[at] = fromCode(first);
  if (at + 1 < TILE_PIXELS) out[at + 1] = fromCode(second);
  return at + 2;
}

/** Twice the magnitude, less one for a negative value. */
function fromCode(code: number): number {
  return (code & 1) === 0 ? code >> 1 : -((code + 1) >> 1);
}

/** A Golomb-Rice code, -1 at the end of the bits; adapts `krp`. */
function decodeGolombRice(): number {
  const high = reader.run(1);
  if (high < 0) return -1;
  const low = reader.bits(krp >> LSGR);
  if (low < 0) return -1;
  const code = high * (1 << (krp >> LSGR)) + low;
  if (code > MAX_RLGR_CODE) throw new DecodeError("invalid", "RLGR", 0, "a coefficient over 16 bits");
  if (high === 0) krp = Math.max(krp - 2, 0);
  else if (high > 1) krp = Math.min(krp + high, KPMAX);
  return code;
}
