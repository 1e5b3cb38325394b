import type { Question, StatusMessage, StepName, WireViewer } from "@poterne/wire";

/** The most messages and warnings a page keeps; older ones are dropped. */
export const MAX_NOTICES = 50;

/** Where the page stands with its session. `unattached`: the ticket or the first socket is still awaited. */
export type SessionPhase = "unattached" | "opening" | "open" | "reattaching" | "ended";

/** Something a person should read, with a number that tells two equal ones apart. */
export interface Notice {
  readonly noticeId: number;
  readonly kind: "message" | "warning" | "clipboard-blocked";
  /** Who wrote a message; empty otherwise. */
  readonly from: string;
  /** A message's text, a warning's code, or why the clipboard was blocked. */
  readonly text: string;
  readonly details: Readonly<Record<string, string | number>>;
}

/** Why and how a session ended, as the end page shows it. */
export interface SessionEnd {
  /** A code of the error catalogue. */
  readonly code: string;
  readonly details: Readonly<Record<string, string | number>>;
  /** Null when the gateway could not tell. */
  readonly durationMs: number | null;
}

/** What the page shows of its session; replaced as a whole at each change. */
export interface SessionState {
  readonly phase: SessionPhase;
  readonly hello: Extract<StatusMessage, { type: "hello" }> | null;
  readonly steps: readonly {
    readonly name: StepName;
    readonly state: "running" | "done" | "failed";
    readonly detail: string;
  }[];
  /** Questions that wait for an answer, oldest first. */
  readonly questions: readonly Question[];
  readonly viewers: readonly WireViewer[];
  readonly pausedBy: string | null;
  readonly notices: readonly Notice[];
  /** Lock lamps as the target has them (`LockInput` bits), null while unknown. */
  readonly locks: number | null;
  readonly hasFiles: boolean;
  /** How many screens the target takes and where it has them; null: it keeps to one. */
  readonly screens: Extract<StatusMessage, { type: "screens" }> | null;
  /** Milliseconds there and back; null while not measured. */
  readonly latency: { readonly gatewayMs: number; readonly targetMs: number | null } | null;
  /** While the socket is lost: when it went and when the grace time is over, on the page's monotonic clock. */
  readonly lost: { readonly sinceMs: number; readonly untilMs: number; readonly attempt: number } | null;
  readonly end: SessionEnd | null;
}

/** The state before anything is known. */
export const initialSessionState: SessionState = {
  phase: "unattached",
  hello: null,
  steps: [],
  questions: [],
  viewers: [],
  pausedBy: null,
  notices: [],
  locks: null,
  hasFiles: false,
  screens: null,
  latency: null,
  lost: null,
  end: null,
};

/** The state after one message of the gateway. Pongs are the connection's own business and change nothing here. */
export function applyStatus(state: SessionState, message: StatusMessage): SessionState {
  switch (message.type) {
    case "hello":
      return {
        ...state,
        hello: message,
        phase: state.phase === "open" ? "open" : "opening",
        lost: null,
        questions: [],
      };
    case "step":
      return { ...state, steps: applyStep(state.steps, message) };
    case "question":
      return { ...state, questions: [...dropQuestion(state, message.question.questionId), message.question] };
    case "question-closed":
      return { ...state, questions: dropQuestion(state, message.questionId) };
    case "open":
      return { ...state, phase: "open", hasFiles: message.hasFiles, questions: [], lost: null };
    case "viewers":
      return { ...state, viewers: message.viewers };
    case "paused":
      return { ...state, pausedBy: message.isPaused ? message.by : null };
    case "ends-at": {
      if (state.hello === null) return state;
      const policy = { ...state.hello.policy, endsAtMs: message.endsAtMs };
      return { ...state, hello: { ...state.hello, policy } };
    }
    case "screens":
      return { ...state, screens: message };
    case "locks":
      return { ...state, locks: message.locks };
    case "ended":
      return {
        ...state,
        phase: "ended",
        lost: null,
        questions: [],
        end: { code: message.code, details: message.details, durationMs: message.durationMs },
      };
    case "message":
      return withNotice(state, { kind: "message", from: message.from, text: message.text, details: {} });
    case "warning":
      return withNotice(state, { kind: "warning", from: "", text: message.code, details: message.details });
    case "clipboard-blocked":
      return withNotice(state, {
        kind: "clipboard-blocked",
        from: "",
        text: message.reason,
        details: { direction: message.direction },
      });
    case "pong":
      return state;
  }
}

/** Whether this viewer drives the session now. */
export function hasControl(state: SessionState): boolean {
  const own = state.viewers.find((viewer) => viewer.viewerId === state.hello?.viewerId);
  return own?.hasControl ?? state.hello?.role === "controller";
}

/** Whether what this viewer types and clicks goes to the target now. */
export function canAct(state: SessionState): boolean {
  return (
    state.phase === "open" &&
    state.pausedBy === null &&
    state.hello?.policy.readOnly === false &&
    hasControl(state)
  );
}

function dropQuestion(state: SessionState, questionId: string): Question[] {
  return state.questions.filter((question) => question.questionId !== questionId);
}

function applyStep(
  steps: SessionState["steps"],
  message: Extract<StatusMessage, { type: "step" }>,
): SessionState["steps"] {
  const step = { name: message.name, state: message.state, detail: message.detail ?? "" };
  const isKnown = steps.some((known) => known.name === step.name);
  return isKnown ? steps.map((known) => (known.name === step.name ? step : known)) : [...steps, step];
}

function withNotice(state: SessionState, notice: Omit<Notice, "noticeId">): SessionState {
  const noticeId = (state.notices.at(-1)?.noticeId ?? 0) + 1;
  return { ...state, notices: [...state.notices, { ...notice, noticeId }].slice(-MAX_NOTICES) };
}
