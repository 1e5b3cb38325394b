/** How the clipboard may pass in one direction, in the words of the chip. */
export type ClipboardWay =
  /** It passes by itself. */
  | "allowed"
  /** The browser gives it with the paste keys only (no asynchronous clipboard). */
  | "with-paste-keys"
  /** The browser will ask the person at the next press. */
  | "will-ask"
  /** The person or an administrator refused it in the browser. */
  | "blocked-by-browser"
  /** The session's policy, or a lack of control, keeps it back; the gateway enforces it. */
  | "blocked-by-policy";

/** What decides: policy and role on one side, the browser on the other. */
export interface ClipboardFacts {
  readonly toTarget: "off" | "text" | "all";
  readonly fromTarget: "off" | "text" | "all";
  /** The viewer drives and the session is not read-only. */
  readonly canAct: boolean;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly readPermission: "granted" | "prompt" | "denied" | "unknown";
}

/** Both directions. */
export interface ClipboardState {
  readonly toTarget: ClipboardWay;
  readonly fromTarget: ClipboardWay;
}

/** Says for both directions whether the clipboard passes, and if not, who keeps it back. */
export function decideClipboard(facts: ClipboardFacts): ClipboardState {
  return { toTarget: decideToTarget(facts), fromTarget: decideFromTarget(facts) };
}

function decideToTarget(facts: ClipboardFacts): ClipboardWay {
  if (facts.toTarget === "off" || !facts.canAct) return "blocked-by-policy";
  if (!facts.canRead) return "with-paste-keys";
  if (facts.readPermission === "granted") return "allowed";
  if (facts.readPermission === "denied") return "blocked-by-browser";
  // A browser that has the function but tells no permission asks at each reading (Firefox, Safari).
  return facts.readPermission === "prompt" ? "will-ask" : "with-paste-keys";
}

function decideFromTarget(facts: ClipboardFacts): ClipboardWay {
  if (facts.fromTarget === "off") return "blocked-by-policy";
  return facts.canWrite ? "allowed" : "blocked-by-browser";
}
