import { ByteReader, ByteWriter, concatBytes, encodeUtf8 } from "@poterne/bytes";
import { decodeUtf16, encodeUtf16 } from "../encoding/utf16.ts";

/** [MS-RDPECLIP] 2.1: the static channel's name. */
export const CLIPRDR = "cliprdr";

/** [MS-RDPECLIP] 2.2.1 msgType. */
const MessageType = {
  CB_MONITOR_READY: 1,
  CB_FORMAT_LIST: 2,
  CB_FORMAT_LIST_RESPONSE: 3,
  CB_FORMAT_DATA_REQUEST: 4,
  CB_FORMAT_DATA_RESPONSE: 5,
  CB_CLIP_CAPS: 7,
  CB_FILECONTENTS_REQUEST: 8,
  CB_FILECONTENTS_RESPONSE: 9,
} as const;
const CB_RESPONSE_OK = 1;
const CB_RESPONSE_FAIL = 2;
const CB_CAPSTYPE_GENERAL = 1;
const CB_CAPS_VERSION_2 = 2;
const CB_USE_LONG_FORMAT_NAMES = 2;
const SHORT_NAME_BYTES = 32;
/** Formats of one list that are looked at; servers name a few dozen. */
const MAX_FORMATS = 1024;
const CF_UNICODETEXT = 13;

/** What a clipboard asks of its host. */
export type ClipboardAction =
  /** A message for the channel. */
  | { readonly type: "send"; readonly message: Uint8Array }
  /** The target's clipboard holds this text: UTF-8, lines end with a line feed. */
  | { readonly type: "text"; readonly text: Uint8Array }
  /** The target's clipboard holds more text than may be taken. */
  | { readonly type: "tooLarge"; readonly sizeBytes: number };

/** What passes. */
export interface ClipboardRules {
  /** Whether the target's clipboard is asked for. */
  readonly fromTarget: boolean;
  /** Whether ours is offered to the target. */
  readonly toTarget: boolean;
  /** The longest text taken, in bytes of UTF-8. */
  readonly maxBytes: number;
}

/** [MS-RDPECLIP] on the client's side, text only: no file or other format is ever offered or asked for. */
export class ClipboardChannel {
  readonly #rules: ClipboardRules;
  #isReady = false;
  #hasLongNames = false;
  /** What was offered and may be asked for, as it goes out; null for nothing. */
  #offered: Uint8Array | null = null;
  #awaitsText = false;

  constructor(rules: ClipboardRules) {
    this.#rules = rules;
  }

  /** Takes one whole message of the channel; throws `DecodeError`. */
  receive(message: Uint8Array): ClipboardAction[] {
    const reader = new ByteReader(message, "clipboard PDU");
    const type = reader.u16le();
    const flags = reader.u16le();
    const body = new ByteReader(reader.take(Math.min(reader.u32le(), reader.remaining)), "clipboard PDU");
    switch (type) {
      case MessageType.CB_CLIP_CAPS:
        this.#takeCapabilities(body);
        return [];
      case MessageType.CB_MONITOR_READY:
        this.#isReady = true;
        return [this.#capabilities(), this.#formatList()];
      case MessageType.CB_FORMAT_LIST:
        return this.#takeFormatList(body);
      case MessageType.CB_FORMAT_DATA_REQUEST:
        return [this.#answerRequest(body.u32le())];
      case MessageType.CB_FORMAT_DATA_RESPONSE:
        return this.#takeText(flags, body.rest());
      case MessageType.CB_FILECONTENTS_REQUEST:
        return [send(MessageType.CB_FILECONTENTS_RESPONSE, CB_RESPONSE_FAIL, body.take(4))];
      default:
        return [];
    }
  }

  /** Offers a text (UTF-8) to the target, which asks for it when somebody pastes. */
  offer(text: string): ClipboardAction[] {
    if (!this.#rules.toTarget) return [];
    const lines = text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n");
    this.#offered = encodeUtf16(`${lines}\0`);
    return this.#isReady ? [this.#formatList()] : [];
  }

  /** [MS-RDPECLIP] 2.2.2.1 CLIPRDR_CAPS. */
  #takeCapabilities(body: ByteReader): void {
    const count = body.u16le();
    body.advance(2);
    for (let index = 0; index < count && body.remaining >= 4; index++) {
      const type = body.u16le();
      const set = new ByteReader(body.take(Math.max(0, body.u16le() - 4)), "clipboard capability");
      if (type !== CB_CAPSTYPE_GENERAL) continue;
      set.advance(4);
      this.#hasLongNames = (set.u32le() & CB_USE_LONG_FORMAT_NAMES) !== 0;
    }
  }

  #capabilities(): ClipboardAction {
    const general = new ByteWriter().u16le(CB_CAPSTYPE_GENERAL).u16le(12).u32le(CB_CAPS_VERSION_2);
    general.u32le(this.#hasLongNames ? CB_USE_LONG_FORMAT_NAMES : 0);
    return send(MessageType.CB_CLIP_CAPS, 0, concatBytes([Uint8Array.of(1, 0, 0, 0), general.finish()]));
  }

  /** [MS-RDPECLIP] 2.2.3.1 CLIPRDR_FORMAT_LIST; a standard format has no name. */
  #formatList(): ClipboardAction {
    const writer = new ByteWriter();
    if (this.#offered !== null)
      writer.u32le(CF_UNICODETEXT).put(new Uint8Array(this.#hasLongNames ? 2 : SHORT_NAME_BYTES));
    return send(MessageType.CB_FORMAT_LIST, 0, writer.finish());
  }

  #takeFormatList(body: ByteReader): ClipboardAction[] {
    const actions = [send(MessageType.CB_FORMAT_LIST_RESPONSE, CB_RESPONSE_OK, new Uint8Array(0))];
    // The target's clipboard is somebody else's now: what was offered is gone.
    this.#offered = null;
    if (!this.#hasText(body) || !this.#rules.fromTarget) return actions;
    this.#awaitsText = true;
    const wanted = new ByteWriter().u32le(CF_UNICODETEXT).finish();
    return [...actions, send(MessageType.CB_FORMAT_DATA_REQUEST, 0, wanted)];
  }

  #hasText(body: ByteReader): boolean {
    for (let count = 0; body.remaining >= 4; count++) {
      if (count >= MAX_FORMATS) throw body.fail("limit", "formats");
      if (body.u32le() === CF_UNICODETEXT) return true;
      if (!this.#hasLongNames) body.advance(Math.min(SHORT_NAME_BYTES, body.remaining));
      else while (body.remaining >= 2 && body.u16le() !== 0);
    }
    return false;
  }

  /** [MS-RDPECLIP] 2.2.5.1 CLIPRDR_FORMAT_DATA_REQUEST. */
  #answerRequest(formatId: number): ClipboardAction {
    const content = formatId === CF_UNICODETEXT && this.#rules.toTarget ? this.#offered : null;
    const flag = content === null ? CB_RESPONSE_FAIL : CB_RESPONSE_OK;
    return send(MessageType.CB_FORMAT_DATA_RESPONSE, flag, content ?? new Uint8Array(0));
  }

  #takeText(flags: number, data: Uint8Array): ClipboardAction[] {
    // What was not asked for, or may not pass, is not taken.
    if (!this.#awaitsText || !this.#rules.fromTarget) return [];
    this.#awaitsText = false;
    if ((flags & CB_RESPONSE_OK) === 0) return [];
    const text = encodeUtf8(decodeUtf16(data).replaceAll("\r\n", "\n"));
    if (text.length === 0) return [];
    return text.length > this.#rules.maxBytes
      ? [{ type: "tooLarge", sizeBytes: text.length }]
      : [{ type: "text", text }];
  }
}

/** [MS-RDPECLIP] 2.2.1 CLIPRDR_HEADER and what follows. */
function send(type: number, flags: number, body: Uint8Array): ClipboardAction {
  const message = new ByteWriter(body.length + 8).u16le(type).u16le(flags).u32le(body.length).put(body);
  return { type: "send", message: message.finish() };
}
