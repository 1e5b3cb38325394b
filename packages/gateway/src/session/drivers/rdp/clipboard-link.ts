import type { Policy } from "@poterne/contract";
import {
  CLIPRDR,
  type ClipboardAction,
  ClipboardChannel,
  type ClipboardContentKind,
  type ClipboardRules,
} from "@poterne/rdp";
import { ClipboardKind, MAX_CLIPBOARD_BYTES } from "@poterne/wire";
import type { DriverHost } from "../../driver.ts";

const WIRE_KIND: Readonly<Record<ClipboardContentKind, number>> = {
  text: ClipboardKind.text,
  html: ClipboardKind.html,
  dib: ClipboardKind.bitmap,
};

/** What a clipboard needs of its driver. */
export interface ClipboardHost {
  readonly host: Pick<DriverHost, "clipboard" | "warn">;
  /** Sends a message on a static channel. */
  send(channel: string, message: Uint8Array): void;
}

/** What policy lets through, null where nothing passes: the channel is not offered then. */
export function clipboardRules(policy: Policy): ClipboardRules | null {
  const way = (rule: Policy["clipboardToTarget"]) => ({
    text: rule !== "off",
    rich: rule === "all",
    files: false,
  });
  const fromTarget = way(policy.clipboardFromTarget);
  const toTarget = way(policy.readOnly ? "off" : policy.clipboardToTarget);
  if (!fromTarget.text && !toTarget.text) return null;
  return { fromTarget, toTarget, maxBytes: Math.min(policy.clipboardMaxBytes, MAX_CLIPBOARD_BYTES) };
}

/** The clipboard channel of one session between the core and the hub. */
export class ClipboardLink {
  readonly #channel: ClipboardChannel;
  readonly #needs: ClipboardHost;

  constructor(rules: ClipboardRules, needs: ClipboardHost) {
    this.#channel = new ClipboardChannel(rules);
    this.#needs = needs;
  }

  /** Takes a message of the target; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    this.#carryOut(this.#channel.receive(message));
  }

  /** Content of the controller, which policy has let through. */
  offer(kind: number, content: Uint8Array): void {
    for (const [name, number] of Object.entries(WIRE_KIND) as [ClipboardContentKind, number][])
      if (number === kind) this.#carryOut(this.#channel.offer(name, content));
  }

  #carryOut(actions: readonly ClipboardAction[]): void {
    const { host } = this.#needs;
    for (const action of actions) {
      if (action.type === "send") this.#needs.send(CLIPRDR, action.message);
      else if (action.type === "content") host.clipboard(WIRE_KIND[action.kind], action.content);
      else if (action.type === "tooLarge") host.warn("clipboard-too-large", { sizeBytes: action.sizeBytes });
    }
  }
}
