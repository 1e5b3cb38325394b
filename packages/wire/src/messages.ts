import type { DesktopPlace } from "./screens.ts";

/** The version both sides name in `hello`; the gateway refuses a viewer of another major version. */
export const WIRE_VERSION = 1;

/** In place of who paused the input: nobody did, four eyes are asked for and the last guardian has left. */
export const NO_GUARDIAN = "";

/** What a viewer may do: drive the session, only watch, or watch with the right to stop it. */
export type ViewerRole = "controller" | "observer" | "guardian";

/** The connection's steps, in order, as a person reads them. */
export type StepName = "policy" | "guardian" | "recording" | "network" | "encryption" | "identity" | "open";

/** What the page needs to know of the policy in force; the gateway enforces it all the same. */
export interface WirePolicy {
  readonly clipboardToTarget: "off" | "text" | "all";
  readonly clipboardFromTarget: "off" | "text" | "all";
  readonly filesToTarget: boolean;
  readonly filesFromTarget: boolean;
  readonly readOnly: boolean;
  /** Text of the watermark, null for none. */
  readonly watermark: string | null;
  /** Why the session is recorded, null when it is not. */
  readonly recordedBecause: "policy-must" | "policy-should" | null;
  readonly inputRecorded: boolean;
  /** Whether the target's sound is recorded; a gateway without sound does not say. */
  readonly soundRecorded: boolean;
  readonly graceSeconds: number;
  /** When the session must end, Unix milliseconds, null for no limit. */
  readonly endsAtMs: number | null;
  /** Whether a target may write to the clipboard by escape sequence (OSC 52). */
  readonly terminalClipboardWrite: boolean;
}

/** One viewer as the others see it. */
export interface WireViewer {
  readonly viewerId: string;
  readonly name: string;
  readonly role: ViewerRole;
  readonly hasControl: boolean;
}

/** One field of a question, as in SSH keyboard-interactive (RFC 4256 §3.2). */
export interface QuestionField {
  readonly prompt: string;
  /** Whether what is typed may be shown. */
  readonly echo: boolean;
}

/** A question of the target or the gateway to the controller; only the controller gets it, never the recording. */
export interface Question {
  readonly questionId: string;
  readonly kind: "credentials" | "keyboard-interactive" | "host-key" | "certificate" | "reason";
  /** A name, an instruction, a fingerprint: what the question is about. */
  readonly details: Readonly<Record<string, string>>;
  readonly fields: readonly QuestionField[];
}

/** From the gateway to a viewer, on the `status` channel as JSON. */
export type StatusMessage =
  | {
      readonly type: "hello";
      readonly version: number;
      readonly sessionId: string;
      readonly viewerId: string;
      readonly role: ViewerRole;
      readonly kind: "desktop" | "terminal";
      readonly protocol: string;
      readonly targetName: string;
      readonly machineName: string;
      readonly accountName: string;
      readonly personName: string;
      readonly openedAtMs: number;
      readonly policy: WirePolicy;
    }
  | {
      readonly type: "step";
      readonly name: StepName;
      readonly state: "running" | "done" | "failed";
      readonly detail?: string;
    }
  | { readonly type: "question"; readonly question: Question }
  | { readonly type: "question-closed"; readonly questionId: string }
  | { readonly type: "open"; readonly hasFiles: boolean }
  | { readonly type: "viewers"; readonly viewers: readonly WireViewer[] }
  /** `by` is `NO_GUARDIAN` when four eyes are asked for and the last guardian has left. */
  | { readonly type: "paused"; readonly isPaused: boolean; readonly by: string }
  | { readonly type: "message"; readonly from: string; readonly text: string }
  | {
      readonly type: "warning";
      readonly code: string;
      readonly details: Readonly<Record<string, string | number>>;
    }
  /** The session's end has moved; as `policy.endsAtMs` of `hello`. */
  | { readonly type: "ends-at"; readonly endsAtMs: number | null }
  | { readonly type: "locks"; readonly locks: number }
  /** How many screens the target takes, and where those it has now are on the desktop; never said: one, of any size. */
  | { readonly type: "screens"; readonly max: number; readonly places: readonly DesktopPlace[] }
  | {
      readonly type: "clipboard-blocked";
      readonly direction: "to-target" | "from-target";
      readonly reason: "policy" | "size" | "type" | "read-only";
    }
  | { readonly type: "pong"; readonly sentAtMs: number; readonly targetRoundTripMs: number | null }
  | {
      readonly type: "ended";
      readonly code: string;
      readonly details: Readonly<Record<string, string | number>>;
      readonly durationMs: number;
    };

/** From a viewer to the gateway, on the `control` channel as JSON. */
export type ControlMessage =
  | {
      readonly type: "hello";
      readonly version: number;
      readonly columns: number;
      readonly rows: number;
      readonly widthPx: number;
      readonly heightPx: number;
      /** Pictures its browser decodes beyond what every viewer does, by name: `h264`. Absent in older viewers: none. */
      readonly decodes?: readonly string[] | undefined;
      /** How large the target is to draw things, 100 to 500 per cent; absent: 100. */
      readonly scalePercent?: number | undefined;
    }
  | { readonly type: "answer"; readonly questionId: string; readonly values: readonly string[] }
  | { readonly type: "refuse"; readonly questionId: string }
  | { readonly type: "take-control" }
  | { readonly type: "give-control"; readonly viewerId: string }
  | { readonly type: "pause"; readonly isPaused: boolean }
  | { readonly type: "message"; readonly text: string }
  | { readonly type: "end" }
  | { readonly type: "ping"; readonly sentAtMs: number }
  | { readonly type: "need-entry" };

/** What a time line shows, on the `marker` channel as JSON. */
export type Marker =
  | { readonly type: "opened"; readonly details: Readonly<Record<string, string>> }
  | {
      readonly type: "resize";
      readonly columns: number;
      readonly rows: number;
      readonly widthPx: number;
      readonly heightPx: number;
    }
  | { readonly type: "title"; readonly title: string }
  | { readonly type: "bell" }
  | {
      readonly type: "viewer";
      readonly name: string;
      readonly role: ViewerRole;
      readonly event: "joined" | "left" | "took-control";
    }
  | { readonly type: "paused"; readonly isPaused: boolean; readonly by: string }
  | { readonly type: "message"; readonly from: string; readonly text: string }
  | {
      readonly type: "clipboard";
      readonly direction: "to-target" | "from-target";
      readonly kind: string;
      readonly sizeBytes: number;
      readonly sha256: string;
    }
  | { readonly type: "reconnected" }
  | { readonly type: "ended"; readonly code: string };

/** One file transfer, on the `file` channel as JSON: never the content. */
export interface FileEvent {
  readonly direction: "to-target" | "from-target";
  readonly path: string;
  /** Bytes moved by this transfer. */
  readonly sizeBytes: number;
  /** SHA-256 of just those bytes, hexadecimal. */
  readonly sha256: string;
  readonly outcome: "done" | "failed" | "cancelled";
  /** Where in the file those bytes begin, for a transfer that went on where an earlier one stopped; else absent. */
  readonly offset?: number;
}

/** In `decodes` of a viewer's `hello`: its browser decodes H.264 as RDP's servers send it. */
export const DECODES_H264 = "h264";
/** In `decodes` of a viewer's `hello`: its browser decodes Opus. */
export const DECODES_OPUS = "opus";

/**
 * Clipboard payload on the `clipboard` channel: kind u8 (0 text, 1 HTML, 2 PNG, 3 bitmap), then the content. HTML is
 * another form of the text sent before it. A bitmap is a BITMAPINFOHEADER or a later one, colours, pixels ([MS-WMF]
 * 2.2.2.9): Windows' clipboard has no other pictures, and the viewer turns them into PNG and back.
 */
export const ClipboardKind = { text: 0, html: 1, png: 2, bitmap: 3 } as const;

/** The longest clipboard content the wire carries; a policy may allow less. */
export const MAX_CLIPBOARD_BYTES = 8 * 1024 * 1024;
