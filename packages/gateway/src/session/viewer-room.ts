import { type Marker, type Question, type StatusMessage, WIRE_VERSION, type WirePolicy } from "@poterne/wire";
import type { FrameOutlet } from "./frame-outlet.ts";
import { endsAtMsOf, type SessionFacts } from "./hub-facts.ts";
import { CloseCode, type ViewerLink } from "./viewer-link.ts";

/** What the room reads of its session to greet a newcomer. */
export interface RoomSession {
  readonly facts: SessionFacts;
  /** The session as it is now. */
  look(): {
    readonly isOpen: boolean;
    readonly hasFiles: boolean;
    readonly openQuestions: readonly Question[];
    readonly paused: { readonly isPaused: boolean; readonly by: string };
  };
  nowMs(): number;
  /** `isSecret`: for the recording alone. */
  marker(marker: Marker, isSecret?: boolean): void;
  note(kind: string, by: { personId: string; name: string }, details: Readonly<Record<string, string>>): void;
}

type Screens = Extract<StatusMessage, { type: "screens" }>;
type Step = Extract<StatusMessage, { type: "step" }>;

/** Who is attached to a session, who has control, and what everyone is told. */
export class ViewerRoom {
  readonly #outlet: FrameOutlet;
  readonly #session: RoomSession;
  #steps: Step[] = [];
  #screens: Screens | null = null;

  constructor(outlet: FrameOutlet, session: RoomSession) {
    this.#outlet = outlet;
    this.#session = session;
  }

  get all(): readonly ViewerLink[] {
    return [...this.#outlet.viewers];
  }

  get hasGuardian(): boolean {
    return this.all.some((viewer) => viewer.role === "guardian");
  }

  get withControl(): ViewerLink | null {
    return this.all.find((viewer) => viewer.hasControl) ?? null;
  }

  /** The connection's step that runs now, null when none does. */
  get runningStep(): Step | null {
    return this.#steps.findLast((step) => step.state === "running") ?? null;
  }

  /** Lets a viewer in; the person's newer page replaces the older one. */
  enter(viewer: ViewerLink): void {
    if (viewer.role === "controller") this.#replaceOwn(viewer);
    this.#outlet.add(viewer);
    this.#greet(viewer);
    this.#report(viewer, "joined");
  }

  #replaceOwn(viewer: ViewerLink): void {
    const older = this.all.find((other) => other.role === "controller");
    if (older !== undefined) {
      this.#outlet.remove(older);
      older.socket.close(CloseCode.replaced, "replaced by a newer page");
    }
    viewer.hasControl = this.withControl === null;
  }

  /** Lets a viewer out; false when it was not there any more. Control it had goes back to the session's person. */
  leave(viewer: ViewerLink): boolean {
    if (!this.#outlet.viewers.has(viewer)) return false;
    this.#outlet.remove(viewer);
    this.#report(viewer, "left");
    if (viewer.hasControl) this.giveControl(this.all.find((other) => other.role === "controller") ?? null);
    else this.tellViewers();
    return true;
  }

  giveControl(viewer: ViewerLink | null): void {
    for (const other of this.all) other.hasControl = other === viewer;
    if (viewer !== null) {
      this.#session.marker({ type: "viewer", name: viewer.name, role: viewer.role, event: "took-control" });
      this.#sendQuestions(viewer);
    }
    this.tellViewers();
  }

  broadcast(message: StatusMessage): void {
    for (const viewer of this.all) viewer.sendStatus(message, this.#session.nowMs());
  }

  /** What the target says of its screens, for those who are here and those who come. */
  setScreens(screens: Screens): void {
    this.#screens = screens;
    this.broadcast(screens);
  }

  setStep(step: Step): void {
    this.#steps = [...this.#steps.filter((other) => other.name !== step.name), step];
    this.broadcast(step);
  }

  /** Everyone sees who is there, unless policy keeps silent observers from the person watched. */
  tellViewers(): void {
    const { policy } = this.#session.facts;
    for (const viewer of this.all) {
      const isShown = (other: ViewerLink) =>
        viewer.role !== "controller" || other.role !== "observer" || policy.tellWatched || other.hasControl;
      const viewers = this.all
        .filter(isShown)
        .map(({ viewerId, name, role, hasControl }) => ({ viewerId, name, role, hasControl }));
      viewer.sendStatus({ type: "viewers", viewers }, this.#session.nowMs());
    }
  }

  #report(viewer: ViewerLink, event: "joined" | "left"): void {
    if (viewer.role === "controller") return;
    // The stream goes to the person watched as well: a silent observer is for the recording to know.
    const isSecret = viewer.role === "observer" && !this.#session.facts.policy.tellWatched;
    this.#session.marker({ type: "viewer", name: viewer.name, role: viewer.role, event }, isSecret);
    this.#session.note(`session.watch-${event}`, viewer, { role: viewer.role });
  }

  #greet(viewer: ViewerLink): void {
    const now = this.#session.nowMs();
    viewer.sendStatus(makeHello(this.#session.facts, viewer), now);
    for (const step of this.#steps) viewer.sendStatus(step, now);
    const { isOpen, hasFiles, paused } = this.#session.look();
    if (isOpen) viewer.sendStatus({ type: "open", hasFiles }, now);
    if (this.#screens !== null) viewer.sendStatus(this.#screens, now);
    const { isPaused, by } = paused;
    if (isPaused) viewer.sendStatus({ type: "paused", isPaused, by }, now);
    if (viewer.hasControl) this.#sendQuestions(viewer);
    this.tellViewers();
  }

  #sendQuestions(viewer: ViewerLink): void {
    for (const question of this.#session.look().openQuestions)
      viewer.sendStatus({ type: "question", question }, this.#session.nowMs());
  }
}

function makeHello(facts: SessionFacts, viewer: ViewerLink): StatusMessage {
  return {
    type: "hello",
    version: WIRE_VERSION,
    sessionId: facts.sessionId,
    viewerId: viewer.viewerId,
    role: viewer.role,
    kind: facts.kind,
    protocol: facts.protocol,
    targetName: facts.targetName,
    machineName: facts.machineName,
    accountName: facts.accountName,
    personName: facts.personName,
    openedAtMs: facts.openedAtMs,
    policy: toWirePolicy(facts),
  };
}

const RECORDED_BECAUSE = { must: "policy-must", should: "policy-should", off: null } as const;

function toWirePolicy(facts: SessionFacts): WirePolicy {
  const { policy, watermark } = facts;
  return {
    clipboardToTarget: policy.clipboardToTarget,
    clipboardFromTarget: policy.clipboardFromTarget,
    filesToTarget: policy.filesToTarget,
    filesFromTarget: policy.filesFromTarget,
    readOnly: policy.readOnly,
    watermark,
    recordedBecause: RECORDED_BECAUSE[policy.recording],
    inputRecorded: policy.recordInput,
    soundRecorded: policy.audio && policy.recordAudio && policy.recording !== "off",
    graceSeconds: policy.graceSeconds,
    endsAtMs: endsAtMsOf(facts),
    terminalClipboardWrite: policy.terminalClipboardWrite,
  };
}
