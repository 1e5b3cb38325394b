import { type MyTarget, openSession } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { ApiFailure } from "../../api/api-failure.ts";
import type { ReplyOf } from "../../api/call.ts";
import { useAction } from "../../api/use-call.ts";

const OwnPasswordForm = lazy(async () => {
  const form = await import("../me/own-password-form.tsx");
  return { default: form.OwnPasswordForm };
});
const loadEntry = () => import("../../session/entry.ts");
const ACCOUNT_KEY = "poterne-account:";
/** The page's own pictures and words come first. */
const PRELOAD_AFTER_MS = 500;

/** Opens sessions on one target: which account is chosen, whether something must be asked first, what failed. */
export interface Connect {
  readonly accountId: string;
  readonly chooseAccount: (accountId: string) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** The question for one's own directory password, when the account is "as me" and the gateway wants it. */
  readonly question: ReactNode;
  /** The policy wants words before it opens. */
  readonly mustAsk: boolean;
  readonly open: (words: { readonly reason: string; readonly ticketNumber: string }) => void;
}

/** Opens a target and goes to its session; the account chosen last is remembered on this browser. */
export function useConnect(target: MyTarget): Connect {
  const navigate = useNavigate();
  const remembered = localStorage.getItem(ACCOUNT_KEY + target.targetId);
  const known = target.accounts.find((account) => account.accountId === remembered) ?? target.accounts[0];
  const [accountId, setAccountId] = useState(known?.accountId ?? "");
  const { protocol } = target;
  const opened = async ({ sessionId, ticket, path }: ReplyOf<typeof openSession>) => {
    // Without it the session's page asks for a ticket of its own.
    const entry = await loadEntry().catch(() => null);
    await entry?.begin({ sessionId, protocol, ticket: { ticket, path } });
    await navigate({ to: `/s/${sessionId}` });
  };
  const action = useAction(openSession, opened, true);
  useEffect(() => {
    // What cannot be fetched now is fetched, or fails in words, when it is needed.
    const preload = () =>
      void loadEntry()
        .then((entry) => entry.preloadSession(protocol))
        .catch(() => undefined);
    const timer = setTimeout(preload, PRELOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, [protocol]);
  const wanted = ownPasswordWanted(action.error);
  const question = wanted !== null && (
    <Suspense fallback={null}>
      <OwnPasswordForm
        {...wanted}
        onGiven={() => action.variables !== undefined && action.mutate(action.variables)}
        onClose={() => action.reset()}
      />
    </Suspense>
  );
  return {
    question,
    accountId,
    chooseAccount: (chosen) => {
      localStorage.setItem(ACCOUNT_KEY + target.targetId, chosen);
      setAccountId(chosen);
    },
    isBusy: action.isPending,
    error: wanted === null ? action.error : null,
    mustAsk: target.facts.needsReason !== "none",
    open: (words) => action.mutate({ body: { targetId: target.targetId, accountId, ...words } }),
  };
}

/** Whether the gateway wants the person's own password, of which account and why; null for any other answer. */
function ownPasswordWanted(error: unknown) {
  if (!(error instanceof ApiFailure)) return null;
  const { code, details } = error;
  if (code !== "own-password-needed" && code !== "own-password-changed") return null;
  const why = code === "own-password-changed" ? ("changed" as const) : ("opening" as const);
  return { why, account: String(details.account ?? ""), provider: String(details.provider ?? "") };
}
