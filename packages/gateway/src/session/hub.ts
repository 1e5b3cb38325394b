import { encodeUtf8 } from "@poterne/bytes";
import { Failure, type FailureDetails } from "@poterne/contract";
import {
  Channel,
  type ControlMessage,
  type DesktopPlace,
  type FileEvent,
  FrameFlag,
  type InputEvent,
  type Marker,
  NO_GUARDIAN,
  type Question,
  type StepName,
} from "@poterne/wire";
import type { Recorder } from "../recording/recorder.ts";
import type { DriverFiles, DriverHost, SessionDriver, TargetIdentity } from "./driver.ts";
import { FrameOutlet } from "./frame-outlet.ts";
import { ClipboardGate, withKind } from "./hub-clipboard.ts";
import { type ClockMarks, decideEnd, dueWarning, startMarks, stateOf } from "./hub-clock.ts";
import {
  type HubDependencies,
  type HubState,
  type SessionEnd,
  type SessionFacts,
  SessionIdentity,
} from "./hub-facts.ts";
import { openInSteps } from "./hub-opening.ts";
import { carryOut } from "./hub-orders.ts";
import { HubPace } from "./hub-pace.ts";
import { HubQuestions } from "./hub-questions.ts";
import type { LiveSession } from "./live-session.ts";
import { CloseCode, type ViewerLink } from "./viewer-link.ts";
import { ViewerRoom } from "./viewer-room.ts";
import { FIRST_VIEWER_SIZE, hasSeveralScreens, resizeOf, sizeOf, type ViewerSize } from "./viewer-size.ts";

/**
 * One session: who watches, who controls, the policy, flow control, pause, message, end. It knows no protocol.
 * INVARIANT: every frame goes to the recorder before any viewer, and input reaches the driver only from the viewer
 * that has control, while the session is neither paused nor read-only.
 */
export class SessionHub extends SessionIdentity implements LiveSession, DriverHost {
  readonly outlet: FrameOutlet;
  readonly room: ViewerRoom;
  readonly #deps: HubDependencies;
  readonly #questions: HubQuestions;
  readonly #clipboard: ClipboardGate;
  readonly #pace: HubPace;
  #driver: SessionDriver | null = null;
  #recorder: Recorder | null = null;
  #isStarted = false;
  #isOpen = false;
  #end: SessionEnd | null = null;
  #paused = { isPaused: false, by: "" };
  readonly #marks: ClockMarks = startMarks();
  #guardianArrived: (() => void) | null = null;
  #lastTickMs = 0;
  viewerSize: ViewerSize = FIRST_VIEWER_SIZE;

  constructor(facts: SessionFacts, dependencies: HubDependencies) {
    super(facts, dependencies.environment);
    this.#deps = dependencies;
    this.#questions = new HubQuestions(dependencies.environment);
    this.outlet = new FrameOutlet({
      areEntriesPrivate: facts.kind === "terminal",
      wantEntry: () => this.#pace.requestEntryIfDue(),
    });
    const nowMs = () => this.nowMs();
    const marker = (shown: Marker) => this.marker(shown);
    // The parts look at the hub's present state each time they need it.
    this.room = new ViewerRoom(this.outlet, {
      facts,
      look: () => ({
        isOpen: this.#isOpen,
        hasFiles: this.files !== null,
        openQuestions: this.#questions.open,
        paused: this.#paused,
      }),
      nowMs,
      marker: (shown, isSecret) => this.marker(shown, isSecret === true ? FrameFlag.recordOnly : 0),
      note: (kind, by, details) => void dependencies.note(kind, "notice", by, details),
    });
    this.#pace = new HubPace({
      outlet: this.outlet,
      look: () => ({ driver: this.#driver, recorder: this.#recorder, isOpen: this.#isOpen }),
      nowMs,
    });
    this.#clipboard = new ClipboardGate(facts.policy, {
      nowMs,
      marker,
      note: (details) => void dependencies.note("session.clipboard", "info", this.person, details),
      record: ({ channel, flags, payload }) => this.emit(channel, flags, payload),
    });
  }

  get files(): DriverFiles | null {
    return this.#isOpen ? (this.#driver?.files ?? null) : null;
  }
  get isPaused(): boolean {
    return this.#paused.isPaused;
  }
  get decodesH264(): boolean {
    return this.#pace.decodesH264;
  }
  get decodesOpus(): boolean {
    return this.#pace.decodesOpus;
  }
  get isRecorded(): boolean {
    return this.#recorder !== null;
  }
  get isActive(): boolean {
    return this.#isOpen && this.#end === null && !this.isPaused && !this.policy.readOnly;
  }
  get endReason(): SessionEnd | null {
    return this.#end;
  }
  get state(): HubState {
    return this.#end === null ? stateOf(this.#marks, this.#isOpen) : "ended";
  }

  async fileTransferred(event: FileEvent): Promise<void> {
    this.emit(Channel.file, 0, encodeUtf8(JSON.stringify(event)));
    await this.#deps.note("session.file", "info", this.person, { ...event });
  }

  /** A guardian's orders; from its viewer or by the API. */
  pause(isPaused: boolean, by: { personId: string; name: string }): void {
    this.#setPaused(isPaused, by.name);
    void this.#deps.note(isPaused ? "session.paused" : "session.resumed", "notice", by, {});
  }

  message(by: { personId: string; name: string }, text: string): void {
    this.marker({ type: "message", from: by.name, text });
    this.room.broadcast({ type: "message", from: by.name, text });
    void this.#deps.note("session.message", "info", by, { text });
  }

  /** Ends the session in a guardian's name; `reason` is told to the person and journaled, "" for none. */
  endByGuardian(by: { personId: string; name: string }, reason: string): void {
    const why = reason === "" ? {} : { reason };
    void this.#deps.note("session.ended-by-guardian", "notice", by, why);
    this.ended("ended-by-guardian", { by: by.name, ...why });
  }

  /** Attaches a viewer whose ticket was accepted. */
  attach(viewer: ViewerLink, size: ViewerSize): void {
    if (viewer.role === "controller") this.#ownerArrived(size);
    this.room.enter(viewer);
    if (viewer.role === "guardian") this.#guardianHasArrived(viewer);
    if (viewer.role === "controller" && !this.#isStarted) {
      this.#isStarted = true;
      void this.#start();
    }
    this.#pace.changed();
    this.#pace.requestEntryIfDue();
  }

  #ownerArrived(size: ViewerSize): void {
    // A page that comes back gathers its further windows first, then tells all its screens.
    const hadSeveral = hasSeveralScreens(this.viewerSize);
    if (!hadSeveral) this.viewerSize = size;
    this.#marks.wasAttached = true;
    this.#marks.detachedAtMs = null;
    if (this.#isOpen && !hadSeveral) this.#driver?.input(resizeOf(size));
  }

  #guardianHasArrived(viewer: ViewerLink): void {
    if (this.#guardianArrived !== null) this.#guardianArrived();
    else if (this.policy.needsGuardian) this.#setPaused(false, viewer.name);
  }

  /** A viewer's socket has closed. */
  detach(viewer: ViewerLink): void {
    if (this.#end !== null) return this.outlet.remove(viewer);
    if (viewer.hasControl) this.#driver?.input({ type: "release" });
    if (!this.room.leave(viewer)) return;
    if (viewer.role === "controller") this.#marks.detachedAtMs = this.nowMs();
    const isUnguarded = viewer.role === "guardian" && this.policy.needsGuardian && !this.room.hasGuardian;
    if (isUnguarded && this.#isOpen) this.#setPaused(true, NO_GUARDIAN);
    this.#pace.changed();
  }

  /** Input of one viewer; dropped unless it has control and policy allows. */
  handleInput(viewer: ViewerLink, events: readonly InputEvent[], payload: Uint8Array): void {
    const isHeard = viewer.hasControl && this.#isOpen && !this.isPaused && this.#end === null;
    for (const event of events) {
      if (event.type === "resize" || event.type === "screens") this.#resize(viewer, event);
      else if (isHeard && !this.policy.readOnly) this.#driver?.input(event);
    }
    if (!isHeard) return;
    this.#marks.lastInputAtMs = this.nowMs();
    // Of terminals the driver records what was echoed (decision 0036); of desktops keys and pointer as they come.
    const isRecorded = this.policy.recordInput && !this.policy.readOnly && this.facts.kind === "desktop";
    if (isRecorded) this.emit(Channel.input, FrameFlag.recordOnly, payload.slice());
  }

  #resize(viewer: ViewerLink, event: Extract<InputEvent, { type: "resize" | "screens" }>): void {
    if (viewer.role !== "controller") return;
    this.viewerSize = sizeOf(event);
    if (!this.#isOpen) return;
    this.#driver?.input(event);
    if (this.facts.kind === "terminal") this.marker(resizeOf(this.viewerSize));
  }

  handleClipboard(viewer: ViewerLink, kind: number, content: Uint8Array): void {
    if (!viewer.hasControl || !this.#isOpen || this.isPaused) return;
    if (this.#clipboard.admit("to-target", kind, content, viewer)) this.#driver?.clipboard(kind, content);
  }

  handleAcknowledgement(viewer: ViewerLink, consumedModulo: number): void {
    viewer.acknowledge(consumedModulo);
    if (viewer.state === "waiting") this.#pace.requestEntryIfDue();
    if (viewer.hasControl) this.#pace.changed();
  }

  handleControl(viewer: ViewerLink, message: ControlMessage): void {
    carryOut(this, viewer, message, {
      driver: this.#driver,
      questions: this.#questions,
      giveControl: (receiver) => this.#giveControl(receiver),
    });
  }

  #giveControl(receiver: ViewerLink): void {
    if (this.policy.readOnly || receiver.hasControl) return;
    this.#driver?.input({ type: "release" });
    this.room.giveControl(receiver);
    void this.#deps.note("session.control-given", "notice", this.person, { to: receiver.name });
    this.#pace.changed();
  }

  #setPaused(isPaused: boolean, by: string): void {
    if (this.isPaused === isPaused) return;
    this.#paused = { isPaused, by };
    if (isPaused) this.#driver?.input({ type: "release" });
    this.marker({ type: "paused", isPaused, by });
    this.room.broadcast({ type: "paused", isPaused, by });
  }

  async #start(): Promise<void> {
    try {
      await openInSteps(this, {
        awaitGuardian: () => this.#awaitGuardian(),
        openRecorder: () =>
          this.#deps.openRecorder({
            onFailure: (error) => this.#recordingFailed(error),
            onDrain: () => this.#pace.changed(),
          }),
        keepRecorder: async (recorder) => {
          if (this.#end === null) this.#recorder = recorder;
          else await recorder.finish({ code: this.#end.code });
        },
        makeDriver: () => this.#deps.makeDriver(this),
        keepDriver: (driver) => {
          this.#driver = driver;
        },
      });
      this.#opened();
    } catch (error) {
      this.fail(error);
    }
  }

  #opened(): void {
    if (this.#end !== null) return this.#driver?.close();
    this.#isOpen = true;
    this.#marks.lastInputAtMs = this.nowMs();
    this.step("open", "done");
    this.room.broadcast({ type: "open", hasFiles: this.files !== null });
    this.#pace.requestEntryIfDue();
    this.#pace.changed();
  }

  async #awaitGuardian(): Promise<void> {
    this.#marks.guardianAwaitedAtMs = this.nowMs();
    await new Promise<void>((resolve) => {
      this.#guardianArrived = resolve;
    });
    this.#guardianArrived = null;
    this.#marks.guardianAwaitedAtMs = null;
  }

  #recordingFailed(error: Error): void {
    this.#recorder = null;
    const detail = error instanceof Failure ? error.code : "write-failed";
    void this.#deps.note("recording.failed", "alarm", this.person, { detail });
    if (this.policy.recording === "must") this.ended("recording-failed", { detail });
    else this.warn("recording-stopped");
  }

  fail(error: unknown): void {
    const isForeseen = error instanceof Failure && error.code !== "internal";
    const failure = isForeseen ? error : new Failure("internal", { reference: this.sessionId });
    if (!isForeseen) this.#deps.crashed(error instanceof Failure ? (error.cause ?? error) : error);
    const { runningStep } = this.room;
    if (runningStep !== null) this.room.setStep({ ...runningStep, state: "failed" });
    this.ended(failure.code, failure.details);
  }

  ended(code: string, details: FailureDetails = {}): void {
    if (this.#end !== null) return;
    this.marker({ type: "ended", code });
    this.#end = { code, details };
    this.#questions.refuseAll();
    this.#guardianArrived?.();
    this.#driver?.close();
    this.outlet.flush();
    this.room.broadcast({ type: "ended", code, details, durationMs: this.nowMs() });
    for (const viewer of this.room.all) viewer.socket.close(CloseCode.ended, code);
    void this.#finish(code);
  }

  async #finish(code: string): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = null;
    try {
      await recorder?.finish({ code });
    } catch (error) {
      await this.#deps.note("recording.failed", "alarm", this.person, {
        detail: String(error).slice(0, 200),
      });
    }
    this.#deps.onEnded();
  }

  emit(channel: number, flags: number, payload: Uint8Array, stream = 0): void {
    if (this.#end !== null) return;
    const frame = { channel, flags, stream, timeMs: this.nowMs(), payload };
    if ((flags & FrameFlag.transient) === 0) this.#recorder?.write(frame);
    this.outlet.emit(frame);
    this.#pace.emitted();
  }

  step(name: StepName, state: "running" | "done", detail?: string): void {
    this.room.setStep({ type: "step", name, state, ...(detail === undefined ? {} : { detail }) });
  }

  marker(marker: Marker, flags = 0): void {
    this.emit(Channel.marker, flags, encodeUtf8(JSON.stringify(marker)));
  }

  clipboard(kind: number, content: Uint8Array): void {
    const viewer = this.room.withControl;
    if (viewer === null || !this.#clipboard.admit("from-target", kind, content, viewer)) return;
    const head = { channel: Channel.clipboard, flags: FrameFlag.transient, stream: 0, timeMs: this.nowMs() };
    viewer.sendAside({ ...head, payload: withKind(kind, content) });
  }

  screens(max: number, places: readonly DesktopPlace[]): void {
    this.room.setScreens({ type: "screens", max, places });
  }

  locks(locks: number): void {
    this.room.broadcast({ type: "locks", locks });
  }

  async ask(question: Omit<Question, "questionId">): Promise<readonly string[] | null> {
    if (this.#end !== null) return null;
    const { asked, answer } = this.#questions.ask(question);
    this.room.withControl?.sendStatus({ type: "question", question: asked }, this.nowMs());
    const values = await answer;
    this.room.broadcast({ type: "question-closed", questionId: asked.questionId });
    return values;
  }

  warn(code: string, details: Readonly<Record<string, string | number>> = {}): void {
    this.room.broadcast({ type: "warning", code, details });
    void this.#deps.note("session.warning", "notice", this.person, { code, ...details });
  }

  async pinIdentity(identity: TargetIdentity): Promise<void> {
    const { publicKey: _, ...shown } = identity;
    await this.#deps.note("target.identity-pinned", "notice", this.person, shown);
    await this.#deps.pinIdentity(identity);
  }

  /** Looks at the clock; called every half second by the broker. */
  tick(): void {
    if (this.#end !== null) return;
    const nowMs = this.nowMs();
    this.#questions.expire();
    this.#pace.requestEntryIfDue();
    const seconds = dueWarning(this.facts, this.#lastTickMs, nowMs);
    if (seconds !== null) this.room.broadcast({ type: "warning", code: "ends-soon", details: { seconds } });
    this.#lastTickMs = nowMs;
    if (!this.#isOpen) this.#marks.lastInputAtMs = nowMs;
    const end = decideEnd({
      ...this.#marks,
      facts: this.facts,
      nowMs,
      guardianWaitMs: this.#deps.guardianWaitMs,
    });
    if (end !== null) this.ended(end.code, end.details);
  }
}
