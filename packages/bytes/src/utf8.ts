const REPLACEMENT = 0xfffd;

/** Encodes text as UTF-8 (RFC 3629); a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    let point = character.codePointAt(0) ?? REPLACEMENT;
    if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT;
    if (point < 0x80) bytes[length++] = point;
    else if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      bytes[length++] = 0xe0 | (point >> 12);
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else {
      bytes[length++] = 0xf0 | (point >> 18);
      bytes[length++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

const MINIMUM_BY_EXTRA = [0, 0x80, 0x800, 0x10000];

/** Decodes UTF-8 (RFC 3629); bytes that are not UTF-8 become U+FFFD, so the result never throws and never hides them. */
export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let points: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [point, used] = decodePoint(bytes, at);
    points.push(point);
    at += used;
    if (points.length >= 4096) {
      parts.push(String.fromCodePoint(...points));
      points = [];
    }
  }
  parts.push(String.fromCodePoint(...points));
  return parts.join("");
}

function decodePoint(bytes: Uint8Array, at: number): [point: number, used: number] {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return [first, 1];
  const extra =
    first >= 0xf0 && first < 0xf5
      ? 3
      : first >= 0xe0 && first < 0xf0
        ? 2
        : first >= 0xc2 && first < 0xe0
          ? 1
          : 0;
  if (extra === 0) return [REPLACEMENT, 1];
  let point = first & (0x3f >> extra);
  for (let index = 1; index <= extra; index++) {
    const next = bytes[at + index];
    if (next === undefined || (next & 0xc0) !== 0x80) return [REPLACEMENT, index];
    point = (point << 6) | (next & 0x3f);
  }
  const isValid =
    point >= (MINIMUM_BY_EXTRA[extra] ?? 0) && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return [isValid ? point : REPLACEMENT, extra + 1];
}
