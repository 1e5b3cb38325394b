/** Reads bits, most significant first, from a part of a buffer it does not own; `left` tells how many there still are. */
export class BitReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** The next bits of the buffer, the oldest `#count` ones below all others. */
  #window = 0;
  #count = 0;

  /** Begins anew on all of `bytes`. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#window = 0;
    this.#count = 0;
  }

  /** Bits not read yet. */
  get left(): number {
    return (this.#bytes.length - this.#at) * 8 + this.#count;
  }

  #fill(): void {
    while (this.#count <= 24 && this.#at < this.#bytes.length) {
      this.#window = (this.#window << 8) | (this.#bytes[this.#at] as number);
      this.#at++;
      this.#count += 8;
    }
  }

  /** The next `count` (0–24) bits as a number; -1 and nothing is read when there are not that many. */
  bits(count: number): number {
    if (this.#count < count) this.#fill();
    if (this.#count < count) return -1;
    this.#count -= count;
    return (this.#window >>> this.#count) & ((1 << count) - 1);
  }

  /** How many equal bits come before the first other one, which is read too; -1 when the buffer ends before it. */
  run(bit: 0 | 1): number {
    for (let length = 0; ; ) {
      this.#fill();
      if (this.#count === 0) return -1;
      const aligned = (this.#window << (32 - this.#count)) ^ -bit;
      const equal = Math.clz32(aligned);
      if (equal < this.#count) {
        this.#count -= equal + 1;
        return length + equal;
      }
      length += this.#count;
      this.#count = 0;
    }
  }
}
