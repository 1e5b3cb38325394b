import { z } from "zod";
import { hoursRule, sourceNetworks } from "./hours.ts";

/** What may cross the clipboard in one direction. */
export const clipboardRule = z.enum(["off", "text", "all"]);

/** Under which approval a grant opens; without it the person asks for the target first. */
export const approvalRule = z.strictObject({
  /** How many approvers must agree; nobody approves himself. */
  quorum: z.int().min(1).max(5).default(1),
  /** Groups whose members approve; empty: every approver, and the administrators of the target's site. */
  approverGroupIds: z.array(z.uuid()).max(20).default([]),
  /** The longest time that may be asked for. */
  maxMinutes: z.int().min(1).max(44_640).default(240),
  /** Emergency access ("bris de glace"): opens at once, with an alarm and a report afterwards. Null: not offered. */
  emergencyMinutes: z.int().min(1).max(1440).nullable().default(null),
});

/**
 * How a session may be used (design: *policy*). Everything here is enforced by the gateway, except `watermark`,
 * which the page draws and which is therefore only a deterrent.
 */
export const policyRules = z.strictObject({
  clipboardToTarget: clipboardRule.default("text"),
  clipboardFromTarget: clipboardRule.default("text"),
  clipboardMaxBytes: z.int().min(1).max(8_388_608).default(1_048_576),
  filesToTarget: z.boolean().default(false),
  filesFromTarget: z.boolean().default(false),
  fileMaxBytes: z.int().min(1).max(1_099_511_627_776).default(10_737_418_240),
  /** What the folder holds that an RDP session shows its target as a drive, and what it may offer by the clipboard. */
  driveQuotaBytes: z.int().min(65_536).max(1_099_511_627_776).default(1_073_741_824),
  /** Keeps that folder for the person's next session on the target; else it goes with the session. */
  driveKept: z.boolean().default(false),
  /** Whether the target's sound is played in the page. */
  audio: z.boolean().default(true),
  readOnly: z.boolean().default(false),
  /** `must`: no recording, no session. `should`: recorded if possible. */
  recording: z.enum(["must", "should", "off"]).default("must"),
  /** Record what the person types; needs a stated purpose. No-echo input is never recorded. */
  recordInput: z.boolean().default(false),
  recordInputPurpose: z.string().max(500).default(""),
  recordClipboardContents: z.boolean().default(false),
  /** Whether the target's sound is in the recording too: it may hold the voices of third parties. */
  recordAudio: z.boolean().default(false),
  watermark: z.boolean().default(true),
  reason: z.enum(["none", "reason", "ticket"]).default("none"),
  /** Four eyes: the session waits until a guardian watches, and pauses when the last one leaves. */
  needsGuardian: z.boolean().default(false),
  /** Whether the person is told that somebody watches. */
  tellWatched: z.boolean().default(true),
  maxMinutes: z.int().min(1).max(1440).nullable().default(480),
  /** Ends a session without input for so long; null for never. */
  idleMinutes: z.int().min(1).max(1440).nullable().default(null),
  maxSessionsPerPerson: z.int().min(1).max(1000).nullable().default(null),
  maxSessionsPerTarget: z.int().min(1).max(1000).nullable().default(null),
  /** Sessions of all people under this policy at once. */
  maxSessionsInTotal: z.int().min(1).max(5000).nullable().default(null),
  /** When sessions may open; they end when the hours do. Null: at any time. */
  hours: hoursRule.nullable().default(null),
  /** Where sessions may be opened and attached from. */
  sourceNetworks: sourceNetworks.default([]),
  /** Whether an approved request is needed. Null: the grant opens by itself. */
  approval: approvalRule.nullable().default(null),
  graceSeconds: z.int().min(0).max(3600).default(60),
  /** `pinned`: an administrator must have pinned the identity. `first-use`: the first one seen is pinned. */
  targetIdentity: z.enum(["pinned", "first-use"]).default("first-use"),
  /** Whether a target may write the viewer's clipboard by escape sequence (OSC 52). */
  terminalClipboardWrite: z.boolean().default(false),
  retentionDays: z.int().min(1).max(3650).default(90),
});

/** A policy's rules, complete. */
export type Policy = z.infer<typeof policyRules>;
