import { z } from "zod";
import { sourceNetworks } from "../hours.ts";
import { defineRoute } from "../route.ts";
import { line, name, none, timeMs } from "./inventory-parts.ts";
import { oneTimeLink } from "./people.ts";
import { sessionRow } from "./sessions.ts";
import { language, login, personName } from "./sign-in.ts";

const parts = { params: none, query: none, body: none, scope: "site" } as const;
const passParams = z.object({ passId: z.uuid() });

/** Longest slot of a vendor pass, extensions included. */
export const MAX_PASS_DAYS = 31;

/**
 * `pending`: waits for somebody else's approval. `scheduled`, `open`, `ended`: approved, before, in and after its slot.
 * `expired`: nobody decided before its end.
 */
export const passState = z.enum(["pending", "scheduled", "open", "ended", "refused", "expired", "revoked"]);
export type PassState = z.infer<typeof passState>;

const decision = z.object({ name: z.string(), atMs: z.number(), comment: z.string() });

/** A vendor pass: who from where may do what on which targets, and who agreed. */
export const vendorPass = z.object({
  passId: z.string(),
  state: passState,
  person: z.object({ personId: z.string(), name: z.string() }),
  company: z.string(),
  contract: z.string(),
  purpose: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  networks: z.array(z.string()),
  targets: z.array(z.object({ targetId: z.string(), name: z.string() })),
  policyName: z.string(),
  needsGuardian: z.boolean(),
  proposed: decision,
  /** Approval or refusal; null while it waits. */
  decided: decision.nullable(),
  extensions: z.array(z.object({ name: z.string(), atMs: z.number(), fromMs: z.number(), toMs: z.number() })),
  revoked: decision.nullable(),
  /** What the caller may do now. */
  canDecide: z.boolean(),
  canExtend: z.boolean(),
  canRevoke: z.boolean(),
});
export type VendorPass = z.infer<typeof vendorPass>;

/** Vendor passes at the caller's sites, the newest first, at most 200. */
export const listVendorPasses = defineRoute({
  ...parts,
  method: "GET",
  path: "/api/v1/vendor-passes",
  summary: "Vendor passes",
  right: "access:read",
  query: z.object({ state: passState.optional() }),
  reply: z.object({ items: z.array(vendorPass) }),
});

/** Outside people known already, by name, at most 200. */
export const listVendors = defineRoute({
  ...parts,
  method: "GET",
  path: "/api/v1/vendors",
  summary: "Outside people",
  right: "access:read",
  reply: z.object({
    items: z.array(
      z.object({ personId: z.string(), name: z.string(), company: z.string(), contract: z.string() }),
    ),
  }),
});

/**
 * Proposes a pass; nothing opens before somebody else approves it. Also needs `people:write` for a new person, whose
 * one-time link (password and second factor) is in the reply, once. Fails with `pass-slot-wrong`, `login-taken`.
 */
export const createVendorPass = defineRoute({
  ...parts,
  method: "POST",
  path: "/api/v1/vendor-passes",
  summary: "Propose a vendor pass",
  right: "access:write",
  body: z.strictObject({
    person: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("known"), personId: z.uuid() }),
      z.strictObject({
        kind: z.literal("new"),
        login,
        name: personName,
        email: z.union([z.literal(""), z.email().max(254)]).default(""),
        language: language.default("fr"),
      }),
    ]),
    company: name,
    contract: name,
    purpose: line(1000).min(1),
    fromMs: timeMs,
    toMs: timeMs,
    /** Never from anywhere. */
    networks: sourceNetworks.min(1),
    targetIds: z.array(z.uuid()).min(1).max(50),
    accountIds: z.array(z.uuid()).min(1).max(20),
    policyId: z.uuid(),
    needsGuardian: z.boolean().default(true),
  }),
  reply: z.object({ pass: vendorPass, link: oneTimeLink.nullable() }),
});

/** Approves or refuses a pass. Fails with `pass-own`, `pass-decided`. */
export const decideVendorPass = defineRoute({
  ...parts,
  method: "POST",
  path: "/api/v1/vendor-passes/:passId/decide",
  summary: "Approve or refuse a vendor pass",
  right: "requests:decide",
  needsFreshFactor: true,
  params: passParams,
  body: z.strictObject({ isApproval: z.boolean(), comment: line(500).default("") }),
  reply: vendorPass,
});

/** Moves the end of an approved pass; its sessions go on. Fails with `pass-own`, `pass-decided`, `pass-slot-wrong`. */
export const extendVendorPass = defineRoute({
  ...parts,
  method: "POST",
  path: "/api/v1/vendor-passes/:passId/extend",
  summary: "Move the end of a vendor pass",
  right: "requests:decide",
  needsFreshFactor: true,
  params: passParams,
  body: z.strictObject({ toMs: timeMs }),
  reply: vendorPass,
});

/** Takes a pass back; its sessions end at once. Fails with `pass-decided`. */
export const revokeVendorPass = defineRoute({
  ...parts,
  method: "POST",
  path: "/api/v1/vendor-passes/:passId/revoke",
  summary: "Revoke a vendor pass",
  right: "requests:decide",
  params: passParams,
  body: z.strictObject({ comment: line(500).default("") }),
  reply: vendorPass,
});

/** What was done under a pass: sessions (at most 500), files (at most 2000) and recordings that are still there. */
export const getVendorReport = defineRoute({
  ...parts,
  method: "GET",
  path: "/api/v1/vendor-passes/:passId/report",
  summary: "Report of a vendor pass",
  right: "sessions:read",
  params: passParams,
  reply: z.object({
    organisation: z.string(),
    madeAtMs: z.number(),
    pass: vendorPass,
    sessions: z.array(
      z.object({
        session: sessionRow,
        /** Whether its recording is there: `/recordings/SESSION`. */
        hasRecording: z.boolean(),
      }),
    ),
    /** Guardians and observers of these sessions, as they came; `leftAtMs` is null while they are there. */
    watches: z.array(
      z.object({
        sessionId: z.string(),
        name: z.string(),
        role: z.enum(["guardian", "observer"]),
        cameAtMs: z.number(),
        leftAtMs: z.number().nullable(),
      }),
    ),
    files: z.array(
      z.object({
        sessionId: z.string(),
        atMs: z.number(),
        direction: z.string(),
        path: z.string(),
        sizeBytes: z.number(),
        sha256: z.string(),
        outcome: z.string(),
      }),
    ),
  }),
});
