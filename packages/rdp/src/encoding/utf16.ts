/** UTF-16LE bytes of a text, without terminator. */
export function encodeUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    bytes[index * 2] = unit;
    bytes[index * 2 + 1] = unit >>> 8;
  }
  return bytes;
}

/** The text of UTF-16LE bytes up to the first NUL or the end; an odd last byte is dropped. */
export function decodeUtf16(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    if (unit === 0) break;
    parts.push(String.fromCharCode(unit));
  }
  return parts.join("");
}

/** A text in a field of fixed size, cut so that at least one NUL follows. */
export function encodeUtf16Field(text: string, sizeBytes: number): Uint8Array {
  const field = new Uint8Array(sizeBytes);
  field.set(encodeUtf16(text).subarray(0, sizeBytes - 2));
  return field;
}

/** Text of a server without control characters, at most `limit` characters, so that it can do nothing where it is shown. */
export function cleanText(text: string, limit = 300): string {
  return text
    .replace(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, limit);
}
