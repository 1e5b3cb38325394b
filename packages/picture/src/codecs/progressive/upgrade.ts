import { BitReader } from "../remotefx/bit-reader.ts";
import { BANDS } from "../remotefx/tile.ts";

/** [MS-RDPEGFX] 3.1.8.1.5.1. */
const KPMAX = 80;
const LSGR = 3;
const UP_GR = 4;
const DN_GR = 6;

/** [MS-RDPEGFX] 3.1.8.1.5 Simplified Run-Length: values of which most are zero. After the end of the bytes: zeros. */
export class SrlReader {
  readonly #reader = new BitReader();
  #kp = 8;
  #zeros = 0;
  /** The run of zeros has been read, a value comes after it. */
  #isRunRead = false;

  open(bytes: Uint8Array): void {
    this.#reader.open(bytes);
    this.#kp = 8;
    this.#zeros = 0;
    this.#isRunRead = false;
  }

  /** The next value; its magnitude has at most `bitCount` bits. */
  next(bitCount: number): number {
    while (this.#zeros === 0 && !this.#isRunRead) this.#readRun();
    if (this.#zeros > 0) {
      this.#zeros--;
      return 0;
    }
    this.#isRunRead = false;
    this.#kp = Math.max(this.#kp - DN_GR, 0);
    return this.#readValue(bitCount);
  }

  #readRun(): void {
    const bits = this.#kp >> LSGR;
    const bit = this.#reader.bits(1);
    if (bit === 1) {
      this.#zeros = Math.max(this.#reader.bits(bits), 0);
      this.#isRunRead = true;
      return;
    }
    // A whole run; also what follows the last byte.
    this.#zeros = 1 << bits;
    this.#kp = Math.min(this.#kp + UP_GR, KPMAX);
  }

  #readValue(bitCount: number): number {
    const isNegative = this.#reader.bits(1) === 1;
    const max = (1 << bitCount) - 1;
    let magnitude = 1;
    while (magnitude < max && this.#reader.bits(1) === 0) magnitude++;
    return isNegative ? -magnitude : magnitude;
  }
}

/** What an upgrade of one component works on; all lists are in the order of the layout's bands. */
export interface ComponentUpgrade {
  /** The coefficients so far, changed in place. */
  readonly coefficients: Int16Array;
  /** -1, 0 or 1: what an element has been up to now; LL3 has none. */
  readonly signs: Int8Array;
  readonly bandStarts: readonly number[];
  /** Bits each band gets now, 0 to 15. */
  readonly bitCounts: Uint8Array;
  /** Where these bits stand in the coefficients. */
  readonly shifts: Uint8Array;
  readonly srl: Uint8Array;
  readonly raw: Uint8Array;
}

const srlReader = new SrlReader();
const rawReader = new BitReader();

/** [MS-RDPEGFX] 3.3.8.2.1.2: adds one upgrade pass. What the bytes do not say is zero. */
export function upgradeComponent(upgrade: ComponentUpgrade): void {
  srlReader.open(upgrade.srl);
  rawReader.open(upgrade.raw);
  for (let band = 0; band < BANDS; band++) {
    if ((upgrade.bitCounts[band] as number) === 0) continue;
    if (band === BANDS - 1) upgradeLast(upgrade);
    else upgradeBand(upgrade, band);
  }
}

function upgradeBand(upgrade: ComponentUpgrade, band: number): void {
  const { coefficients, signs, bandStarts } = upgrade;
  const bitCount = upgrade.bitCounts[band] as number;
  const shift = upgrade.shifts[band] as number;
  const end = bandStarts[band + 1] as number;
  for (let at = bandStarts[band] as number; at < end; at++) {
    const sign = signs[at] as number;
    let input = 0;
    if (sign === 0) {
      input = srlReader.next(bitCount);
      signs[at] = Math.sign(input);
    } else input = sign * Math.max(rawReader.bits(bitCount), 0);
    if (input !== 0 && shift < 16) coefficients[at] = (coefficients[at] as number) + (input << shift);
  }
}

/** LL3 is always raw and only grows. */
function upgradeLast({ coefficients, bandStarts, bitCounts, shifts }: ComponentUpgrade): void {
  const bitCount = bitCounts[BANDS - 1] as number;
  const shift = shifts[BANDS - 1] as number;
  for (let at = bandStarts[BANDS - 1] as number; at < (bandStarts[BANDS] as number); at++) {
    const input = Math.max(rawReader.bits(bitCount), 0);
    if (shift < 16) coefficients[at] = (coefficients[at] as number) + (input << shift);
  }
}
