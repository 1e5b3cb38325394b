import { rm } from "node:fs/promises";
import nodePath from "node:path";
import type { Policy } from "@poterne/contract";
import { CLIPRDR, RDPDR } from "@poterne/rdp";
import { DriveEvidence } from "../../drive/drive-evidence.ts";
import { DriveFiles } from "../../drive/drive-files.ts";
import { DriveFolder } from "../../drive/drive-folder.ts";
import type { DriverFiles, DriverHost, SessionFolders } from "../../driver.ts";
import { ClipboardLink, clipboardRules } from "./clipboard-link.ts";
import { DriveLink } from "./drive-link.ts";
import { DriveOrders } from "./drive-orders.ts";
import { RdpFiles } from "./rdp-files.ts";

/** What the channels of a session are made of. */
export interface ChannelsOptions {
  readonly policy: Policy;
  readonly host: DriverHost;
  /** Where files may lie; undefined: there is neither drive nor file in the clipboard. */
  readonly folders: SessionFolders | undefined;
  readonly clientName: string;
  /** Sends a message on a static channel. */
  send(channel: string, message: Uint8Array): void;
}

/**
 * The static channels of one RDP session besides the dynamic one: clipboard and drive.
 * INVARIANT: a channel that policy does not allow is not in `names`, and so not offered; the core ends a session whose
 * target speaks on it all the same.
 */
export class RdpChannels {
  readonly #options: ChannelsOptions;
  readonly #clipboard: ClipboardLink | null;
  readonly #hasDrive: boolean;
  #drive: DriveLink | null = null;
  #isClosed = false;
  #opening: Promise<DriverFiles | null> = Promise.resolve(null);

  constructor(options: ChannelsOptions) {
    const { policy, host, folders } = options;
    this.#options = options;
    const rules = clipboardRules(policy, folders !== undefined);
    this.#clipboard = rules === null ? null : new ClipboardLink(rules, { host, send: options.send });
    this.#hasDrive =
      folders !== undefined && !policy.readOnly && (policy.filesToTarget || policy.filesFromTarget);
  }

  /** What is offered to the target. */
  get names(): readonly string[] {
    return [...(this.#clipboard === null ? [] : [CLIPRDR]), ...(this.#hasDrive ? [RDPDR] : [])];
  }

  /** Makes the folders, before the target is connected to; resolves with the files beside the session, null for none. */
  open(): Promise<DriverFiles | null> {
    this.#opening = this.#open();
    return this.#opening;
  }

  async #open(): Promise<DriverFiles | null> {
    const { policy, folders } = this.#options;
    if (folders === undefined || !this.#hasDrive) return null;
    const limits = { quotaBytes: policy.driveQuotaBytes, maxFileBytes: policy.fileMaxBytes };
    const root = policy.driveKept ? folders.kept : nodePath.join(folders.session, "drive");
    const drive = await DriveFolder.open({ root, ...limits });
    const evidence = new DriveEvidence(drive, (event) => this.#options.host.fileTransferred(event));
    this.#drive = new DriveLink(new DriveOrders(drive, evidence, policy.filesFromTarget), {
      computer: this.#options.clientName,
      send: this.#options.send,
      failed: () => this.#options.host.warn("drive-failed"),
    });
    return new RdpFiles({
      drive: new DriveFiles(drive),
      clipboard: await this.#openClipboard(folders, limits),
    });
  }

  async #openClipboard(folders: SessionFolders, limits: { quotaBytes: number; maxFileBytes: number }) {
    const { policy } = this.#options;
    const clipboard = this.#clipboard;
    const isTo = policy.clipboardToTarget === "all" && policy.filesToTarget;
    const isFrom = policy.clipboardFromTarget === "all" && policy.filesFromTarget;
    if (clipboard === null || (!isTo && !isFrom)) return null;
    let ours: DriveFiles | null = null;
    if (isTo) {
      const folder = await DriveFolder.open({ root: nodePath.join(folders.session, "clipboard"), ...limits });
      clipboard.useFolder(folder);
      ours = new DriveFiles(folder);
    }
    return { theirs: clipboard.theirs, ours, changed: () => clipboard.offerFiles() };
  }

  /** Takes a message of the target; throws `DecodeError`. */
  receive(name: string, message: Uint8Array): void {
    if (name === CLIPRDR) this.#clipboard?.receive(message);
    else if (name === RDPDR) this.#drive?.receive(message);
  }

  /** Clipboard content of the controller. */
  offer(kind: number, content: Uint8Array): void {
    this.#clipboard?.offer(kind, content);
  }

  /** Lets go of everything, and of the session's folder once nothing uses it any more; may be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { folders } = this.#options;
    void (async () => {
      await this.#opening.catch(() => null);
      await Promise.allSettled([this.#drive?.close(), this.#clipboard?.close()]);
      if (folders !== undefined) await rm(folders.session, { recursive: true, force: true }).catch(() => {});
    })();
  }
}
