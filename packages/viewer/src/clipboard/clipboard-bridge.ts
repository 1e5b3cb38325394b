import { decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { ClipboardKind, MAX_CLIPBOARD_BYTES } from "@poterne/wire";
import { type Observable, ObservableValue } from "../observable.ts";
import { bitmapToPng, pictureToBitmap } from "./bitmap.ts";
import { type ClipboardFacts, type ClipboardState, decideClipboard } from "./clipboard-decision.ts";

/** What the bridge needs of the page. */
export interface ClipboardHost {
  /** Policy and role; asked at each use. */
  rules(): Pick<ClipboardFacts, "toTarget" | "fromTarget" | "canAct"> & {
    /** The protocol carries HTML and pictures; where it does not, text is all that is read and sent. */
    readonly isRich: boolean;
    /** Files may be pasted too. */
    readonly takesFiles: boolean;
  };
  /** Sends content to the gateway; false when it is too long for the wire. */
  send(kind: number, content: Uint8Array): boolean;
  /** Offers files to the target; resolves with whether all of them are there. */
  sendFiles(files: readonly File[]): Promise<boolean>;
  /** Pastes on the target, after its clipboard has been set: Ctrl+V again. */
  replayPaste(): void;
}

/** What the page's clipboard panel shows. */
export interface ClipboardView extends ClipboardState {
  /** The last text of the target, for the panel; hidden there until clicked. */
  readonly lastText: string | null;
  /** The target's text could not be written yet and waits for a press or key. */
  readonly isWaitingForGesture: boolean;
  /** The target copied a picture last. */
  readonly hasPicture: boolean;
  /** The last picture for the target had more pixels than can be carried. */
  readonly isTooLarge: boolean;
}

/** What browsers call a picture that was copied as such, from no file. */
const BARE_PICTURE = "image.png";

/** What is written into the browser's clipboard at one time. */
interface Content {
  readonly text: string;
  readonly html: string;
  readonly picture: Blob | null;
}

/**
 * Carries the clipboard between the person's computer and the target, as far as policy and browser allow. Never polls:
 * it reads when the person comes back to the page or presses, when the browser says the clipboard changed, or from the
 * browser's own paste event.
 */
export class ClipboardBridge {
  readonly view: Observable<ClipboardView>;
  readonly #view: ObservableValue<ClipboardView>;
  readonly #host: ClipboardHost;
  readonly #abort = new AbortController();
  #permission: ClipboardFacts["readPermission"] = "unknown";
  #lastContent = "";
  /** What the target copied last, and what of it waits to be written. */
  #last: Content | null = null;
  #pending: Content | null = null;
  #isReading = false;

  constructor(host: ClipboardHost) {
    this.#host = host;
    this.#view = new ObservableValue<ClipboardView>({
      ...decideClipboard(this.#facts()),
      lastText: null,
      isWaitingForGesture: false,
      hasPicture: false,
      isTooLarge: false,
    });
    this.view = this.#view;
    const { signal } = this.#abort;
    window.addEventListener("focus", () => void this.#readIfGranted(), { signal });
    navigator.clipboard?.addEventListener?.("clipboardchange", () => void this.#readIfGranted(), { signal });
    void this.#watchPermission();
  }

  /** Looks again at policy and role. */
  refresh(): void {
    this.#view.write({ ...this.#view.read(), ...decideClipboard(this.#facts()) });
  }

  /** A press or a key on the picture: the browser may ask now, and a waiting text may be written. */
  gesture(): void {
    const pending = this.#pending;
    if (pending !== null) void this.#write(pending);
    if (this.#view.read().toTarget === "allowed") void this.#readIfGranted();
  }

  /** Asks the browser for the clipboard: to be called from a click of the chip. */
  async ask(): Promise<void> {
    await this.#read();
    await this.#updatePermission();
  }

  /** Whether this key should be left to the browser, which answers with a paste event. */
  wantsPasteEvent(event: KeyboardEvent): boolean {
    const isPaste =
      (event.code === "KeyV" && (event.ctrlKey || event.metaKey) && !event.altKey) ||
      (event.code === "Insert" && event.shiftKey);
    // Only that event tells of files, also where the rest of the clipboard may be read at any time.
    return isPaste && (this.#needsPasteEvent() || this.#host.rules().takesFiles);
  }

  /** The browser's paste event, on a desktop: the content goes over, then the target pastes. */
  pasteEvent(event: ClipboardEvent): void {
    event.preventDefault();
    const { takesFiles } = this.#host.rules();
    if (!this.#needsPasteEvent() && !takesFiles) return;
    const data = event.clipboardData;
    const files = [...(data?.files ?? [])];
    if (takesFiles && files.some(({ name }) => name !== BARE_PICTURE)) return this.#pasteFiles(files);
    const text = data?.getData("text/plain") ?? "";
    const html = this.#isRich ? (data?.getData("text/html") ?? "") : "";
    const picture = files.find(({ type }) => type === "image/png");
    if (text === "" && picture !== undefined && this.#isRich) {
      void this.#sendPicture(picture).then((isSent) => isSent && this.#host.replayPaste());
      return;
    }
    // Where the clipboard passes by itself the target has this text already, or a content of its own to paste.
    const isKnown = !this.#needsPasteEvent() && (text === "" || text === this.#lastContent);
    if (text === "" && !isKnown) return;
    if (!isKnown) {
      this.sendText(text);
      this.#sendHtml(html);
    }
    this.#host.replayPaste();
  }

  #pasteFiles(files: readonly File[]): void {
    void this.#host.sendFiles(files).then((areThere) => areThere && this.#host.replayPaste());
  }

  /** Sends a text of the person's own (the panel's field, or a paste). */
  sendText(text: string): boolean {
    const { toTarget } = this.#view.read();
    if (toTarget === "blocked-by-policy") return false;
    this.#lastContent = text;
    const content = encodeUtf8(text);
    return content.length <= MAX_CLIPBOARD_BYTES && this.#host.send(ClipboardKind.text, content);
  }

  /** Content that came from the target; the gateway has applied the policy. */
  received(kind: number, content: Uint8Array): void {
    if (this.#host.rules().fromTarget === "off") return;
    if (kind === ClipboardKind.png)
      return this.#pictureCame(new Blob([content.slice()], { type: "image/png" }));
    if (kind === ClipboardKind.bitmap)
      return void bitmapToPng(content).then((picture) => picture !== null && this.#pictureCame(picture));
    if (kind === ClipboardKind.html) return this.#htmlCame(decodeUtf8(content));
    if (kind !== ClipboardKind.text) return;
    const text = decodeUtf8(content);
    this.#lastContent = text;
    this.#view.write({ ...this.#view.read(), lastText: text, hasPicture: false });
    this.#last = { text, html: "", picture: null };
    void this.#write(this.#last);
  }

  #pictureCame(picture: Blob): void {
    this.#view.write({ ...this.#view.read(), lastText: null, hasPicture: true });
    this.#last = { text: "", html: "", picture };
    void this.#write(this.#last);
  }

  /** Another form of the text that came before it. */
  #htmlCame(html: string): void {
    this.#last = { text: this.#last?.text ?? "", html, picture: null };
    void this.#write(this.#last);
  }

  /** Writes what the target copied last again, from a click in the panel. */
  copyLast(): Promise<void> {
    return this.#last === null ? Promise.resolve() : this.#write(this.#last);
  }

  dispose(): void {
    this.#abort.abort();
  }

  #needsPasteEvent(): boolean {
    const { toTarget } = this.#view.read();
    return toTarget === "with-paste-keys" || toTarget === "will-ask" || toTarget === "blocked-by-browser";
  }

  #facts(): ClipboardFacts {
    return {
      ...this.#host.rules(),
      canRead: typeof navigator.clipboard?.readText === "function",
      canWrite: typeof navigator.clipboard?.writeText === "function",
      readPermission: this.#permission,
    };
  }

  async #watchPermission(): Promise<void> {
    const status = await this.#updatePermission();
    status?.addEventListener("change", () => void this.#updatePermission(), { signal: this.#abort.signal });
  }

  async #updatePermission(): Promise<PermissionStatus | null> {
    try {
      const status = await navigator.permissions.query({ name: "clipboard-read" as PermissionName });
      this.#permission = status.state;
      this.refresh();
      return status;
    } catch {
      // This browser knows no such permission: pasting works by its paste event.
      return null;
    }
  }

  async #readIfGranted(): Promise<void> {
    if (this.#permission === "granted") await this.#read();
  }

  get #isRich(): boolean {
    const { toTarget, isRich } = this.#host.rules();
    return isRich && toTarget === "all";
  }

  async #read(): Promise<void> {
    const { toTarget } = decideClipboard(this.#facts());
    if (this.#isReading || toTarget === "blocked-by-policy" || !document.hasFocus()) return;
    this.#isReading = true;
    try {
      const text = await navigator.clipboard.readText();
      if (text !== "" && text !== this.#lastContent) {
        this.sendText(text);
        if (this.#isRich) this.#sendHtml(await readHtml());
      } else if (text === "" && this.#isRich) await this.#readPicture();
    } catch {
      // Refused or not focused any more; the permission's own event changes the chip.
    } finally {
      this.#isReading = false;
    }
  }

  async #readPicture(): Promise<void> {
    for (const item of await navigator.clipboard.read()) {
      if (!item.types.includes("image/png")) continue;
      const picture = await item.getType("image/png");
      const mark = markOf(picture);
      if (mark === this.#lastContent) return;
      this.#lastContent = mark;
      await this.#sendPicture(picture);
      return;
    }
  }

  /** Browsers encode a picture anew: what this page has written must not go back as if the person had copied it. */
  async #learnPicture(): Promise<void> {
    for (const item of await navigator.clipboard.read())
      if (item.types.includes("image/png")) this.#lastContent = markOf(await item.getType("image/png"));
  }

  async #sendPicture(picture: Blob): Promise<boolean> {
    const bitmap = await pictureToBitmap(picture, MAX_CLIPBOARD_BYTES);
    this.#view.write({ ...this.#view.read(), isTooLarge: bitmap === null });
    return bitmap !== null && this.#host.send(ClipboardKind.bitmap, bitmap);
  }

  /** After its text: the target's programs choose the form they like. */
  #sendHtml(html: string): void {
    const content = encodeUtf8(html);
    if (content.length > 0 && content.length <= MAX_CLIPBOARD_BYTES)
      this.#host.send(ClipboardKind.html, content);
  }

  async #write(content: Content): Promise<void> {
    let isWaiting = false;
    try {
      if (content.html === "" && content.picture === null) await navigator.clipboard.writeText(content.text);
      else await navigator.clipboard.write([new ClipboardItem(formsOf(content))]);
      if (content.picture !== null && this.#permission === "granted") await this.#learnPicture();
    } catch {
      // Without focus or a recent press the browser refuses: the next gesture tries again.
      isWaiting = true;
    }
    // Something newer may have come meanwhile.
    if (content !== this.#last) return;
    this.#pending = isWaiting ? content : null;
    this.#view.write({ ...this.#view.read(), isWaitingForGesture: isWaiting });
  }
}

function markOf(picture: Blob): string {
  return `png ${picture.size}`;
}

function formsOf({ text, html, picture }: Content): Record<string, Blob> {
  if (picture !== null) return { "image/png": picture };
  const forms: Record<string, Blob> = { "text/html": new Blob([html], { type: "text/html" }) };
  if (text !== "") forms["text/plain"] = new Blob([text], { type: "text/plain" });
  return forms;
}

/** The HTML of what this computer copied, "" for none. */
async function readHtml(): Promise<string> {
  for (const item of await navigator.clipboard.read())
    if (item.types.includes("text/html")) return (await item.getType("text/html")).text();
  return "";
}
