import { ByteReader, ByteWriter, concatBytes, DecodeError, decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { decodeUtf16, encodeUtf16 } from "../encoding/utf16.ts";
import {
  type ClipboardFile,
  decodeFileList,
  decodeFileRequest,
  encodeFileList,
  encodeFileRequest,
  encodeFileResponse,
  encodeFileSize,
  FILE_LIST_FORMAT,
  type FileRequest,
} from "./clipboard-files.ts";
import { decodeHtmlFormat, encodeHtmlFormat, HTML_FORMAT } from "./clipboard-html.ts";
import {
  type ClipboardFormat,
  decodeClipboardCapabilities,
  decodeFormatList,
  encodeClipboardCapabilities,
  encodeClipboardPdu,
  encodeFormatList,
  ClipboardFlag as Flag,
  MessageFlag,
  MessageType,
} from "./clipboard-pdus.ts";

/** [MS-RDPECLIP] 2.1: the static channel's name. */
export const CLIPRDR = "cliprdr";

const CF_DIB = 8;
const CF_UNICODETEXT = 13;
/** Our own numbers of registered formats (0xC000 on, as Windows gives them). */
const OUR_HTML = 0xc0a1;
const OUR_FILES = 0xc0a2;
/** [MS-WMF] 2.2.2.3: the oldest and the newest header of a device-independent bitmap that is passed on. */
const MIN_DIB_HEADER_BYTES = 40;
const MAX_DIB_HEADER_BYTES = 124;

/** xrdp 0.9 puts a file header before a bitmap and then sends so many bytes too few: these may be lost. */
const DIB_PADDING_BYTES = 14;

/** What content is: plain text, a fragment of HTML (both UTF-8), or a bitmap without file header (CF_DIB). */
export type ClipboardContentKind = "text" | "html" | "dib";

/** What a clipboard asks of its host. */
export type ClipboardAction =
  /** A message for the channel. */
  | { readonly type: "send"; readonly message: Uint8Array }
  /** The target's clipboard holds this; HTML comes after the text it belongs to. Text lines end with a line feed. */
  | { readonly type: "content"; readonly kind: ClipboardContentKind; readonly content: Uint8Array }
  /** The target's clipboard holds more than may be taken. */
  | { readonly type: "tooLarge"; readonly sizeBytes: number }
  /** The target's clipboard holds these files now, none after something else was copied. */
  | { readonly type: "files"; readonly files: readonly ClipboardFile[] }
  /** What `requestFile` asked for came; null: the target refuses. */
  | { readonly type: "fileData"; readonly streamId: number; readonly data: Uint8Array | null }
  /** The target wants bytes of an offered file: call `answerFile`. */
  | {
      readonly type: "fileWanted";
      readonly streamId: number;
      readonly index: number;
      readonly offset: number;
      readonly length: number;
    };

/** What passes one way. */
export interface ClipboardWayRules {
  readonly text: boolean;
  /** HTML and pictures. */
  readonly rich: boolean;
  readonly files: boolean;
}

/** What passes. */
export interface ClipboardRules {
  readonly fromTarget: ClipboardWayRules;
  readonly toTarget: ClipboardWayRules;
  /** The longest content taken, in bytes; files have their own limits at the host. */
  readonly maxBytes: number;
}

/** [MS-RDPECLIP] on the client's side: text, HTML, pictures and files, each way as far as the rules go. */
export class ClipboardChannel {
  readonly #rules: ClipboardRules;
  #isReady = false;
  #serverFlags = 0;
  /** What was offered and may be asked for, as it goes out, by format. */
  readonly #offered = new Map<number, Uint8Array>();
  #offeredFiles: readonly ClipboardFile[] = [];
  /** What is asked for next, and what is being waited for. */
  #wanted: { readonly kind: ClipboardContentKind | "files"; readonly id: number }[] = [];
  #awaited: ClipboardContentKind | "files" | null = null;
  #hasTheirFiles = false;

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
        this.#serverFlags = decodeClipboardCapabilities(body);
        return [];
      case MessageType.CB_MONITOR_READY:
        this.#isReady = true;
        return [send(encodeClipboardCapabilities(this.#ourFlags())), this.#formatList()];
      case MessageType.CB_FORMAT_LIST:
        return this.#takeFormatList(body, (flags & MessageFlag.CB_ASCII_NAMES) !== 0);
      case MessageType.CB_FORMAT_DATA_REQUEST:
        return [this.#answerRequest(body.u32le())];
      case MessageType.CB_FORMAT_DATA_RESPONSE:
        return this.#takeContent((flags & MessageFlag.CB_RESPONSE_OK) !== 0, body.rest());
      case MessageType.CB_FILECONTENTS_REQUEST:
        return [this.#takeFileRequest(body)];
      case MessageType.CB_FILECONTENTS_RESPONSE:
        return this.#takeFileResponse((flags & MessageFlag.CB_RESPONSE_OK) !== 0, body);
      default:
        return [];
    }
  }

  /**
   * Offers content to the target, which asks for it when somebody pastes. Text (UTF-8) and pictures replace what was
   * offered before; HTML is another form of the text offered last.
   */
  offer(kind: ClipboardContentKind, content: Uint8Array): ClipboardAction[] {
    const { toTarget } = this.#rules;
    if (kind === "text" ? !toTarget.text : !toTarget.rich) return [];
    const joinsText = kind === "html" && this.#offered.has(CF_UNICODETEXT);
    if (!joinsText) this.#forgetOffer();
    if (kind === "text") this.#offered.set(CF_UNICODETEXT, encodeText(content));
    else if (kind === "html") this.#offered.set(OUR_HTML, encodeHtmlFormat(content));
    else this.#offered.set(CF_DIB, concatBytes([content, new Uint8Array(DIB_PADDING_BYTES)]));
    return this.#isReady ? [this.#formatList()] : [];
  }

  /** Offers files; none takes the offer back. Sizes and ranges are asked for by the index given here. */
  offerFiles(files: readonly Omit<ClipboardFile, "index">[]): ClipboardAction[] {
    if (!this.#rules.toTarget.files || (files.length === 0 && this.#offeredFiles.length === 0)) return [];
    this.#forgetOffer();
    this.#offeredFiles = files.map((file, index) => ({ ...file, index }));
    if (files.length > 0) this.#offered.set(OUR_FILES, encodeFileList(files));
    return this.#isReady ? [this.#formatList()] : [];
  }

  /** Answers `fileWanted`; null when the bytes cannot be had. */
  answerFile(streamId: number, data: Uint8Array | null): ClipboardAction[] {
    return [send(encodeFileResponse(streamId, data))];
  }

  /** Asks the target for a part of one of its files; `fileData` follows, unless the target does not answer. */
  requestFile(request: FileRequest): ClipboardAction[] {
    const isAllowed = this.#rules.fromTarget.files && this.#hasTheirFiles;
    return isAllowed ? [send(encodeFileRequest(request))] : [];
  }

  #ourFlags(): number {
    const { fromTarget, toTarget } = this.#rules;
    const names = this.#serverFlags & Flag.CB_USE_LONG_FORMAT_NAMES;
    if (!fromTarget.files && !toTarget.files) return names;
    return (
      names |
      Flag.CB_STREAM_FILECLIP_ENABLED |
      Flag.CB_FILECLIP_NO_FILE_PATHS |
      (this.#serverFlags & Flag.CB_HUGE_FILE_SUPPORT_ENABLED)
    );
  }

  get #hasLongNames(): boolean {
    return (this.#serverFlags & Flag.CB_USE_LONG_FORMAT_NAMES) !== 0;
  }

  #formatList(): ClipboardAction {
    const names = new Map([
      [OUR_HTML, HTML_FORMAT],
      [OUR_FILES, FILE_LIST_FORMAT],
    ]);
    const formats = [...this.#offered.keys()].map((id) => ({ id, name: names.get(id) ?? "" }));
    return send(encodeFormatList(formats, this.#hasLongNames));
  }

  #forgetOffer(): void {
    this.#offered.clear();
    this.#offeredFiles = [];
  }

  #takeFormatList(body: ByteReader, areAscii: boolean): ClipboardAction[] {
    const formats = decodeFormatList(body, { areLong: this.#hasLongNames, areAscii });
    const accepted = encodeClipboardPdu(
      MessageType.CB_FORMAT_LIST_RESPONSE,
      MessageFlag.CB_RESPONSE_OK,
      new Uint8Array(0),
    );
    const actions: ClipboardAction[] = [send(accepted)];
    // The target's clipboard is somebody else's now: what was offered is gone, and so are its own files.
    this.#forgetOffer();
    if (this.#hasTheirFiles) actions.push({ type: "files", files: [] });
    this.#hasTheirFiles = false;
    this.#wanted = this.#choose(formats);
    return [...actions, ...this.#askNext()];
  }

  /** What is taken of what the target has: files, or text with its HTML, or a picture. */
  #choose(formats: readonly ClipboardFormat[]): { kind: ClipboardContentKind | "files"; id: number }[] {
    const { text, rich, files } = this.#rules.fromTarget;
    // Short names are cut at fifteen characters.
    const named = (name: string) =>
      formats.find((format) => format.name === name || format.name === name.slice(0, 15))?.id;
    const filesId = files ? named(FILE_LIST_FORMAT) : undefined;
    if (filesId !== undefined) return [{ kind: "files", id: filesId }];
    const chosen: { kind: ClipboardContentKind; id: number }[] = [];
    if (text && formats.some(({ id }) => id === CF_UNICODETEXT))
      chosen.push({ kind: "text", id: CF_UNICODETEXT });
    const htmlId = rich ? named(HTML_FORMAT) : undefined;
    if (htmlId !== undefined) chosen.push({ kind: "html", id: htmlId });
    if (chosen.length === 0 && rich && formats.some(({ id }) => id === CF_DIB))
      chosen.push({ kind: "dib", id: CF_DIB });
    return chosen;
  }

  #askNext(): ClipboardAction[] {
    const next = this.#wanted.shift();
    this.#awaited = next?.kind ?? null;
    if (next === undefined) return [];
    const wanted = new ByteWriter().u32le(next.id).finish();
    return [send(encodeClipboardPdu(MessageType.CB_FORMAT_DATA_REQUEST, 0, wanted))];
  }

  /** [MS-RDPECLIP] 2.2.5.1 CLIPRDR_FORMAT_DATA_REQUEST. */
  #answerRequest(formatId: number): ClipboardAction {
    const content = this.#offered.get(formatId);
    const flag = content === undefined ? MessageFlag.CB_RESPONSE_FAIL : MessageFlag.CB_RESPONSE_OK;
    return send(encodeClipboardPdu(MessageType.CB_FORMAT_DATA_RESPONSE, flag, content ?? new Uint8Array(0)));
  }

  #takeContent(isOk: boolean, data: Uint8Array): ClipboardAction[] {
    const kind = this.#awaited;
    // What was not asked for is not taken.
    if (kind === null) return [];
    const actions = isOk ? this.#understand(kind, data) : [];
    return [...actions, ...this.#askNext()];
  }

  /** Content that is not what it says it is counts as none: a program of the target made it, not its RDP server. */
  #understand(kind: ClipboardContentKind | "files", data: Uint8Array): ClipboardAction[] {
    try {
      return this.#decode(kind, data);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return error.code === "limit" ? [{ type: "tooLarge", sizeBytes: data.length }] : [];
    }
  }

  #decode(kind: ClipboardContentKind | "files", data: Uint8Array): ClipboardAction[] {
    if (kind === "files") {
      const files = decodeFileList(data);
      this.#hasTheirFiles = files.length > 0;
      return files.length > 0 ? [{ type: "files", files }] : [];
    }
    const content =
      kind === "text" ? decodeText(data) : kind === "html" ? decodeHtmlFormat(data) : checkDib(data);
    if (content.length === 0) return [];
    return content.length > this.#rules.maxBytes
      ? [{ type: "tooLarge", sizeBytes: content.length }]
      : [{ type: "content", kind, content }];
  }

  #takeFileRequest(body: ByteReader): ClipboardAction {
    const streamId = new ByteReader(body.bytes, "clipboard file request", body.offset).u32le();
    const request = decodeFileRequest(body);
    const file = request === null ? undefined : this.#offeredFiles[request.index];
    if (request === null || file === undefined || file.isFolder)
      return send(encodeFileResponse(streamId, null));
    if (request.range === null) return send(encodeFileResponse(streamId, encodeFileSize(file.sizeBytes)));
    const { offset } = request.range;
    const length = Math.max(0, Math.min(request.range.length, file.sizeBytes - offset));
    if (length === 0) return send(encodeFileResponse(streamId, new Uint8Array(0)));
    return { type: "fileWanted", streamId, index: file.index, offset, length };
  }

  #takeFileResponse(isOk: boolean, body: ByteReader): ClipboardAction[] {
    if (!this.#rules.fromTarget.files) return [];
    const streamId = body.u32le();
    return [{ type: "fileData", streamId, data: isOk ? body.rest().slice() : null }];
  }
}

function send(message: Uint8Array): ClipboardAction {
  return { type: "send", message };
}

function encodeText(content: Uint8Array): Uint8Array {
  const text = decodeUtf8(content);
  return encodeUtf16(`${text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n")}\0`);
}

function decodeText(data: Uint8Array): Uint8Array {
  return encodeUtf8(decodeUtf16(data).replaceAll("\r\n", "\n"));
}

/** The bitmap as it came, a copy, once its header can be one; the pixels are the viewer's affair. */
function checkDib(data: Uint8Array): Uint8Array {
  const reader = new ByteReader(data, "CF_DIB");
  const headerBytes = reader.u32le();
  if (headerBytes < MIN_DIB_HEADER_BYTES || headerBytes > MAX_DIB_HEADER_BYTES)
    throw reader.fail("invalid", `header of ${headerBytes} bytes`);
  reader.advance(headerBytes - 4);
  return data.slice();
}
