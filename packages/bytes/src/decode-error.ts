/** Why bytes were refused: too few, not what the specification allows, not supported here, or over a named limit. */
export type DecodeErrorCode = "truncated" | "invalid" | "unsupported" | "limit";

/** Bad input from the wire: what was wrong, in which structure, at which byte offset. Never holds the bytes. */
export class DecodeError extends Error {
  readonly code: DecodeErrorCode;
  readonly structure: string;
  readonly offset: number;

  constructor(code: DecodeErrorCode, structure: string, offset: number, detail = "") {
    super(`${structure}: ${code} at byte ${offset}${detail === "" ? "" : `: ${detail}`}`);
    this.name = "DecodeError";
    this.code = code;
    this.structure = structure;
    this.offset = offset;
  }
}
