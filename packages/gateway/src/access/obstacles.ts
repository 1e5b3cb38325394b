import type { Obstacle } from "@poterne/contract";
import { identitiesOf } from "../people/linked-people.ts";
import { emergenciesOf } from "../requests/emergencies.ts";
import type { Store } from "../store/store.ts";
import { makeCheckOutQuestion } from "./check-outs.ts";
import type { Decision, Subject } from "./decide.ts";
import { isAdmitted, parseAddress, readNetworks } from "./networks.ts";

/** What of the settings stands between a person and a session. */
export interface PortalSettings {
  /** From where the gateway opens; empty for everywhere. */
  readonly networks: readonly string[];
  readonly guardianWaitMinutes: number;
}

/** What is asked. */
export interface ObstacleQuestion {
  readonly subject: Subject;
  readonly decision: Decision;
  readonly atMs: number;
  /** Check-outs are those of now, whatever moment is asked about. */
  readonly nowMs: number;
  /** Left out: addresses are not examined. */
  readonly sourceAddress?: string | undefined;
}

/** What stands between a person and a session beside the grants; in the order in which the person would meet it. */
export async function findObstacles(
  parts: { readonly store: Store; readonly portal: PortalSettings },
  question: ObstacleQuestion,
): Promise<Obstacle[]> {
  const { store, portal } = parts;
  const { subject, decision, sourceAddress } = question;
  const found: (Obstacle | null)[] = [];
  const { networks } = portal;
  if (sourceAddress !== undefined && networks.length > 0) {
    const isOpen = isAdmitted(readNetworks(networks), parseAddress(sourceAddress));
    found.push(isOpen ? null : { kind: "portal", isBlocking: true, networks: [...networks] });
  }
  if (subject.isVendor === true) found.push(await passObstacle(store, question));
  if (decision.isAllowed) {
    found.push(await sharedObstacle(store, question, decision));
    found.push(await ownSecretObstacle(store, subject, decision));
    if (decision.policy.needsGuardian)
      found.push({ kind: "guardian", isBlocking: false, waitMinutes: portal.guardianWaitMinutes });
  }
  const [owed] = await emergenciesOf(store.db, await identitiesOf(store, subject.personId));
  if (owed !== undefined)
    found.push({ kind: "report", isBlocking: false, target: `${owed.machine_name} / ${owed.target_name}` });
  return found.filter((one) => one !== null);
}

type Allowed = Extract<Decision, { isAllowed: true }>;

/** An outside person is let in within the slot of an approved pass only: the pass that comes nearest tells why not. */
async function passObstacle(store: Store, { subject, atMs }: ObstacleQuestion): Promise<Obstacle | null> {
  const passes = await store.db
    .selectFrom("vendor_pass")
    .select(["state", "from_ms", "to_ms"])
    .where("person_id", "=", subject.personId)
    .where("state", "in", ["pending", "approved"])
    .orderBy("from_ms")
    .execute();
  const approved = passes.filter(({ state }) => state === "approved");
  if (approved.some(({ from_ms, to_ms }) => from_ms <= atMs && atMs < to_ms)) return null;
  const coming = approved.find(({ from_ms }) => from_ms > atMs);
  const pending = passes.find(({ state, to_ms }) => state === "pending" && to_ms > atMs);
  const pass = coming ?? pending ?? approved.at(-1);
  if (pass === undefined) return { kind: "pass", isBlocking: true, state: "none", fromMs: null, toMs: null };
  const state = pass === coming ? "before" : pass === pending ? "pending" : "after";
  return { kind: "pass", isBlocking: true, state, fromMs: pass.from_ms, toMs: pass.to_ms };
}

/** With one account that is not shared, or one that the person has, a session can open. */
async function sharedObstacle(
  store: Store,
  { subject, nowMs }: ObstacleQuestion,
  { accounts }: Allowed,
): Promise<Obstacle | null> {
  const ask = makeCheckOutQuestion(store);
  let first: Obstacle | null = null;
  for (const { accountId } of accounts) {
    const state = await ask(accountId, subject.personId, nowMs);
    if (state.type !== "not-held") return null;
    first ??= { kind: "shared", isBlocking: true, holderName: state.holderName, endsAtMs: state.endsAtMs };
  }
  return first;
}

/** Told where every account is the person's own: then there is no other way in. */
async function ownSecretObstacle(
  store: Store,
  subject: Subject,
  { accounts }: Allowed,
): Promise<Obstacle | null> {
  if (accounts.length === 0 || accounts.some(({ kind }) => kind !== "as-me")) return null;
  const binding = await store.db
    .selectFrom("identity_binding")
    .innerJoin("identity_provider", "identity_provider.id", "identity_binding.provider_id")
    .select("identity_provider.name")
    .where("identity_binding.person_id", "=", subject.personId)
    .executeTakeFirst();
  const provider = binding?.name ?? null;
  return { kind: "as-me", isBlocking: provider === null, provider };
}
