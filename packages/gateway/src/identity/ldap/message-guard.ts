import { type Element, isAnswer } from "./message-shape.ts";

/** Deepest nesting of a message: an entry's values are at 6, filters are never sent to us. */
const MAX_DEPTH = 16;
/** Longest message, bytes. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const CONSTRUCTED = 0x20;
const SEQUENCE = 0x30;

/**
 * Cuts what a directory sends into whole LDAP messages and looks at the shape of each before the library reads it: the
 * library trusts lengths and kinds, and a wrong one made it take memory without end.
 */
export class MessageGuard {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are whole now, each well-formed BER (RFC 4511 §5.1). Throws when one is not, or is too long. */
  take(chunk: Buffer): readonly Buffer[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      if (bytes.length > 0 && bytes[0] !== SEQUENCE) throw new Error("the directory sent no LDAP message");
      const head = readHead(bytes, 0, bytes.length);
      if (head === null) break;
      const size = head.start + head.length;
      if (size > MAX_MESSAGE_BYTES) throw new Error("the directory sent more than is taken");
      if (size > bytes.length) break;
      const children = readInside(bytes, { from: head.start, to: size, depth: 1 });
      if (!isAnswer({ tag: SEQUENCE, start: head.start, end: size, children })) throw malformed();
      messages.push(bytes.subarray(0, size));
      bytes = bytes.subarray(size);
    }
    this.#rest = bytes;
    return messages;
  }
}

interface Head {
  readonly isConstructed: boolean;
  /** Where the contents begin. */
  readonly start: number;
  readonly length: number;
}

/** The head of the element at a place; null when it is not all there. */
function readHead(bytes: Buffer, at: number, end: number): Head | null {
  if (at + 2 > end) return null;
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0;
  if ((tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84) throw malformed();
  const isConstructed = (tag & CONSTRUCTED) !== 0;
  if (first < 0x80) return { isConstructed, start: at + 2, length: first };
  const count = first & 0x7f;
  if (at + 2 + count > end) return null;
  return { isConstructed, start: at + 2 + count, length: bytes.readUIntBE(at + 2, count) };
}

/** The elements of a part, each wholly inside its parent; throws when one is not. */
function readInside(
  bytes: Buffer,
  part: { readonly from: number; readonly to: number; readonly depth: number },
): Element[] {
  if (part.depth > MAX_DEPTH) throw malformed();
  const elements: Element[] = [];
  for (let at = part.from; at < part.to; ) {
    const head = readHead(bytes, at, part.to);
    if (head === null || head.start + head.length > part.to) throw malformed();
    const end = head.start + head.length;
    const inside = { from: head.start, to: end, depth: part.depth + 1 };
    const children = head.isConstructed ? readInside(bytes, inside) : [];
    elements.push({ tag: bytes[at] ?? 0, start: head.start, end, children });
    at = end;
  }
  return elements;
}

function malformed(): Error {
  return new Error("the directory sent a malformed message");
}
