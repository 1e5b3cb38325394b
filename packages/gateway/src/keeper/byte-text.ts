/** Bytes of an ASCII or UTF-8 text. */
export function utf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** Base64 text of bytes, as it crosses the keeper's channel and stands in key files. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Bytes of a base64 text; throws when it is not exactly that. */
export function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Error("not base64");
  return bytes;
}
