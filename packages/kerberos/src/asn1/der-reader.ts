import { DecodeError } from "@poterne/bytes";

/** Tags of X.690 that Kerberos uses. */
export const Tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  generalizedTime: 0x18,
  generalString: 0x1b,
  sequence: 0x30,
} as const;

/** The identifier octet of `[number]` around another type (EXPLICIT), 0 to 30. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/** The identifier octet of `[APPLICATION number]`, 0 to 30. */
export function applicationTag(number: number): number {
  return 0x60 | number;
}

/** One value as it lies in the bytes: identifier octet, contents, and both with the length between them. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly whole: Uint8Array;
}

const MAX_LENGTH_OCTETS = 4;

/**
 * Reads X.690 DER values one after the other from bytes it does not own. Identifiers are one octet, lengths definite and
 * as short as they can be; anything else is a `DecodeError` `invalid`, a value cut short `truncated`.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #structure: string;
  #offset = 0;

  constructor(bytes: Uint8Array, structure: string) {
    this.#bytes = bytes;
    this.#structure = structure;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** The next value, whatever it is. */
  next(): DerElement {
    const start = this.#offset;
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw this.#fail("unsupported", "identifier of several octets");
    const length = this.#length();
    if (length > this.#bytes.length - this.#offset) throw this.#fail("truncated");
    const contents = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return { tag, contents, whole: this.#bytes.subarray(start, this.#offset) };
  }

  #octet(): number {
    const octet = this.#bytes[this.#offset];
    if (octet === undefined) throw this.#fail("truncated");
    this.#offset++;
    return octet;
  }

  #length(): number {
    const first = this.#octet();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_OCTETS) throw this.#fail("invalid", "form of the length");
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + this.#octet();
    const isShortest = length >= 0x80 && length >= 256 ** (count - 1);
    if (!isShortest) throw this.#fail("invalid", "length longer than needed");
    return length;
  }

  #fail(code: DecodeError["code"], detail = ""): DecodeError {
    return new DecodeError(code, this.#structure, this.#offset, detail);
  }
}

/** The contents of the only value in these bytes, which must have this tag. */
export function readOnly(bytes: Uint8Array, tag: number, structure: string): Uint8Array {
  const reader = new DerReader(bytes, structure);
  const element = reader.next();
  if (element.tag !== tag)
    throw new DecodeError(
      "invalid",
      structure,
      0,
      `tag ${element.tag.toString(16)}, not ${tag.toString(16)}`,
    );
  if (!reader.isAtEnd)
    throw new DecodeError("invalid", structure, element.whole.length, "bytes after the value");
  return element.contents;
}
