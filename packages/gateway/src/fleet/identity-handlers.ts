import { addTargetIdentity, confirmTargetIdentity, Failure, removeTargetIdentity } from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { applyChange, describe, type NounDependencies, newId, updateObject } from "./changes.ts";
import type { TargetIdentityTableRow } from "./fleet-tables.ts";
import { parseIdentity } from "./identity-text.ts";
import { findLiving, showTarget, subjectOf } from "./target-handlers.ts";

/** Identities pinned to one target, at most. */
const MAX_IDENTITIES = 16;

/** Handlers of the routes of pinned identities. */
export function identityHandlers(dependencies: NounDependencies): Handler[] {
  return [
    handle(addTargetIdentity, (input, context) => add(dependencies, input, context)),
    handle(confirmTargetIdentity, ({ params }, context) => confirm(dependencies, params, context)),
    handle(removeTargetIdentity, ({ params }, context) => remove(dependencies, params, context)),
  ];
}

async function add(
  dependencies: NounDependencies,
  { params, body }: HandlerInput<typeof addTargetIdentity>,
  context: RequestContext,
) {
  const target = await findLiving(dependencies, params.targetId, context);
  const identity = parseIdentity(body.text, target.protocol);
  const pinned = await identitiesOf(dependencies, target.id);
  const same = pinned.find((row) => row.fingerprint === identity.fingerprint);
  if (same !== undefined) {
    return confirm(dependencies, { targetId: target.id, identityId: same.id }, context);
  }
  if (pinned.length >= MAX_IDENTITIES) throw new Failure("too-many-objects", { limit: MAX_IDENTITIES });
  const { personId } = context.person();
  const { kind, algorithm, fingerprint } = identity;
  const note = {
    kind: "target.identity-pinned",
    subject: subjectOf(target),
    details: describe("after", { kind, algorithm, fingerprint }),
    name: fingerprint,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await transaction
      .insertInto("target_identity")
      .values({
        id: newId(dependencies.environment),
        target_id: target.id,
        kind,
        algorithm,
        fingerprint,
        public_key: identity.publicKey,
        pinned_by: personId,
        pinned_at_ms: stamp.nowMs,
        confirmed_by: personId,
        confirmed_at_ms: stamp.nowMs,
      })
      .execute();
    await updateObject(transaction, "target", target, { values: {}, stamp });
  });
  return showTarget(dependencies, target.id);
}

async function confirm(
  dependencies: NounDependencies,
  params: { readonly targetId: string; readonly identityId: string },
  context: RequestContext,
) {
  const target = await findLiving(dependencies, params.targetId, context);
  const identity = await findIdentity(dependencies, params);
  if (identity.confirmed_at_ms !== null) return showTarget(dependencies, target.id);
  const { fingerprint } = identity;
  const note = {
    kind: "target.identity-confirmed",
    subject: subjectOf(target),
    details: { fingerprint },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await transaction
      .updateTable("target_identity")
      .set({ confirmed_by: context.person().personId, confirmed_at_ms: stamp.nowMs })
      .where("id", "=", identity.id)
      .execute();
    await updateObject(transaction, "target", target, { values: {}, stamp });
  });
  return showTarget(dependencies, target.id);
}

async function remove(
  dependencies: NounDependencies,
  params: { readonly targetId: string; readonly identityId: string },
  context: RequestContext,
) {
  const target = await findLiving(dependencies, params.targetId, context);
  const { id, kind, algorithm, fingerprint } = await findIdentity(dependencies, params);
  const note = {
    kind: "target.identity-removed",
    subject: subjectOf(target),
    details: describe("before", { kind, algorithm, fingerprint }),
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await transaction.deleteFrom("target_identity").where("id", "=", id).execute();
    await updateObject(transaction, "target", target, { values: {}, stamp });
  });
  return showTarget(dependencies, target.id);
}

async function identitiesOf(
  { store }: NounDependencies,
  targetId: string,
): Promise<readonly TargetIdentityTableRow[]> {
  return store.db.selectFrom("target_identity").selectAll().where("target_id", "=", targetId).execute();
}

async function findIdentity(
  dependencies: NounDependencies,
  params: { readonly targetId: string; readonly identityId: string },
): Promise<TargetIdentityTableRow> {
  const found = (await identitiesOf(dependencies, params.targetId)).find(
    (row) => row.id === params.identityId,
  );
  if (found === undefined) throw new Failure("not-found");
  return found;
}
