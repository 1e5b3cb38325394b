// AssemblyScript, not TypeScript: the colours of packages/picture/src/codecs/avc with SIMD (decision 0077).

/** Lines for H.264's colours: the host writes lumas and halves, `combine` or `double` make U and V, `line` pixels. */
const LINE_BYTES: usize = 16448;
const LINES: usize = 262144;
const LINE_PIXELS: usize = LINES + 20 * LINE_BYTES;
/** Numbers of the lines of U, that of V is one more; 0 and 1 are the two lines of luma. */
const WHOLE_U: i32 = 2;
const AVERAGE_U: i32 = 6;
const RIGHT_U: i32 = 8;
const BELOW_U: i32 = 10;
const CORNER_U: i32 = 12;
const QUARTER_U: i32 = 14;
const WOVEN_U: i32 = 18;

@inline
function lineAt(number: i32): usize {
  return LINES + <usize>number * LINE_BYTES;
}

/** Weaves two lines of `count` bytes into one of twice as many. */
function weave(first: usize, second: usize, to: usize, count: i32): void {
  for (let index: usize = 0; index < <usize>count; index += 16) {
    const one = v128.load(first + index);
    const other = v128.load(second + index);
    v128.store(
      to + 2 * index,
      i8x16.shuffle(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
    );
    v128.store(
      to + 2 * index + 16,
      i8x16.shuffle(one, other, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    );
  }
}

/** 4:2:0: both whole lines of U and V from half lines of `count` bytes. */
export function double(count: i32): void {
  for (let plane = 0; plane < 2; plane++) {
    const average = lineAt(AVERAGE_U + plane);
    weave(average, average, lineAt(WHOLE_U + plane), count);
    weave(average, average, lineAt(WHOLE_U + 2 + plane), count);
  }
}

/** AVC444 version 1: takes the lower line of U and V apart into what stands below and in the corner. */
export function unweave(count: i32): void {
  for (let plane = 0; plane < 2; plane++) {
    const from = lineAt(WOVEN_U + plane);
    const below = lineAt(BELOW_U + plane);
    const corner = lineAt(CORNER_U + plane);
    for (let index: usize = 0; index < <usize>count; index += 16) {
      const one = v128.load(from + 2 * index);
      const other = v128.load(from + 2 * index + 16);
      v128.store(
        below + index,
        i8x16.shuffle(one, other, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
      );
      v128.store(
        corner + index,
        i8x16.shuffle(one, other, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31),
      );
    }
  }
}

/** AVC444 version 2: weaves quarter lines into what stands below. */
export function weaveBelow(count: i32): void {
  for (let plane = 0; plane < 2; plane++)
    weave(lineAt(QUARTER_U + plane), lineAt(QUARTER_U + 2 + plane), lineAt(BELOW_U + plane), count);
}

@inline
function unfilterEight(average: v128, right: v128, below: v128, corner: v128): v128 {
  const sum = i16x8.add(i16x8.add(right, below), corner);
  const value = i16x8.min_s(
    i16x8.max_s(i16x8.sub(i16x8.shl(average, 2), sum), i16x8.splat(0)),
    i16x8.splat(255),
  );
  const isFar = i16x8.gt_s(i16x8.abs(i16x8.sub(value, average)), i16x8.splat(30));
  return v128.bitselect(value, average, isFar);
}

/** AVC444: both whole lines of U and V from four half lines each of `count` bytes. */
export function combine(count: i32): void {
  for (let plane = 0; plane < 2; plane++) {
    const average = lineAt(AVERAGE_U + plane);
    const right = lineAt(RIGHT_U + plane);
    const below = lineAt(BELOW_U + plane);
    const corner = lineAt(CORNER_U + plane);
    for (let at: usize = 0; at < <usize>count; at += 16) {
      const low = unfilterEight(
        v128.load_ext<u8>(average + at),
        v128.load_ext<u8>(right + at),
        v128.load_ext<u8>(below + at),
        v128.load_ext<u8>(corner + at),
      );
      const high = unfilterEight(
        v128.load_ext<u8>(average + at + 8),
        v128.load_ext<u8>(right + at + 8),
        v128.load_ext<u8>(below + at + 8),
        v128.load_ext<u8>(corner + at + 8),
      );
      v128.store(average + at, i8x16.narrow_i16x8_u(low, high));
    }
    weave(average, right, lineAt(WHOLE_U + plane), count);
    weave(below, corner, lineAt(WHOLE_U + 2 + plane), count);
  }
}

/** `factor` times eight values, divided by 256 and rounded down; the products have to fit in 16 bits. */
@inline
function part(values: v128, factor: i16): v128 {
  return i16x8.shr_s(i16x8.mul(values, i16x8.splat(factor)), 8);
}

/** Pixels of the upper (0) or lower (1) line. 403 = 256 + 147 and 475 = 256 + 219 keep products in 16 bits. */
export function line(row: i32, width: i32): void {
  const y = lineAt(row);
  const u = lineAt(WHOLE_U + 2 * row);
  const v = lineAt(WHOLE_U + 2 * row + 1);
  const middle = i16x8.splat(128);
  const opaque = i16x8.splat(255);
  for (let at: usize = 0; at < <usize>width; at += 8) {
    const luma = v128.load_ext<u8>(y + at);
    const blueness = i16x8.sub(v128.load_ext<u8>(u + at), middle);
    const redness = i16x8.sub(v128.load_ext<u8>(v + at), middle);
    const red = i16x8.add(i16x8.add(luma, redness), part(redness, 147));
    const blue = i16x8.add(i16x8.add(luma, blueness), part(blueness, 219));
    const greens = i16x8.add(
      i16x8.mul(blueness, i16x8.splat(-48)),
      i16x8.mul(redness, i16x8.splat(-120)),
    );
    const green = i16x8.add(luma, i16x8.shr_s(greens, 8));
    const redBlue = i8x16.narrow_i16x8_u(red, blue);
    const greenOpaque = i8x16.narrow_i16x8_u(green, opaque);
    const redGreen = i8x16.shuffle(
      redBlue, greenOpaque, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
    );
    const blueOpaque = i8x16.shuffle(
      redBlue, greenOpaque, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31,
    );
    const to = LINE_PIXELS + 4 * at;
    v128.store(to, v128.shuffle<i16>(redGreen, blueOpaque, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + 16, v128.shuffle<i16>(redGreen, blueOpaque, 4, 12, 5, 13, 6, 14, 7, 15));
  }
}
