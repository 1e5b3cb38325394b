import { z } from "zod";
import { defineRoute } from "../route.ts";
import { protocol, rdpOptions, sshOptions, telnetOptions, vncOptions } from "../target.ts";
import { address, listOf, listQuery, name, none, objectFields, version } from "./inventory-parts.ts";

const onTargets = { scope: "site", params: none, query: none, body: none } as const;
const targetParams = z.object({ targetId: z.uuid() });
const identityParams = z.object({ targetId: z.uuid(), identityId: z.uuid() });
const port = z.int().min(1).max(65_535);

/** A public identity of a target: an SSH host key or a TLS certificate. */
export const targetIdentity = z.object({
  identityId: z.string(),
  kind: z.enum(["ssh-host-key", "tls-certificate"]),
  /** `ssh-ed25519`, `rsa-sha2-512`, `x509`, … */
  algorithm: z.string(),
  /** `SHA256:` and base64 without padding, as OpenSSH prints it. */
  fingerprint: z.string(),
  /** The key or certificate itself, base64. */
  publicKey: z.string(),
  /** Who pinned it; null when the first session did by itself. */
  pinnedBy: z.string().nullable(),
  pinnedAtMs: z.number(),
  /** Who confirmed it after comparing the fingerprint by another way; null while nobody did. */
  confirmedBy: z.string().nullable(),
  confirmedAtMs: z.number().nullable(),
});
export type TargetIdentityRow = z.infer<typeof targetIdentity>;

/** One way in to a machine. */
export const targetRow = z.object({
  targetId: z.string(),
  machineId: z.string(),
  machineName: z.string(),
  siteId: z.string(),
  name: z.string(),
  protocol,
  port: z.number(),
  /** Where to connect instead of the machine's first address; null for that one. */
  address: z.string().nullable(),
  /** The options of the protocol, complete (see `targetOptions`). */
  options: z.record(z.string(), z.unknown()),
  isDisabled: z.boolean(),
  identities: z.array(targetIdentity),
  ...objectFields,
});
export type TargetRow = z.infer<typeof targetRow>;

const creation = {
  /** Shown beside the machine's name; `SSH`, `Console`. Empty takes the protocol's name. */
  name: name.optional(),
  port: port.optional(),
  address: address.nullable().default(null),
  isDisabled: z.boolean().default(false),
};

/** A target to create; the port defaults to the protocol's own. */
export const newTarget = z.discriminatedUnion("protocol", [
  z.strictObject({ protocol: z.literal("ssh"), ...creation, options: sshOptions.prefault({}) }),
  z.strictObject({ protocol: z.literal("telnet"), ...creation, options: telnetOptions.prefault({}) }),
  z.strictObject({ protocol: z.literal("vnc"), ...creation, options: vncOptions.prefault({}) }),
  z.strictObject({ protocol: z.literal("rdp"), ...creation, options: rdpOptions.prefault({}) }),
]);
export type NewTarget = z.infer<typeof newTarget>;

/** Targets, by machine and name: for pickers of grants and jump hosts. */
export const listTargets = defineRoute({
  ...onTargets,
  method: "GET",
  path: "/api/v1/targets",
  summary: "Targets of all machines",
  right: "inventory:read",
  query: z.object({
    ...listQuery,
    /** This site and those below. */
    siteId: z.uuid().optional(),
    machineId: z.uuid().optional(),
    protocol: protocol.optional(),
  }),
  reply: listOf(targetRow),
});

/** One target. */
export const getTarget = defineRoute({
  ...onTargets,
  method: "GET",
  path: "/api/v1/targets/:targetId",
  summary: "One target with its identities",
  right: "inventory:read",
  params: targetParams,
  reply: targetRow,
});

/** Adds a way in to a machine. Fails with `name-taken`, `jump-target-invalid`, `bad-prompt-pattern`. */
export const createTarget = defineRoute({
  ...onTargets,
  method: "POST",
  path: "/api/v1/machines/:machineId/targets",
  summary: "Add a target to a machine",
  right: "inventory:write",
  params: z.object({ machineId: z.uuid() }),
  body: newTarget,
  reply: targetRow,
});

/** Changes a target; what is left out stays, `options` are replaced as a whole. The protocol never changes. */
export const updateTarget = defineRoute({
  ...onTargets,
  method: "PATCH",
  path: "/api/v1/targets/:targetId",
  summary: "Change a target",
  right: "inventory:write",
  params: targetParams,
  body: z.strictObject({
    version,
    name: name.optional(),
    port: port.optional(),
    address: address.nullable().optional(),
    options: z.record(z.string(), z.unknown()).optional(),
    isDisabled: z.boolean().optional(),
  }),
  reply: targetRow,
});

/** Deletes a target; grants that name it no longer reach it. */
export const deleteTarget = defineRoute({
  ...onTargets,
  method: "DELETE",
  path: "/api/v1/targets/:targetId",
  summary: "Delete a target",
  right: "inventory:write",
  params: targetParams,
  reply: targetRow,
});

/** Restores a target deleted within the last 30 days. */
export const restoreTarget = defineRoute({
  ...onTargets,
  method: "POST",
  path: "/api/v1/targets/:targetId/restore",
  summary: "Restore a deleted target",
  right: "inventory:write",
  params: targetParams,
  reply: targetRow,
});

/**
 * Pins an identity, already confirmed by the caller: an OpenSSH public key line (`ssh-ed25519 AAAA…`, also a line of
 * known_hosts), a PEM certificate, or the SHA-256 fingerprint alone of either. Each jump host is a target of its own and
 * is pinned there. At most 16 per target. Fails with `bad-identity`.
 */
export const addTargetIdentity = defineRoute({
  ...onTargets,
  method: "POST",
  path: "/api/v1/targets/:targetId/identities",
  summary: "Pin an identity of a target",
  right: "inventory:write",
  params: targetParams,
  body: z.strictObject({ text: z.string().trim().min(1).max(16_384) }),
  reply: targetRow,
});

/** Confirms an identity that a first session had pinned, the fingerprint having been compared. */
export const confirmTargetIdentity = defineRoute({
  ...onTargets,
  method: "POST",
  path: "/api/v1/targets/:targetId/identities/:identityId/confirm",
  summary: "Confirm a pinned identity",
  right: "inventory:write",
  params: identityParams,
  reply: targetRow,
});

/** Removes a pinned identity, for instance after the machine was installed anew. */
export const removeTargetIdentity = defineRoute({
  ...onTargets,
  method: "DELETE",
  path: "/api/v1/targets/:targetId/identities/:identityId",
  summary: "Remove a pinned identity",
  right: "inventory:write",
  params: identityParams,
  reply: targetRow,
});
