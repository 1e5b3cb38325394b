/** SSH strings and integers (RFC 4251 §5), as far as keys and signatures need them. */

/** RFC 4251 §5 string: length, bytes. */
export function sshString(value: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(value as Uint8Array);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** RFC 4251 §5 mpint of an unsigned big-endian number. */
export function sshMpint(unsigned: Uint8Array): Uint8Array {
  let start = 0;
  while (start < unsigned.length && unsigned[start] === 0) start++;
  const bytes = unsigned.subarray(start);
  const isHigh = ((bytes[0] ?? 0) & 0x80) !== 0;
  return sshString(isHigh ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes);
}

/** Reads one value after another; every read throws a RangeError beyond the end. */
export class SshReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** One byte. */
  byte(): number {
    return this.#take(1).readUInt8();
  }

  /** A 32-bit number. */
  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  /** A string's bytes, a view. */
  string(): Buffer {
    return this.#take(this.uint32());
  }

  /** A string as ASCII text. */
  text(): string {
    return this.string().toString("latin1");
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  #take(count: number): Buffer {
    const end = this.#offset + count;
    if (end > this.#bytes.length) throw new RangeError("an SSH value ends beyond its message");
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}
