import { createHash } from "node:crypto";
import type { Policy } from "@poterne/contract";
import { Channel, type Frame, FrameFlag, type Marker } from "@poterne/wire";
import { blockClipboard, clipboardKindName } from "./clipboard-rule.ts";
import type { ViewerLink } from "./viewer-link.ts";

const MAX_TRANSFERS_PER_SECOND = 10;

/** What the clipboard's gate reports to its session. */
export interface ClipboardReporter {
  nowMs(): number;
  marker(marker: Marker): void;
  note(details: Readonly<Record<string, string | number>>): void;
  /** Records the content, only if the policy says so. */
  record(frame: Omit<Frame, "timeMs">): void;
}

/** Lets clipboard contents through in either direction as far as the policy allows, and reports each: kind, size, hash. */
export class ClipboardGate {
  readonly #policy: Policy;
  readonly #reporter: ClipboardReporter;
  #second = 0;
  #countInSecond = 0;

  constructor(policy: Policy, reporter: ClipboardReporter) {
    this.#policy = policy;
    this.#reporter = reporter;
  }

  /** Whether the content may pass; when not, the viewer is told why (a flood is dropped silently). */
  admit(
    direction: "to-target" | "from-target",
    kind: number,
    content: Uint8Array,
    viewer: ViewerLink,
  ): boolean {
    if (!this.#isPaced()) return false;
    const block = blockClipboard(this.#policy, direction, kind, content.length);
    if (block !== null) {
      viewer.sendStatus({ type: "clipboard-blocked", direction, reason: block }, this.#reporter.nowMs());
      return false;
    }
    this.#report(direction, kind, content);
    return true;
  }

  #report(direction: "to-target" | "from-target", kind: number, content: Uint8Array): void {
    const sha256 = createHash("sha256").update(content).digest("hex");
    const name = clipboardKindName(kind) ?? "unknown";
    this.#reporter.marker({ type: "clipboard", direction, kind: name, sizeBytes: content.length, sha256 });
    this.#reporter.note({ direction, kind: name, sizeBytes: content.length, sha256 });
    if (!this.#policy.recordClipboardContents) return;
    this.#reporter.record({
      channel: Channel.clipboard,
      flags: FrameFlag.recordOnly,
      stream: 0,
      payload: withKind(kind, content),
    });
  }

  #isPaced(): boolean {
    const second = Math.floor(this.#reporter.nowMs() / 1000);
    if (this.#second !== second) this.#countInSecond = 0;
    this.#second = second;
    this.#countInSecond++;
    return this.#countInSecond <= MAX_TRANSFERS_PER_SECOND;
  }
}

/** Payload of a `clipboard` frame: the kind's byte, then the content. */
export function withKind(kind: number, content: Uint8Array): Uint8Array {
  const payload = new Uint8Array(content.length + 1);
  payload[0] = kind;
  payload.set(content, 1);
  return payload;
}
