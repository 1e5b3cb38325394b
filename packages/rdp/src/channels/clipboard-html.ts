import { ByteReader, concatBytes, encodeUtf8 } from "@poterne/bytes";

/** The registered format's name ("HTML Clipboard Format" of Windows; [MS-RDPECLIP] passes it on as it is). */
export const HTML_FORMAT = "HTML Format";

const BEFORE = encodeUtf8("<html><body>\r\n<!--StartFragment-->");
const AFTER = encodeUtf8("<!--EndFragment-->\r\n</body></html>");
/** Digits of an offset, so that the header's length does not depend on them. */
const DIGITS = 10;
/** The header is looked for in so many bytes: `SourceURL` may be long. */
const MAX_HEADER_BYTES = 4096;

/** A fragment of HTML (UTF-8) in the layout of "HTML Format": offsets in bytes, then the whole. */
export function encodeHtmlFormat(fragment: Uint8Array): Uint8Array {
  const headerBytes = header(0, 0, 0, 0).length;
  const startFragment = headerBytes + BEFORE.length;
  const endFragment = startFragment + fragment.length;
  const end = endFragment + AFTER.length;
  const written = encodeUtf8(header(headerBytes, end, startFragment, endFragment));
  return concatBytes([written, BEFORE, fragment, AFTER, Uint8Array.of(0)]);
}

function header(startHtml: number, endHtml: number, startFragment: number, endFragment: number): string {
  const digits = (value: number) => String(value).padStart(DIGITS, "0");
  return (
    `Version:0.9\r\nStartHTML:${digits(startHtml)}\r\nEndHTML:${digits(endHtml)}\r\n` +
    `StartFragment:${digits(startFragment)}\r\nEndFragment:${digits(endFragment)}\r\n`
  );
}

/**
 * The fragment in a text of that layout, as UTF-8, a copy. Offsets that lie outside, cross or are missing are a
 * `DecodeError`: nothing is guessed.
 */
export function decodeHtmlFormat(data: Uint8Array): Uint8Array {
  const reader = new ByteReader(data, "HTML Format");
  const fields = readHeader(data.subarray(0, MAX_HEADER_BYTES));
  const start = fields.get("startfragment") ?? fields.get("starthtml");
  const end = fields.get("endfragment") ?? fields.get("endhtml");
  if (start === undefined || end === undefined) throw reader.fail("invalid", "no offsets");
  if (start > end || end > data.length) throw reader.fail("invalid", "offsets outside");
  return data.slice(start, end);
}

/** The header's numbers by name in small letters; it ends at the first line that is no `name:value`. */
function readHeader(bytes: Uint8Array): Map<string, number> {
  const fields = new Map<string, number>();
  for (const line of String.fromCharCode(...bytes).split(/\r\n|\n|\r/)) {
    const match = /^([A-Za-z]{1,32}):(.*)$/.exec(line);
    if (match === null) break;
    const [, name = "", value = ""] = match;
    if (/^\d{1,10}$/.test(value)) fields.set(name.toLowerCase(), Number(value));
  }
  return fields;
}
