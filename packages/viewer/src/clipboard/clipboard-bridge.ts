import { decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { ClipboardKind, MAX_CLIPBOARD_BYTES } from "@poterne/wire";
import { type Observable, ObservableValue } from "../observable.ts";
import { type ClipboardFacts, type ClipboardState, decideClipboard } from "./clipboard-decision.ts";

/** What the bridge needs of the page. */
export interface ClipboardHost {
  /** Policy and role; asked at each use. */
  rules(): Pick<ClipboardFacts, "toTarget" | "fromTarget" | "canAct">;
  /** Sends content to the gateway; false when it is too long for the wire. */
  send(kind: number, content: Uint8Array): boolean;
  /** Pastes on the target, after its clipboard has been set: Ctrl+V again. */
  replayPaste(): void;
}

/** What the page's clipboard panel shows. */
export interface ClipboardView extends ClipboardState {
  /** The last text of the target, for the panel; hidden there until clicked. */
  readonly lastText: string | null;
  /** The target's text could not be written yet and waits for a press or key. */
  readonly isWaitingForGesture: boolean;
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
  #pendingText: string | null = null;
  #isReading = false;

  constructor(host: ClipboardHost) {
    this.#host = host;
    this.#view = new ObservableValue<ClipboardView>({
      ...decideClipboard(this.#facts()),
      lastText: null,
      isWaitingForGesture: false,
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
    const pending = this.#pendingText;
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
    return isPaste && this.#needsPasteEvent();
  }

  /** The browser's paste event, on a desktop: the text goes over, then the target pastes. */
  pasteEvent(event: ClipboardEvent): void {
    event.preventDefault();
    if (!this.#needsPasteEvent()) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text === "") return;
    this.sendText(text);
    this.#host.replayPaste();
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
    if (kind === ClipboardKind.png) return void this.#writePicture(content);
    if (kind !== ClipboardKind.text) return;
    const text = decodeUtf8(content);
    this.#lastContent = text;
    this.#view.write({ ...this.#view.read(), lastText: text });
    void this.#write(text);
  }

  /** Writes the target's last text again, from a click in the panel. */
  copyLast(): Promise<void> {
    const { lastText } = this.#view.read();
    return lastText === null ? Promise.resolve() : this.#write(lastText);
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

  async #read(): Promise<void> {
    const { toTarget } = decideClipboard(this.#facts());
    if (this.#isReading || toTarget === "blocked-by-policy" || !document.hasFocus()) return;
    this.#isReading = true;
    try {
      const text = await navigator.clipboard.readText();
      if (text !== "" && text !== this.#lastContent) this.sendText(text);
      else if (text === "" && this.#host.rules().toTarget === "all") await this.#readPicture();
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
      const mark = `png ${picture.size}`;
      if (mark === this.#lastContent || picture.size > MAX_CLIPBOARD_BYTES) return;
      this.#lastContent = mark;
      this.#host.send(ClipboardKind.png, new Uint8Array(await picture.arrayBuffer()));
      return;
    }
  }

  async #write(text: string): Promise<void> {
    let isWaiting = false;
    try {
      await navigator.clipboard.writeText(text);
      this.#pendingText = null;
    } catch {
      // Without focus or a recent press the browser refuses: the next gesture tries again.
      this.#pendingText = text;
      isWaiting = true;
    }
    this.#view.write({ ...this.#view.read(), isWaitingForGesture: isWaiting });
  }

  async #writePicture(content: Uint8Array): Promise<void> {
    try {
      const picture = new Blob([content as Uint8Array<ArrayBuffer>], { type: "image/png" });
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    } catch {
      // A picture that the browser refuses is lost here; the target still has it.
    }
  }
}
