import { DecodeError } from "@poterne/bytes";
import { MAX_LIST_ENTRIES } from "../limits.ts";
import { DerReader, readOnly, Tag } from "./der-reader.ts";
import type { ValueReader } from "./der-values.ts";

/**
 * The fields of a SEQUENCE whose members carry context tags `[0]` to `[30]`, in rising order, each at most once. Fields
 * nobody asks for are passed over, as later editions of a structure may add some.
 */
export class DerFields {
  readonly #structure: string;
  readonly #fields = new Map<number, Uint8Array>();

  constructor(der: Uint8Array, structure: string) {
    this.#structure = structure;
    const reader = new DerReader(readOnly(der, Tag.sequence, structure), structure);
    let last = -1;
    while (!reader.isAtEnd) {
      const { tag, contents } = reader.next();
      const number = tag & 0x1f;
      if ((tag & 0xe0) !== 0xa0 || number <= last)
        throw new DecodeError("invalid", structure, 0, `field ${tag.toString(16)} out of place`);
      last = number;
      this.#fields.set(number, contents);
    }
  }

  /** A field that must be there. */
  get<Value>(number: number, read: ValueReader<Value>): Value {
    const der = this.#fields.get(number);
    if (der === undefined)
      throw new DecodeError("invalid", this.#structure, 0, `field [${number}] is missing`);
    return read(der, `${this.#structure}[${number}]`);
  }

  /** A field that may be missing. */
  find<Value>(number: number, read: ValueReader<Value>): Value | undefined {
    return this.#fields.has(number) ? this.get(number, read) : undefined;
  }
}

/** Reads a SEQUENCE OF with at most `MAX_LIST_ENTRIES` entries. */
export function listOf<Value>(read: ValueReader<Value>): ValueReader<Value[]> {
  return (der, structure) => {
    const reader = new DerReader(readOnly(der, Tag.sequence, structure), structure);
    const values: Value[] = [];
    while (!reader.isAtEnd) {
      if (values.length >= MAX_LIST_ENTRIES) throw new DecodeError("limit", structure, 0, "entries");
      values.push(read(reader.next().whole, structure));
    }
    return values;
  };
}

/** Requires a number to be what the specification fixes, such as `pvno`. */
export function requireNumber(found: number, wanted: number, structure: string): void {
  if (found !== wanted) throw new DecodeError("invalid", structure, 0, `${found}, not ${wanted}`);
}
