import {
  createIdentityProvider,
  deleteIdentityProvider,
  Failure,
  listIdentityProviders,
  orderIdentityProviders,
  type ProviderConfig,
  setIdentityProviderSecret,
  testIdentityProvider,
  updateIdentityProvider,
} from "@poterne/contract";
import { changesBetween, entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Journal } from "../journal/journal.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { Groups } from "../people/groups.ts";
import { checkConfig } from "./check-config.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { IdentityProviderTableRow } from "./identity-tables.ts";
import { configOf, type ProviderRegistry, secretContext } from "./provider-registry.ts";

/** What administering providers is made of. */
export interface IdentityHandlerParts {
  readonly identities: IdentityStore;
  readonly registry: ProviderRegistry;
  readonly groups: Groups;
  readonly journal: Journal;
  readonly keeper: Pick<Keeper, "sealSecret">;
  /** What a federation must send people back to. */
  readonly redirectUri: () => string;
}

/** Handlers of identity providers. Whoever rules them rules who is administrator: only one of the whole may. */
export function identityHandlers(parts: IdentityHandlerParts): Handler[] {
  const { identities, registry, journal, redirectUri } = parts;
  return [
    handle(listIdentityProviders, async (_input, context) => {
      await context.requireAt("settings:read", null);
      const counts = await identities.personCounts();
      const rows = await identities.list();
      return { items: rows.map((row) => show(parts, row, counts)), redirectUri: redirectUri() };
    }),
    handle(createIdentityProvider, async ({ body }, context) => {
      await context.requireAt("settings:write", null);
      await checkConfig(parts, body.config);
      const id = identities.makeId();
      const details = { providerId: id, ...changesBetween({}, factsOf(body.name, body.config)) };
      const entry = entryAbout(context, { kind: "provider.created", level: "alarm", details });
      return journalThenDo(journal, entry, async () =>
        show(parts, await identities.create(id, body.name, body.config), new Map()),
      );
    }),
    handle(updateIdentityProvider, async ({ params, body }, context) => {
      const row = await requireRow(parts, context, params.providerId);
      if (row.revision !== body.revision)
        throw new Failure("conflict", { detail: "the provider was changed in the meantime" });
      const before = configOf(row);
      const config = body.config ?? before;
      if (config.kind !== row.kind) throw new Failure("provider-invalid", { reason: "kind" });
      if (body.config !== undefined) await checkConfig(parts, config);
      const isEnabled = body.isEnabled ?? row.is_enabled === 1;
      const name = body.name ?? row.name;
      const changes = changesBetween(
        { ...factsOf(row.name, before), isEnabled: row.is_enabled === 1 },
        { ...factsOf(name, config), isEnabled },
      );
      const details = { providerId: row.id, name, ...changes };
      const entry = entryAbout(context, { kind: "provider.changed", level: "alarm", details });
      const changed = await journalThenDo(journal, entry, () =>
        identities.update(row, { name, is_enabled: isEnabled ? 1 : 0, config: JSON.stringify(config) }),
      );
      return show(parts, changed, await identities.personCounts());
    }),
    handle(setIdentityProviderSecret, ({ params, body }, context) =>
      setSecret(parts, context, { providerId: params.providerId, secret: body.secret }),
    ),
    handle(orderIdentityProviders, async ({ body }, context) => {
      await context.requireAt("settings:write", null);
      const rows = await identities.list();
      const known = new Set(rows.map((row) => row.id));
      const wanted = new Set(body.providerIds);
      if (
        wanted.size !== rows.length ||
        body.providerIds.length !== rows.length ||
        ![...wanted].every((id) => known.has(id))
      )
        throw new Failure("conflict", { detail: "the list of providers was changed in the meantime" });
      const names = body.providerIds.map((id) => rows.find((row) => row.id === id)?.name ?? id);
      const entry = entryAbout(context, { kind: "provider.ordered", details: { order: names.join(", ") } });
      await journalThenDo(journal, entry, () => identities.order(body.providerIds));
      return {};
    }),
    handle(deleteIdentityProvider, async ({ params }, context) => {
      const row = await requireRow(parts, context, params.providerId);
      const details = { providerId: row.id, name: row.name };
      const entry = entryAbout(context, { kind: "provider.deleted", level: "alarm", details });
      await journalThenDo(journal, entry, () => identities.delete(row.id));
      return {};
    }),
    handle(testIdentityProvider, async ({ params, body }, context) => {
      const row = await requireRow(parts, context, params.providerId);
      const details = { providerId: row.id, name: row.name, login: body.login };
      const steps = await registry.live(row).provider.test(body.login);
      const isGood = steps.every(({ state }) => state !== "failed");
      const outcome = { ...details, isGood };
      await journal.append(entryAbout(context, { kind: "provider.tested", level: "info", details: outcome }));
      return { steps: [...steps] };
    }),
  ];
}

async function setSecret(
  parts: IdentityHandlerParts,
  context: RequestContext,
  given: { readonly providerId: string; readonly secret: string | null },
) {
  const { identities, journal, keeper } = parts;
  const row = await requireRow(parts, context, given.providerId);
  const bytes = given.secret === null ? null : Buffer.from(given.secret, "utf8");
  const envelope =
    bytes === null
      ? null
      : await keeper.sealSecret(secretContext(row.id), bytes).finally(() => bytes.fill(0));
  const details = { providerId: row.id, name: row.name, isRemoved: envelope === null };
  const entry = entryAbout(context, { kind: "provider.secret-changed", level: "alarm", details });
  const changed = await journalThenDo(journal, entry, () => identities.update(row, { envelope }));
  return show(parts, changed, await identities.personCounts());
}

async function requireRow(
  { identities }: IdentityHandlerParts,
  context: RequestContext,
  providerId: string,
): Promise<IdentityProviderTableRow> {
  await context.requireAt("settings:write", null);
  return identities.require(providerId);
}

function show(
  { registry }: IdentityHandlerParts,
  row: IdentityProviderTableRow,
  counts: ReadonlyMap<string, number>,
) {
  return {
    providerId: row.id,
    name: row.name,
    isEnabled: row.is_enabled === 1,
    hasSecret: row.envelope !== null,
    revision: row.revision,
    config: configOf(row),
    personCount: counts.get(row.id) ?? 0,
    awaySinceMs: registry.awaySinceMs(row.id),
  };
}

/** The settings as the journal tells them: lists as JSON, so that no change of a rule hides. */
function factsOf(name: string, config: ProviderConfig): Record<string, unknown> {
  const facts = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "object" ? JSON.stringify(value) : value,
  ]);
  return { name, ...Object.fromEntries(facts) };
}
