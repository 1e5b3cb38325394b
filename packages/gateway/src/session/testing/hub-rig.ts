import { decodeUtf8 } from "@poterne/bytes";
import { type Policy, policyRules } from "@poterne/contract";
import {
  Channel,
  type ControlMessage,
  decodeFrames,
  type Frame,
  type InputEvent,
  type StatusMessage,
  type ViewerRole,
} from "@poterne/wire";
import type { Recorder } from "../../recording/recorder.ts";
import type { DriverHost, FlowState, SessionDriver } from "../driver.ts";
import { SessionHub } from "../hub.ts";
import type { SessionFacts } from "../hub-facts.ts";
import { MESSAGE_ROOM_BYTES } from "../message-room.ts";
import { ViewerLink } from "../viewer-link.ts";

/** A driver that does what the test tells it and remembers what the hub asked of it. */
export class ScriptedDriver implements SessionDriver {
  readonly kind: "desktop" | "terminal";
  readonly host: DriverHost;
  readonly inputs: InputEvent[] = [];
  readonly clipboards: { kind: number; content: Uint8Array }[] = [];
  readonly flows: FlowState[] = [];
  entryRequests = 0;
  isClosed = false;
  targetRoundTripMs: number | null = 7;
  files = null;
  openFailure: Error | null = null;
  beforeOpen: () => Promise<void> = async () => {};

  constructor(kind: "desktop" | "terminal", host: DriverHost) {
    this.kind = kind;
    this.host = host;
  }
  async open(): Promise<void> {
    await this.beforeOpen();
    if (this.openFailure !== null) throw this.openFailure;
  }
  input(event: InputEvent): void {
    this.inputs.push(event);
  }
  clipboard(kind: number, content: Uint8Array): void {
    this.clipboards.push({ kind, content });
  }
  flow(state: FlowState): void {
    this.flows.push(state);
  }
  requestEntryPoint(): void {
    this.entryRequests++;
  }
  close(): void {
    this.isClosed = true;
  }
}

/** A recorder in memory. */
export class MemoryRecorder implements Recorder {
  readonly frames: Frame[] = [];
  queuedBytes = 0;
  sinceEntryPoint = { changedBytes: 0, timeMs: 0 };
  finishedWith: string | null = null;
  write(frame: Frame): void {
    this.frames.push(frame);
  }
  async finish({ code }: { code: string }): Promise<void> {
    this.finishedWith = code;
  }
}

/** A viewer whose socket is an array of frames. */
export class TestViewer {
  readonly link: ViewerLink;
  readonly frames: Frame[] = [];
  closed: { code: number; reason: string } | null = null;
  bufferedBytes = 0;

  constructor(name: string, role: ViewerRole) {
    const viewer = this;
    this.link = new ViewerLink({
      viewerId: name,
      personId: `id-of-${name}`,
      name,
      role,
      socket: {
        send: (bytes) => void this.frames.push(...decodeFrames(bytes.slice())),
        sendRoomy: (message, onSent) => {
          this.frames.push(...decodeFrames(message.slice(MESSAGE_ROOM_BYTES)));
          onSent();
        },
        get bufferedBytes() {
          return viewer.bufferedBytes;
        },
        close: (code, reason) => {
          this.closed ??= { code, reason };
        },
      },
    });
  }

  get status(): StatusMessage[] {
    return this.frames
      .filter(({ channel }) => channel === Channel.status)
      .map(({ payload }) => JSON.parse(decodeUtf8(payload)));
  }

  last<T extends StatusMessage["type"]>(type: T): Extract<StatusMessage, { type: T }> | undefined {
    return this.status.findLast(
      (message): message is Extract<StatusMessage, { type: T }> => message.type === type,
    );
  }

  /** What the viewer was given to show, as text. */
  get shown(): string {
    return this.frames
      .filter(({ channel }) => channel === Channel.text || channel === Channel.picture)
      .map(({ payload }) => decodeUtf8(payload))
      .join("|");
  }
}

/** A hub with a clock the test turns, a scripted driver and a recorder in memory. */
export class HubRig {
  readonly hub: SessionHub;
  readonly recorder = new MemoryRecorder();
  readonly notes: { kind: string; by: string; details: Readonly<Record<string, unknown>> }[] = [];
  /** What was told of errors nobody foresaw. */
  readonly crashes: unknown[] = [];
  driver: ScriptedDriver | null = null;
  prepareDriver: (driver: ScriptedDriver) => void = () => {};
  recorderFailure: Error | null = null;
  onRecorderFailure: (error: Error) => void = () => {};
  endedCount = 0;
  #nowMs = 0;

  constructor(policy: Partial<Policy> = {}, kind: "desktop" | "terminal" = "terminal") {
    const facts: SessionFacts = {
      sessionId: "0199f0a0-0000-7000-8000-000000000001",
      personId: "id-of-owner",
      personName: "Owner",
      targetId: "t",
      targetName: "Target",
      machineName: "Machine",
      siteId: "s",
      protocol: kind === "terminal" ? "ssh" : "vnc",
      kind,
      accountName: "root",
      policy: policyRules.parse(policy),
      openedAtMs: 1_000_000,
      lease: { grantId: "g", policyId: "p", end: null },
      watermark: null,
    };
    this.hub = new SessionHub(facts, {
      environment: {
        now: () => 1_000_000 + this.#nowMs,
        monotonicMs: () => this.#nowMs,
        randomBytes: (count) => new Uint8Array(count),
      },
      guardianWaitMs: 600_000,
      note: async (noteKind, _level, by, details) =>
        void this.notes.push({ kind: noteKind, by: by.name, details }),
      crashed: (cause) => void this.crashes.push(cause),
      openRecorder: async (events) => {
        if (this.recorderFailure !== null) throw this.recorderFailure;
        this.onRecorderFailure = events.onFailure;
        return this.recorder;
      },
      makeDriver: async (host) => {
        this.driver = new ScriptedDriver(kind, host);
        this.prepareDriver(this.driver);
        return this.driver;
      },
      pinIdentity: async () => {},
      onEnded: () => void this.endedCount++,
    });
  }

  attach(name: string, role: ViewerRole): TestViewer {
    const viewer = new TestViewer(name, role);
    this.hub.attach(viewer.link, { columns: 100, rows: 30, widthPx: 1000, heightPx: 600 });
    return viewer;
  }

  /** Attaches the person's own viewer and lets the session open. */
  async open(): Promise<TestViewer> {
    const viewer = this.attach("owner", "controller");
    await settle();
    return viewer;
  }

  advance(milliseconds: number): void {
    this.#nowMs += milliseconds;
    this.hub.tick();
  }

  control(viewer: TestViewer, message: ControlMessage): void {
    this.hub.handleControl(viewer.link, message);
  }

  press(viewer: TestViewer, text: string): void {
    this.hub.handleInput(viewer.link, [{ type: "text", text: Buffer.from(text) }], new Uint8Array());
  }

  /** Text the target shows. */
  show(text: string, flags = 0): void {
    const channel = this.hub.facts.kind === "terminal" ? Channel.text : Channel.picture;
    this.driver?.host.emit(channel, flags, Buffer.from(text));
  }
}

/** Lets promises and microtasks run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
