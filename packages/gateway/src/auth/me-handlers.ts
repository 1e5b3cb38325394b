import {
  changeMyPassword,
  createMyToken,
  endMySignIn,
  exportMyData,
  Failure,
  listMySignIns,
  listMyTokens,
  type Right,
  revokeMyToken,
  updateMe,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { loginKey, type Person } from "../people/people-store.ts";
import type { PersonalData } from "../people/personal-data.ts";
import { changesBetween, entryAbout, journalThenDo } from "./auth-journal.ts";
import type { AuthenticatorParts } from "./create-authenticator.ts";
import { requireBrowser } from "./own.ts";
import { showSignIn } from "./shown-rows.ts";
import { checkGuarded } from "./sign-in-guard.ts";
import type { SignInStates } from "./sign-in-states.ts";
import { visitOf } from "./visit.ts";

/** What the handlers of oneself need. */
export interface MeParts extends AuthenticatorParts {
  readonly states: SignInStates;
  readonly personalData: PersonalData;
}

/** Handlers of one's own profile, password, sign-ins, tokens and data. */
export function meHandlers(parts: MeParts): Handler[] {
  return [...profileHandlers(parts), ...mySignInHandlers(parts), ...myTokenHandlers(parts)];
}

function profileHandlers(parts: MeParts): Handler[] {
  const { journal, people, states, personalData } = parts;
  return [
    handle(updateMe, async ({ body }, context) => {
      const person = await requireSelf(parts, context);
      const changes = {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.language === undefined ? {} : { language: body.language }),
        ...(body.theme === undefined ? {} : { theme: body.theme }),
        ...(body.keyboardMode === undefined ? {} : { keyboard_mode: body.keyboardMode }),
      };
      const details = changesBetween({ ...person }, changes);
      // Only the name is evidence; how somebody likes their page is not.
      if ("after.name" in details)
        await journal.append(entryAbout(context, { kind: "person.changed", personId: person.id, details }));
      await people.update(person, changes);
      return states.state(visitOf(context));
    }),
    handle(changeMyPassword, async ({ body }, context) => {
      await changePassword(parts, context, body);
      return {};
    }),
    handle(exportMyData, async (_input, context) => {
      const { personId } = requireBrowser(context);
      const entry = entryAbout(context, { kind: "person.exported", personId, details: {} });
      return journalThenDo(journal, entry, () => personalData.collect(personId));
    }),
  ];
}

async function changePassword(
  parts: MeParts,
  context: RequestContext,
  wish: { readonly currentPassword: string | null; readonly newPassword: string },
): Promise<void> {
  const { passwords, journal, signIns } = parts;
  const { signInId } = requireBrowser(context);
  const person = await requireSelf(parts, context);
  const origin = await parts.identity.originOf(person.id);
  if (origin !== null) throw new Failure("password-elsewhere", { name: origin.name });
  // Somebody without a password has only the fresh factor, which the route demands, to prove who they are.
  const isFirst = person.password_hash === null && wish.currentPassword === null;
  if (!isFirst) await requirePassword(parts, context, { person, password: wish.currentPassword ?? "" });
  const entry = entryAbout(context, { kind: "password.changed", personId: person.id, details: { isFirst } });
  await journalThenDo(journal, entry, () => passwords.set(person, wish.newPassword));
  await signIns.endAll(person.id, signInId);
}

/** Throws `sign-in-refused` unless the password is the person's; guesses are slowed down as at the sign-in. */
async function requirePassword(
  { guard, hasher, journal }: MeParts,
  context: RequestContext,
  { person, password }: { readonly person: Person; readonly password: string },
): Promise<void> {
  const attempt = await guard.attemptLogin(loginKey(person.login), context.sourceAddress);
  if (!(await checkGuarded(attempt, () => hasher.verify(password, person.password_hash)))) {
    attempt.fail();
    const details = { method: "password", isKnown: true };
    await journal.append(entryAbout(context, { kind: "sign-in.failed", personId: person.id, details }));
    throw new Failure("sign-in-refused");
  }
  await attempt.succeed();
}

function mySignInHandlers({ signIns, journal }: MeParts): Handler[] {
  return [
    handle(listMySignIns, async (_input, context) => {
      const { personId, signInId } = requireBrowser(context);
      return { items: (await signIns.list(personId)).map((row) => showSignIn(row, signInId)) };
    }),
    handle(endMySignIn, async ({ params }, context) => {
      const { personId, signInId } = requireBrowser(context);
      const entry = entryAbout(context, {
        kind: "sign-in.revoked",
        personId,
        details: { signInId: params.signInId },
      });
      await journalThenDo(journal, entry, async () => {
        if (params.signInId === "others") await signIns.endAll(personId, signInId);
        else if (!(await signIns.end(params.signInId, personId))) throw new Failure("not-found");
      });
      return {};
    }),
  ];
}

function myTokenHandlers({ tokens, journal, ...parts }: MeParts): Handler[] {
  return [
    handle(listMyTokens, async (_input, context) => ({
      items: await tokens.list(requireBrowser(context).personId),
    })),
    handle(createMyToken, async ({ body }, context) => {
      const person = await requireSelf(parts, context);
      await requireRights(context, body.scopes);
      const details = {
        name: body.name,
        scopes: body.scopes.join(", "),
        sourceNetworks: body.sourceNetworks.join(", "),
        expiresInDays: body.expiresInDays,
      };
      const entry = entryAbout(context, { kind: "token.created", personId: person.id, details });
      return journalThenDo(journal, entry, () => tokens.make(person.id, body));
    }),
    handle(revokeMyToken, async ({ params }, context) => {
      const { personId } = requireBrowser(context);
      const entry = entryAbout(context, { kind: "token.revoked", personId, details: params });
      await journalThenDo(journal, entry, () => tokens.revoke(personId, params.tokenId));
      return {};
    }),
  ];
}

/** A token may not name a right its owner has nowhere. */
async function requireRights(context: RequestContext, rights: readonly Right[]): Promise<void> {
  for (const right of rights) {
    const sites = await context.sitesWith(right);
    if (sites !== null && sites.length === 0) throw new Failure("not-allowed");
  }
}

async function requireSelf({ people }: Pick<MeParts, "people">, context: RequestContext): Promise<Person> {
  const person = await people.find(requireBrowser(context).personId);
  if (person === null) throw new Failure("not-signed-in");
  return person;
}
