import { Failure, type Simulation, simulateAccess } from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { makeCheckOutQuestion } from "./check-outs.ts";
import { covers, type Decision, decide, grantLacks, hasSubject, type Question } from "./decide.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import { FactorRuleStore } from "./factor-rule-store.ts";
import { rulingAtOpening, rulingAtSignIn } from "./factor-rules.ts";
import type { AccessFacts, GrantFact } from "./facts.ts";
import { endOfGrant } from "./grant-conditions.ts";
import { hintOf } from "./hints.ts";
import { parseAddress } from "./networks.ts";
import { readNames } from "./object-names.ts";
import { findObstacles } from "./obstacles.ts";
import { loadSubject } from "./subject.ts";

/** Grants told beside the deciding one. */
const MAX_CONSIDERED = 100;

/** The handler of the simulator. */
export function simulateHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [handle(simulateAccess, ({ body }, context) => simulate(dependencies, body, context))];
}

async function simulate(
  dependencies: AccessNounDependencies,
  body: HandlerInput<typeof simulateAccess>["body"],
  context: RequestContext,
): Promise<Simulation> {
  const nowMs = dependencies.environment.now();
  const atMs = body.atMs ?? nowMs;
  const subject = await loadSubject(dependencies.store, body.personId);
  const live = await dependencies.countSessions(body.personId, body.targetId);
  const visible = await context.sitesWith("access:read");
  const facts = await dependencies.facts.current();
  const target = facts.targets.get(body.targetId);
  const machine = target === undefined ? undefined : facts.machines.get(target.machineId);
  if (target === undefined || machine === undefined) throw new Failure("not-found");
  if (visible !== null && !visible.includes(machine.siteId)) throw new Failure("not-found");
  if (subject === null) throw new Failure("not-found");
  // Limits of live sessions are of the present moment only.
  const sessions = body.atMs === undefined ? live : { ofPerson: 0, onTarget: 0 };
  const { targetId, sourceAddress } = body;
  const source = sourceAddress === undefined ? {} : { source: parseAddress(sourceAddress) };
  const question = { subject, targetId, atMs, sessions, ...source };
  const verdict = decide(facts, question);
  const decisive = verdict.isAllowed ? facts.grants.get(verdict.grantId) : undefined;
  const near = nearGrants(facts, question, visible);
  return {
    isAllowed: verdict.isAllowed,
    obstacles: await findObstacles(dependencies, { subject, decision: verdict, atMs, nowMs, sourceAddress }),
    atMs,
    person: { personId: subject.personId, name: subject.name },
    target: {
      targetId: target.targetId,
      name: target.name,
      machineId: machine.machineId,
      machineName: machine.name,
      siteId: machine.siteId,
    },
    reasons: verdict.isAllowed
      ? []
      : verdict.reasons.map((found) => ({ ...found, hint: hintOf(facts, question, found) })),
    endsAtMs: decisive === undefined ? null : (endOfGrant(facts, decisive, atMs)?.atMs ?? null),
    decidedBy: await decidedBy(dependencies, verdict, { personId: subject.personId, nowMs }),
    factor: await factorRuling(dependencies, question, facts.tree.ancestorsOf(machine.siteId)),
    considered: await tellGrants(dependencies, near),
  };
}

/** What the rules of the second factor ask of the person, at the sign-in and before this target. */
async function factorRuling(
  { store }: AccessNounDependencies,
  { subject, targetId, source = null }: Question,
  siteIds: readonly string[],
): Promise<Simulation["factor"]> {
  const { rules } = await new FactorRuleStore(store).read();
  const administrator = await store.db
    .selectFrom("person_role")
    .select("role")
    .where("person_id", "=", subject.personId)
    .where("role", "=", "administrator")
    .executeTakeFirst();
  const asked = { groupIds: subject.groupIds, isAdministrator: administrator !== undefined, source };
  return {
    signIn: rulingAtSignIn(rules, asked),
    opening: rulingAtOpening(rules, asked, { targetId, siteIds }),
  };
}

async function decidedBy(
  { store }: AccessNounDependencies,
  verdict: Decision,
  { personId, nowMs }: { readonly personId: string; readonly nowMs: number },
): Promise<Simulation["decidedBy"]> {
  if (!verdict.isAllowed) return null;
  const { grantId, policyId, policyName, policy, accounts } = verdict;
  const ask = makeCheckOutQuestion(store);
  const sharedAccounts: NonNullable<Simulation["decidedBy"]>["sharedAccounts"] = [];
  for (const { accountId, name } of accounts) {
    const state = await ask(accountId, personId, nowMs);
    if (state.type === "held")
      sharedAccounts.push({ name, isHeldByPerson: true, holderName: null, endsAtMs: state.endsAtMs });
    if (state.type === "not-held")
      sharedAccounts.push({
        name,
        isHeldByPerson: false,
        holderName: state.holderName,
        endsAtMs: state.endsAtMs,
      });
  }
  return { grantId, policyId, policyName, rules: policy, accounts: [...accounts], sharedAccounts };
}

interface NearGrant {
  readonly grant: GrantFact;
  readonly lacks: Simulation["considered"][number]["lacks"];
}

/** Grants of the person or on the target that the caller may see, those that lack least first. */
function nearGrants(
  facts: AccessFacts,
  question: Question,
  visible: readonly string[] | null,
): readonly NearGrant[] {
  const target = facts.targets.get(question.targetId);
  const near: NearGrant[] = [];
  for (const grant of facts.grants.values()) {
    const isVisible = visible === null || (grant.siteId !== null && visible.includes(grant.siteId));
    const isNear =
      hasSubject(grant, question.subject) || (target !== undefined && covers(facts, grant, target));
    if (isVisible && isNear) near.push({ grant, lacks: [...grantLacks(facts, grant, question)] });
  }
  return near
    .sort((a, b) => a.lacks.length - b.lacks.length || a.grant.createdAtMs - b.grant.createdAtMs)
    .slice(0, MAX_CONSIDERED);
}

async function tellGrants(
  dependencies: AccessNounDependencies,
  near: readonly NearGrant[],
): Promise<Simulation["considered"]> {
  const names = await readNames(
    dependencies.store,
    near.map(({ grant }) => ({
      ...grant,
      targetIds: [],
      machineIds: [],
      siteIds: [],
      accountIds: [],
    })),
  );
  return near.map(({ grant, lacks }) => ({
    grantId: grant.grantId,
    note: grant.note,
    subjectName:
      (grant.personId === null
        ? names.groups.get(grant.groupId ?? "")?.name
        : names.people.get(grant.personId)?.name) ?? "",
    policyName: names.policies.get(grant.policyId)?.name ?? "",
    lacks,
  }));
}
