import { ByteReader, ByteWriter, concatBytes } from "@poterne/bytes";
import { decodeUtf16, encodeUtf16, encodeUtf16Field } from "../encoding/utf16.ts";

/** [MS-RDPECLIP] 2.2.1 msgType. */
export const MessageType = {
  CB_MONITOR_READY: 1,
  CB_FORMAT_LIST: 2,
  CB_FORMAT_LIST_RESPONSE: 3,
  CB_FORMAT_DATA_REQUEST: 4,
  CB_FORMAT_DATA_RESPONSE: 5,
  CB_CLIP_CAPS: 7,
  CB_FILECONTENTS_REQUEST: 8,
  CB_FILECONTENTS_RESPONSE: 9,
} as const;
/** [MS-RDPECLIP] 2.2.1 msgFlags. */
export const MessageFlag = { CB_RESPONSE_OK: 1, CB_RESPONSE_FAIL: 2, CB_ASCII_NAMES: 4 } as const;
/** [MS-RDPECLIP] 2.2.2.1.1.1 generalFlags. */
export const ClipboardFlag = {
  CB_USE_LONG_FORMAT_NAMES: 0x02,
  CB_STREAM_FILECLIP_ENABLED: 0x04,
  CB_FILECLIP_NO_FILE_PATHS: 0x08,
  CB_HUGE_FILE_SUPPORT_ENABLED: 0x20,
} as const;

const CB_CAPSTYPE_GENERAL = 1;
const CB_CAPS_VERSION_2 = 2;
const SHORT_NAME_BYTES = 32;
/** Formats of one list that are looked at; servers name a few dozen. */
const MAX_FORMATS = 1024;

/** One format of a list: a number, and a name where the number is no standard one. */
export interface ClipboardFormat {
  readonly id: number;
  readonly name: string;
}

/** [MS-RDPECLIP] 2.2.1 CLIPRDR_HEADER and what follows. */
export function encodeClipboardPdu(type: number, flags: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + 8).u16le(type).u16le(flags).u32le(body.length).put(body).finish();
}

/** [MS-RDPECLIP] 2.2.2.1 CLIPRDR_CAPS: `generalFlags`; 0 where there is no general set. Throws `DecodeError`. */
export function decodeClipboardCapabilities(body: ByteReader): number {
  const count = body.u16le();
  body.advance(2);
  let flags = 0;
  for (let index = 0; index < count && body.remaining >= 4; index++) {
    const type = body.u16le();
    const set = new ByteReader(body.take(Math.max(0, body.u16le() - 4)), "clipboard capability");
    if (type !== CB_CAPSTYPE_GENERAL) continue;
    set.advance(4);
    flags = set.u32le();
  }
  return flags;
}

/** [MS-RDPECLIP] 2.2.2.1 with a general set of these `ClipboardFlag` bits. */
export function encodeClipboardCapabilities(flags: number): Uint8Array {
  const general = new ByteWriter().u16le(CB_CAPSTYPE_GENERAL).u16le(12).u32le(CB_CAPS_VERSION_2).u32le(flags);
  const body = concatBytes([Uint8Array.of(1, 0, 0, 0), general.finish()]);
  return encodeClipboardPdu(MessageType.CB_CLIP_CAPS, 0, body);
}

/** [MS-RDPECLIP] 2.2.3.1: with long names, or short ones of 32 bytes, in ASCII where `isAscii`. Throws `DecodeError`. */
export function decodeFormatList(
  body: ByteReader,
  names: { readonly areLong: boolean; readonly areAscii: boolean },
): ClipboardFormat[] {
  const formats: ClipboardFormat[] = [];
  while (body.remaining >= 4) {
    if (formats.length >= MAX_FORMATS) throw body.fail("limit", "formats");
    const id = body.u32le();
    formats.push({ id, name: names.areLong ? longName(body) : shortName(body, names.areAscii) });
  }
  return formats;
}

/** [MS-RDPECLIP] 2.2.3.1 CLIPRDR_FORMAT_LIST. */
export function encodeFormatList(formats: readonly ClipboardFormat[], areLong: boolean): Uint8Array {
  const writer = new ByteWriter();
  for (const { id, name } of formats) {
    writer.u32le(id);
    writer.put(areLong ? encodeUtf16(`${name}\0`) : encodeUtf16Field(name, SHORT_NAME_BYTES));
  }
  return encodeClipboardPdu(MessageType.CB_FORMAT_LIST, 0, writer.finish());
}

function longName(body: ByteReader): string {
  const start = body.offset;
  while (body.remaining >= 2 && body.u16le() !== 0);
  return decodeUtf16(body.bytes.subarray(start, body.offset));
}

function shortName(body: ByteReader, isAscii: boolean): string {
  const field = body.take(Math.min(SHORT_NAME_BYTES, body.remaining));
  if (!isAscii) return decodeUtf16(field);
  const end = field.indexOf(0);
  return String.fromCharCode(...(end < 0 ? field : field.subarray(0, end)));
}
