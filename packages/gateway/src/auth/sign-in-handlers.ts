import {
  acceptCharter,
  askPasskey,
  beginFederation,
  chooseFirstPassword,
  confirmFactor,
  endFederation,
  getSignIn,
  openSignInLink,
  signInByTicket,
  signInWithPasskey,
  signInWithPassword,
  signInWithRecoveryCode,
  signInWithTotp,
  signOut,
} from "@poterne/contract";
import { type Handler, handle } from "../http/handlers.ts";
import { FEDERATION_COOKIE, FEDERATION_MS, type FederationFlow } from "./federation-flow.ts";
import type { SignInFlow } from "./sign-in-flow.ts";
import type { SignInStates } from "./sign-in-states.ts";
import type { TicketFlow } from "./ticket-flow.ts";
import { visitOf } from "./visit.ts";

/** Handlers of the sign-in page: each replies the state the page shows next. */
export function signInHandlers(
  flow: SignInFlow,
  states: SignInStates,
  federation: FederationFlow,
  ticket: TicketFlow,
): Handler[] {
  return [
    handle(getSignIn, (_input, context) => states.state(visitOf(context))),
    handle(signInWithPassword, ({ body }, context) => flow.password(visitOf(context), body)),
    handle(askPasskey, (_input, context) => flow.askPasskey(visitOf(context))),
    handle(signInWithPasskey, ({ body }, context) => flow.passkey(visitOf(context), body)),
    handle(signInWithTotp, ({ body }, context) =>
      flow.factor(visitOf(context), { method: "totp", code: body.code }),
    ),
    handle(signInWithRecoveryCode, ({ body }, context) =>
      flow.factor(visitOf(context), { method: "recovery-code", recoveryCode: body.recoveryCode }),
    ),
    handle(openSignInLink, ({ body }, context) => flow.link(visitOf(context), body.token)),
    handle(chooseFirstPassword, ({ body: { password, ...profile } }, context) =>
      flow.newPassword(visitOf(context), password, profile),
    ),
    handle(acceptCharter, ({ body }, context) => flow.charter(visitOf(context), body.version)),
    handle(confirmFactor, ({ body }, context) => flow.confirm(visitOf(context), body)),
    handle(beginFederation, async ({ body }, context) => {
      const { url, browser } = await federation.begin(visitOf(context), body.providerId);
      context.setCookie(FEDERATION_COOKIE, browser, FEDERATION_MS / 1000);
      return { url };
    }),
    handle(endFederation, async ({ body }, context) => {
      const browser = context.cookies[FEDERATION_COOKIE] ?? null;
      context.clearCookie(FEDERATION_COOKIE);
      return federation.end(visitOf(context), body.answer, browser);
    }),
    handle(signInByTicket, async (_input, context) => {
      // Set before it is known how this ends: a refusal keeps the reply's headers. The proof replaces it.
      context.setHeader("www-authenticate", "Negotiate");
      const { state, answer } = await ticket.signIn(visitOf(context), context.authorization ?? null);
      context.setHeader("www-authenticate", answer === "" ? "Negotiate" : `Negotiate ${answer}`);
      return state;
    }),
    handle(signOut, (_input, context) => flow.signOut(visitOf(context))),
  ];
}
