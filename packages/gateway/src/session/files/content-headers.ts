/** A part of a file: its first byte and, exclusive, its end. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/**
 * A `Content-Disposition` that saves under `name` whatever it holds (RFC 6266, RFC 5987): an ASCII form for old
 * clients, the true one percent-encoded. Nothing of the name can end the header or its quotes.
 */
export function attachmentHeader(name: string): string {
  const plain = name.replace(/[^ -~]/g, "_").replace(/["\\%/]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain === "" ? "file" : plain}"; filename*=UTF-8''${encoded}`;
}

/**
 * The part a `Range` header asks for (RFC 9110 §14), of a file of `sizeBytes`. Null for no header, several ranges or
 * one that makes no sense: then the whole file is the answer. `unsatisfiable` when it begins after the end.
 */
export function parseRange(header: string | null, sizeBytes: number): Part | "unsatisfiable" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { from: sizeBytes - length, to: sizeBytes };
  }
  const from = Number(first);
  const to = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (from >= sizeBytes) return "unsatisfiable";
  return to <= from ? null : { from, to };
}
