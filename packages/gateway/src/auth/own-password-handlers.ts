import { Failure, forgetOwnPassword, getOwnPassword, keepOwnPassword } from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { AuthParts } from "./auth-parts.ts";
import { requireBrowser } from "./own.ts";
import type { OwnSecret, SignInHand } from "./own-passwords.ts";
import { SIGN_IN_COOKIE } from "./sign-in-store.ts";

/** Handlers of the caller's own directory password: whether it is kept, keep it, forget it. */
export function ownPasswordHandlers(parts: AuthParts): Handler[] {
  const { ownPasswords } = parts;
  return [
    handle(getOwnPassword, async (_input, context) => ownPasswords.state(await handOf(parts, context))),
    handle(keepOwnPassword, async ({ body }, context) =>
      ownPasswords.keepAsked(await handOf(parts, context), body.password),
    ),
    handle(forgetOwnPassword, async (_input, context) => ownPasswords.forget(await handOf(parts, context))),
  ];
}

/** The caller's own password for one session. A script has none: `own-password-needed`. */
export async function takeOwnSecret(parts: AuthParts, context: RequestContext): Promise<OwnSecret> {
  const caller = context.person();
  if (caller.by.kind !== "sign-in") throw new Failure("own-password-needed", { account: "" });
  return parts.ownPasswords.take(await handOf(parts, context));
}

/** The sign-in in the caller's browser. */
async function handOf({ people }: AuthParts, context: RequestContext): Promise<SignInHand> {
  const { personId, signInId } = requireBrowser(context);
  const person = await people.find(personId);
  const token = context.cookies[SIGN_IN_COOKIE];
  if (person === null || token === undefined) throw new Failure("not-signed-in");
  return { signInId, token, person, sourceAddress: context.sourceAddress };
}
