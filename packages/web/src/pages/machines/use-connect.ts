import { type MyTarget, openSession } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";

const ACCOUNT_KEY = "poterne-account:";

/** Opens sessions on one target: which account is chosen, whether something must be asked first, what failed. */
export interface Connect {
  readonly accountId: string;
  readonly chooseAccount: (accountId: string) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
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
  const action = useAction(openSession, ({ sessionId }) => void navigate({ to: `/s/${sessionId}` }));
  return {
    accountId,
    chooseAccount: (chosen) => {
      localStorage.setItem(ACCOUNT_KEY + target.targetId, chosen);
      setAccountId(chosen);
    },
    isBusy: action.isPending,
    error: action.error,
    mustAsk: target.facts.needsReason !== "none",
    open: (words) => action.mutate({ body: { targetId: target.targetId, accountId, ...words } }),
  };
}
