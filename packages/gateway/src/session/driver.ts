import type { Policy } from "@poterne/contract";
import type { DesktopPlace, FileEvent, InputEvent, Marker, Question, StepName } from "@poterne/wire";
import type { KerberosAccess } from "../kerberos/kerberos-access.ts";
import type { ViewerSize } from "./viewer-size.ts";

/**
 * The seam between one protocol and the session hub. A driver owns its sockets and its protocol core; it turns what
 * the target sends into frames and what the controller does into bytes. It knows no viewer, no policy store, no
 * recorder, no person. The hub knows no protocol. A new protocol is one new driver (docs/decisions/0004).
 */
export interface SessionDriver {
  /** `desktop` speaks on the picture channel, `terminal` on the text channel. */
  readonly kind: "desktop" | "terminal";

  /**
   * Connects, identifies, opens. Resolves once the target's screen or shell is there; from then on frames flow.
   * Rejects with a `Failure` of the catalogue (`target-unreachable`, `wrong-password`, `host-key-changed`, …).
   */
  open(): Promise<void>;

  /** What the controller does; called only when policy allows it. Never throws for what a viewer sent. */
  input(event: InputEvent): void;

  /** Clipboard content from the controller, already allowed by policy. `kind` is a `ClipboardKind`. */
  clipboard(kind: number, content: Uint8Array): void;

  /**
   * How far the session's pace-maker has come: `queuedBytes` were emitted and not consumed yet by the controller's
   * viewer or not written by the recorder, whichever lags more; `isWatched` tells whether any viewer is attached.
   * Called at each acknowledgement and at each emit that crosses a mark. The driver keeps the target's pace by it:
   * it asks for no further update, pauses the socket or the channel, or lowers the quality.
   */
  flow(state: FlowState): void;

  /**
   * Asks for an entry point: soon the driver emits frames from which a viewer with empty state can start, the first
   * with `FrameFlag.entryStart`, the last with `FrameFlag.entryEnd`. Rate-limited by the hub.
   */
  requestEntryPoint(): void;

  /** The last measured round trip to the target, null when unknown. */
  readonly targetRoundTripMs: number | null;

  /** Files beside the session, null where the protocol or the target has none. Available after `open`. */
  readonly files: DriverFiles | null;

  /** Ends the connection at once and releases everything; may be called at any time, also twice. */
  close(): void;
}

/** See `SessionDriver.flow`. */
export interface FlowState {
  readonly queuedBytes: number;
  readonly isWatched: boolean;
  /** See `DriverHost.decodesH264`. */
  readonly decodesH264: boolean;
}

/** One entry of a folder on the target. */
export interface FileEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Unix permission bits, 0o7777 at most. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

/** Files of the target, for the file panel. Paths are absolute, with `/`. All reject with a `Failure`. */
export interface DriverFiles {
  home(): Promise<string>;
  list(
    path: string,
    limit: number,
  ): Promise<{ readonly entries: readonly FileEntry[]; readonly isCut: boolean }>;
  stat(path: string): Promise<FileEntry>;
  /** Bytes from `offset` to the end. */
  read(path: string, offset: number): AsyncIterable<Uint8Array>;
  /** Writes from `offset` (0 creates or truncates); resolves with the file's size when all is on the target. */
  write(path: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number>;
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
}

/** What a driver is given to do its work: the hub's side of the seam. */
export interface DriverHost {
  /**
   * Hands a frame over. The payload is copied before this returns: its memory is the driver's to use again.
   * `flags` are `FrameFlag` bits. Throws nothing: after the session's end frames are dropped.
   */
  emit(channel: number, flags: number, payload: Uint8Array, stream?: number): void;
  /** A named step of the connection, shown to the person. */
  step(name: StepName, state: "running" | "done", detail?: string): void;
  /** An event for the time line (and the recording). */
  marker(marker: Marker): void;
  /** A file went one way or the other by the driver's own doing: shown, recorded and journaled. */
  fileTransferred(event: FileEvent): Promise<void>;
  /** Clipboard content from the target; the hub applies policy before anyone sees it. */
  clipboard(kind: number, content: Uint8Array): void;
  /** Lock lamps as the target has them, `LockInput` bits. */
  locks(locks: number): void;
  /** Asks the controller; resolves with one text per field, or null when refused, timed out or nobody is there. */
  ask(question: Omit<Question, "questionId">): Promise<readonly string[] | null>;
  /** A warning on the session page, not an end: `legacy-algorithms`, `certificate-expired`, … (error catalogue). */
  warn(code: string, details?: Readonly<Record<string, string | number>>): void;
  /** The session is over: `closed-by-target`, or a `Failure`'s code. Only the first call counts. */
  ended(code: string, details?: Readonly<Record<string, string | number>>): void;
  /** The session is over by an error: a `Failure`'s code, or `internal`, logged with its cause, for anything unforeseen. */
  fail(error: unknown): void;
  /** Milliseconds since the session opened, monotonic. */
  nowMs(): number;
  /** The node's clock, Unix milliseconds: for what is compared with somebody else's clock. */
  wallMs(): number;
  /** The size the controller's viewer announced last. */
  readonly viewerSize: ViewerSize;
  /** How many screens the target takes, and where it has its own on the desktop: told to all viewers. */
  screens(max: number, places: readonly DesktopPlace[]): void;
  /** Whether the browser of whoever has control (or had it last) decodes H.264: pictures nobody can see are not asked for. */
  readonly decodesH264: boolean;
  /** The same of Opus; asked when sound is negotiated. */
  readonly decodesOpus: boolean;
  /** Remembers a host key or certificate as this target's identity (policy `first-use`, or the person's confirmation if allowed). */
  pinIdentity(identity: TargetIdentity): Promise<void>;
}

/** A target's public identity: an SSH host key or a TLS certificate. */
export interface TargetIdentity {
  readonly kind: "ssh-host-key" | "tls-certificate";
  /** `ssh-ed25519`, `rsa-sha2-512`, `x509`, … */
  readonly algorithm: string;
  /** `SHA256:` and base64 without padding, as OpenSSH prints it. */
  readonly fingerprint: string;
  /** The key or certificate itself (OpenSSH wire blob, DER), base64. */
  readonly publicKey: string;
}

/** Secrets for one connection, unwrapped by the keeper for this session only; a driver drops them after log-in. */
export type Credentials =
  | { readonly kind: "ask"; readonly username: string | null }
  | {
      readonly kind: "password";
      readonly username: string;
      readonly password: string;
      /** The person's own, of their directory: it goes to no server that would show it to others. */
      readonly isOwn?: true;
    }
  | {
      readonly kind: "ssh-key";
      readonly username: string;
      /** OpenSSH wire blob of the public key. */
      readonly publicKey: Uint8Array;
      /** OpenSSH certificate wire blob, null without one. */
      readonly certificate: Uint8Array | null;
      /** Signs for this session inside the keeper: the private key never leaves the vault. */
      sign(data: Uint8Array, algorithm: string): Promise<Uint8Array>;
    };

/** One hop of a connection: the target itself or a jump host before it. */
export interface DriverHop {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The machine's name in its realm, for tickets; absent: the address serves, if it is a name. */
  readonly kerberosName?: string;
  readonly credentials: Credentials;
  /** What is known of this target's identity, empty when nothing is pinned yet. */
  readonly identities: readonly TargetIdentity[];
  /** Protocol options of the target (`TargetOptions` of the contract), validated. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Folders of the gateway for one session's files; the driver makes what it needs of them. */
export interface SessionFolders {
  /** Removed by the driver when the session ends. */
  readonly session: string;
  /** Stays, for this person on this target. */
  readonly kept: string;
}

/** A licence of a target's licence server, as it is kept. */
export interface KeptLicence {
  /** What it is for, at most 64 ASCII characters of the driver's making: one licence is kept for each. */
  readonly key: string;
  readonly version: number;
  /** A secret. */
  readonly bytes: Uint8Array;
}

/**
 * Where the licences of one target are kept from one session to the next. Nothing rejects: a store or keeper that is away
 * keeps nobody out, the target is asked for a new licence then.
 */
export interface LicenceShelf {
  /** Sixteen bytes that name this gateway to licence servers, the same for good. */
  readonly hardwareId: Uint8Array;
  load(): Promise<readonly KeptLicence[]>;
  /** In place of the one with the same key. */
  keep(licence: KeptLicence): Promise<void>;
  forget(key: string): Promise<void>;
}

/** Everything a driver needs to open one session. The last hop is the target; earlier ones are jump hosts. */
export interface DriverRequest {
  readonly sessionId: string;
  readonly hops: readonly [DriverHop, ...DriverHop[]];
  readonly policy: Policy;
  /** Where files of this session may lie on the gateway; absent where they may not. */
  readonly folders?: SessionFolders;
  /** Tickets for those hops that want them; absent where there is no Kerberos. */
  readonly kerberos?: KerberosAccess;
  /** Licences of the target; absent where nothing is kept. */
  readonly licences?: LicenceShelf;
}

/** Makes the driver of one protocol; one entry per protocol in `drivers/index.ts`. */
export type DriverFactory = (request: DriverRequest, host: DriverHost) => SessionDriver;
