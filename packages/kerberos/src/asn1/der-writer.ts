import { concatBytes, encodeUtf8 } from "@poterne/bytes";
import { applicationTag, contextTag, Tag } from "./der-reader.ts";

/** One value: identifier octet, length in its shortest form, contents. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return concatBytes([Uint8Array.from(header), ...parts]);
}

/** SEQUENCE of its members; those that are undefined are left out. */
export function sequence(...parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  return element(Tag.sequence, ...parts.filter((part) => part !== undefined));
}

/** A member under its context tag. */
export function field(number: number, value: Uint8Array): Uint8Array {
  return element(contextTag(number), value);
}

/** A member that may be missing. */
export function optionalField<Value>(
  number: number,
  value: Value | undefined,
  write: (value: Value) => Uint8Array,
): Uint8Array | undefined {
  return value === undefined ? undefined : field(number, write(value));
}

/** A value under its application tag. */
export function application(number: number, value: Uint8Array): Uint8Array {
  return element(applicationTag(number), value);
}

/** INTEGER of -2^31 to 2^32 - 1. */
export function integer(value: number): Uint8Array {
  return element(Tag.integer, integerOctets(value));
}

/** ENUMERATED. */
export function enumerated(value: number): Uint8Array {
  return element(Tag.enumerated, integerOctets(value));
}

function integerOctets(value: number): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(rest & 0xff);
    rest = Math.floor(rest / 256);
  } while (!(rest === 0 && (octets[0] ?? 0) < 0x80) && !(rest === -1 && (octets[0] ?? 0) >= 0x80));
  return Uint8Array.from(octets);
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Uint8Array {
  return element(Tag.octetString, bytes);
}

/** KerberosString (RFC 4120 §5.2.1), in UTF-8. */
export function kerberosString(text: string): Uint8Array {
  return element(Tag.generalString, encodeUtf8(text));
}

/** KerberosTime (RFC 4120 §5.2.3) of Unix milliseconds; fractions of a second are dropped. */
export function kerberosTime(timeMs: number): Uint8Array {
  const text = new Date(timeMs).toISOString().replace(/[-:T]|\.\d+/g, "");
  return element(Tag.generalizedTime, encodeUtf8(text));
}

/** KerberosFlags (RFC 4120 §5.2.8): 32 bits, bit 0 the highest. */
export function kerberosFlags(flags: number): Uint8Array {
  const octets = Uint8Array.of(0, flags >>> 24, (flags >>> 16) & 0xff, (flags >>> 8) & 0xff, flags & 0xff);
  return element(Tag.bitString, octets);
}

/** OBJECT IDENTIFIER of its contents' octets. */
export function objectIdentifier(octets: Uint8Array): Uint8Array {
  return element(Tag.objectIdentifier, octets);
}
