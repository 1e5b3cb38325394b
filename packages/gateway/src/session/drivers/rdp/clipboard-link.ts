import type { Policy } from "@poterne/contract";
import {
  CLIPRDR,
  type ClipboardAction,
  ClipboardChannel,
  type ClipboardContentKind,
  type ClipboardRules,
} from "@poterne/rdp";
import { ClipboardKind, MAX_CLIPBOARD_BYTES } from "@poterne/wire";
import type { DriveFolder } from "../../drive/drive-folder.ts";
import type { DriverHost } from "../../driver.ts";
import { TargetClipboardFiles } from "./clipboard-files.ts";

const WIRE_KIND: Readonly<Record<ClipboardContentKind, number>> = {
  text: ClipboardKind.text,
  html: ClipboardKind.html,
  dib: ClipboardKind.bitmap,
};
/** Parts of offered files the target waits for at one time; more are refused. */
const MAX_WANTED = 64;

/** What a clipboard needs of its driver. */
export interface ClipboardHost {
  readonly host: Pick<DriverHost, "clipboard" | "warn">;
  /** Sends a message on a static channel. */
  send(channel: string, message: Uint8Array): void;
}

/** What policy lets through, null where nothing passes: the channel is not offered then. */
export function clipboardRules(policy: Policy, hasFolder: boolean): ClipboardRules | null {
  const way = (rule: Policy["clipboardToTarget"], areFilesAllowed: boolean) => ({
    text: rule !== "off",
    rich: rule === "all",
    files: rule === "all" && areFilesAllowed,
  });
  const fromTarget = way(policy.clipboardFromTarget, policy.filesFromTarget && hasFolder && !policy.readOnly);
  const toTarget = way(policy.readOnly ? "off" : policy.clipboardToTarget, policy.filesToTarget && hasFolder);
  if (!fromTarget.text && !toTarget.text) return null;
  return { fromTarget, toTarget, maxBytes: Math.min(policy.clipboardMaxBytes, MAX_CLIPBOARD_BYTES) };
}

/** The clipboard channel of one session between the core, the hub and the files that lie ready. */
export class ClipboardLink {
  readonly #channel: ClipboardChannel;
  readonly #needs: ClipboardHost;
  /** What the target has copied. */
  readonly theirs: TargetClipboardFiles;
  /** Files for the target; null until there is a folder for them. */
  #ours: DriveFolder | null = null;
  #offered: readonly string[] = [];
  #wanted = 0;
  #chain: Promise<void> = Promise.resolve();

  constructor(rules: ClipboardRules, needs: ClipboardHost) {
    this.#channel = new ClipboardChannel(rules);
    this.#needs = needs;
    this.theirs = new TargetClipboardFiles((request) => this.#carryOut(this.#channel.requestFile(request)));
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

  useFolder(folder: DriveFolder): void {
    this.#ours = folder;
  }

  /** Offers what lies in the folder: the target asks for sizes and bytes when somebody pastes. */
  async offerFiles(): Promise<void> {
    const files = (await this.#ours?.list([])) ?? [];
    this.#offered = files.map(({ name }) => name);
    if (files.length > 0) this.theirs.replace([]);
    this.#carryOut(this.#channel.offerFiles(files.map(({ name, ...facts }) => ({ ...facts, path: [name] }))));
  }

  /** Whoever waits for bytes is told that nothing comes. */
  async close(): Promise<void> {
    this.theirs.close();
    this.#ours = null;
    await this.#chain;
  }

  #carryOut(actions: readonly ClipboardAction[]): void {
    const { host } = this.#needs;
    for (const action of actions) {
      if (action.type === "send") this.#needs.send(CLIPRDR, action.message);
      else if (action.type === "content") host.clipboard(WIRE_KIND[action.kind], action.content);
      else if (action.type === "tooLarge") host.warn("clipboard-too-large", { sizeBytes: action.sizeBytes });
      else if (action.type === "files") this.theirs.replace(action.files);
      else if (action.type === "fileData") this.theirs.answered(action.streamId, action.data);
      else this.#handOut(action);
    }
  }

  /** Reads a part of an offered file, one after another; what cannot be read is refused. */
  #handOut(wanted: Extract<ClipboardAction, { type: "fileWanted" }>): void {
    const { streamId } = wanted;
    const answer = (data: Uint8Array | null) => this.#carryOut(this.#channel.answerFile(streamId, data));
    if (this.#wanted >= MAX_WANTED) return answer(null);
    this.#wanted++;
    this.#chain = this.#chain
      .then(() => this.#readOffered(wanted))
      .catch(() => null)
      .then((data) => {
        this.#wanted--;
        answer(data);
      });
  }

  async #readOffered(wanted: Extract<ClipboardAction, { type: "fileWanted" }>): Promise<Uint8Array | null> {
    const name = this.#offered[wanted.index];
    if (name === undefined || this.#ours === null) return null;
    const handle = await this.#ours.openFile([name], false);
    try {
      const buffer = new Uint8Array(wanted.length);
      const { bytesRead } = await handle.read(buffer, 0, wanted.length, wanted.offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }
}
