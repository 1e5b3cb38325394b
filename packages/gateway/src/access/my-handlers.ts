import {
  Failure,
  getMyTarget,
  listMyMachines,
  listMySites,
  type MyMachine,
  type MyTarget,
  setFavourite,
  whyNot,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { foldText } from "../store/fold-text.ts";
import { decide, rulesUnder } from "./decide.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import type { AccessFacts } from "./facts.ts";
import { hintOf } from "./hints.ts";
import { parseAddress } from "./networks.ts";
import { findObstacles } from "./obstacles.ts";
import type { Openable, OpenableMachine, OpenableTarget } from "./openable.ts";
import { MAX_FAVOURITES, type Marks, readMarks, writeFavourite } from "./person-targets.ts";
import { loadSubject } from "./subject.ts";

type ListQuery = HandlerInput<typeof listMyMachines>["query"];

/** Handlers of what a person may open: nothing here tells of anybody else's access. */
export function myHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(listMyMachines, ({ query }, context) => list(dependencies, query, context)),
    handle(listMySites, (_, context) => listSites(dependencies, context)),
    handle(getMyTarget, ({ params }, context) => getTarget(dependencies, params.targetId, context)),
    handle(setFavourite, ({ params, body }, context) =>
      mark(dependencies, { targetId: params.targetId, isFavourite: body.isFavourite }, context),
    ),
    handle(whyNot, ({ params }, context) => why(dependencies, params.targetId, context)),
  ];
}

interface Mine {
  readonly facts: AccessFacts;
  readonly openable: Openable;
  readonly marks: Marks;
}

async function findMine(dependencies: AccessNounDependencies, context: RequestContext): Promise<Mine> {
  const { personId } = context.person();
  const subject = await loadSubject(dependencies.store, personId);
  if (subject === null) throw new Failure("not-found");
  const marks = await readMarks(dependencies.store, personId);
  const facts = await dependencies.facts.current();
  const openable = dependencies.openable.find(facts, subject, {
    atMs: dependencies.environment.now(),
    source: parseAddress(context.sourceAddress),
  });
  return { facts, openable, marks };
}

async function list(dependencies: AccessNounDependencies, query: ListQuery, context: RequestContext) {
  const mine = await findMine(dependencies, context);
  const matching = filterMachines(mine, query);
  const show = (machine: OpenableMachine) => toMyMachine(mine, machine);
  if (query.view === "recent") {
    const latest = [...matching].sort((a, b) => lastOpened(mine, b) - lastOpened(mine, a));
    return { items: latest.slice(0, query.limit).map(show), nextCursor: null, total: latest.length };
  }
  const start = query.cursor === undefined ? 0 : startAfter(matching, query.cursor);
  const { page, nextCursor } = cutPage(
    matching.slice(start, start + query.limit + 1),
    query.limit,
    ({ machine }) => [machine.foldedName, machine.machineId],
  );
  return { items: page.map(show), nextCursor, total: matching.length };
}

function filterMachines(mine: Mine, query: ListQuery): readonly OpenableMachine[] {
  const words = foldText(query.search ?? "").split(" ");
  const sites = query.siteId === undefined ? null : mine.facts.tree.under(query.siteId);
  const keepTarget = ({ target }: OpenableTarget) => {
    if (query.protocol !== undefined && target.protocol !== query.protocol) return false;
    const marks = mine.marks.get(target.targetId);
    if (query.view === "favourites") return marks?.isFavourite === true;
    return query.view !== "recent" || (marks?.lastOpenedAtMs ?? null) !== null;
  };
  const isNarrowed = query.view !== "all" || query.protocol !== undefined;
  const kept: OpenableMachine[] = [];
  for (const machine of mine.openable.machines) {
    if (sites !== null && !sites.has(machine.machine.siteId)) continue;
    if (!words.every((word) => machine.searchText.includes(word))) continue;
    const targets = isNarrowed ? machine.targets.filter(keepTarget) : machine.targets;
    if (targets.length > 0) kept.push({ ...machine, targets });
  }
  return kept;
}

function startAfter(machines: readonly OpenableMachine[], cursor: string): number {
  const { key, id } = decodeCursor(cursor, "text");
  const next = machines.findIndex(
    ({ machine }) => machine.foldedName > key || (machine.foldedName === key && machine.machineId > id),
  );
  return next === -1 ? machines.length : next;
}

function lastOpened(mine: Mine, machine: OpenableMachine): number {
  return Math.max(
    ...machine.targets.map(({ target }) => mine.marks.get(target.targetId)?.lastOpenedAtMs ?? 0),
  );
}

function toMyMachine(mine: Mine, { machine, targets }: OpenableMachine): MyMachine {
  const { tree } = mine.facts;
  return {
    machineId: machine.machineId,
    name: machine.name,
    siteId: machine.siteId,
    sitePath: tree.pathOf(machine.siteId),
    priority: tree.sites.get(machine.siteId)?.priority ?? 3,
    targets: targets.map((openable) => toMyTarget(mine, openable)),
  };
}

function toMyTarget(mine: Mine, { target, grant, policy, accounts }: OpenableTarget): MyTarget {
  const marks = mine.marks.get(target.targetId);
  const rules = rulesUnder(grant, policy);
  return {
    targetId: target.targetId,
    name: target.name,
    protocol: target.protocol,
    isFavourite: marks?.isFavourite ?? false,
    lastOpenedAtMs: marks?.lastOpenedAtMs ?? null,
    accounts: accounts.map(({ accountId, name, kind }) => ({ accountId, name, kind })),
    policyName: policy.name,
    facts: {
      recording: rules.recording,
      isInputRecorded: rules.recordInput,
      needsReason: rules.reason,
      needsGuardian: rules.needsGuardian,
      isReadOnly: rules.readOnly,
      maxMinutes: rules.maxMinutes,
      clipboardToTarget: rules.clipboardToTarget !== "off",
      clipboardFromTarget: rules.clipboardFromTarget !== "off",
      filesToTarget: rules.filesToTarget,
      filesFromTarget: rules.filesFromTarget,
    },
    validToMs: grant.validToMs,
  };
}

async function listSites(dependencies: AccessNounDependencies, context: RequestContext) {
  const { facts, openable } = await findMine(dependencies, context);
  const counts = new Map<string, number>();
  for (const { machine } of openable.machines) {
    for (const siteId of facts.tree.ancestorsOf(machine.siteId))
      counts.set(siteId, (counts.get(siteId) ?? 0) + 1);
  }
  const items = facts.tree
    .inOrder()
    .filter((site) => counts.has(site.siteId))
    .map(({ siteId, parentId, name }) => ({ siteId, parentId, name, machineCount: counts.get(siteId) ?? 0 }));
  return { items };
}

async function getTarget(dependencies: AccessNounDependencies, targetId: string, context: RequestContext) {
  const mine = await findMine(dependencies, context);
  const openable = mine.openable.byTarget.get(targetId);
  const machine = openable === undefined ? undefined : mine.facts.machines.get(openable.target.machineId);
  if (openable === undefined || machine === undefined) throw new Failure("not-found");
  return {
    ...toMyTarget(mine, openable),
    machineId: machine.machineId,
    machineName: machine.name,
    sitePath: mine.facts.tree.pathOf(machine.siteId),
  };
}

async function mark(
  dependencies: AccessNounDependencies,
  wanted: { readonly targetId: string; readonly isFavourite: boolean },
  context: RequestContext,
) {
  const mine = await findMine(dependencies, context);
  const { targetId, isFavourite } = wanted;
  // A favourite no longer open to the person can still be removed, and tells nothing new by it.
  if (isFavourite && !mine.openable.byTarget.has(targetId)) throw new Failure("not-found");
  if (!isFavourite && !mine.marks.has(targetId)) return {};
  const favourites = [...mine.marks.values()].filter((marks) => marks.isFavourite).length;
  if (isFavourite && favourites >= MAX_FAVOURITES)
    throw new Failure("too-many-objects", { limit: MAX_FAVOURITES });
  await writeFavourite(dependencies.store, { personId: context.person().personId, ...wanted });
  return {};
}

async function why(dependencies: AccessNounDependencies, targetId: string, context: RequestContext) {
  const { personId } = context.person();
  const subject = await loadSubject(dependencies.store, personId);
  if (subject === null) throw new Failure("not-found");
  const sessions = await dependencies.countSessions(personId, targetId);
  const facts = await dependencies.facts.current();
  const source = parseAddress(context.sourceAddress);
  const nowMs = dependencies.environment.now();
  const question = { subject, targetId, atMs: nowMs, sessions, source };
  const verdict = decide(facts, question);
  const asked = { subject, decision: verdict, atMs: nowMs, nowMs, sourceAddress: context.sourceAddress };
  const obstacles = await findObstacles(dependencies, asked);
  if (verdict.isAllowed) return { isAllowed: true, obstacles, reasons: [] };
  const reasons = verdict.reasons.map(({ reason, grantId }) => {
    const grant = grantId === null ? undefined : facts.grants.get(grantId);
    const hint = hintOf(facts, question, { reason, grantId });
    if (reason === "grant-not-yet-valid") return { reason, atMs: grant?.validFromMs ?? null, hint };
    return { reason, atMs: reason === "grant-expired" ? (grant?.validToMs ?? null) : null, hint };
  });
  return { isAllowed: false, obstacles, reasons };
}
