import type { Route, SignInState } from "@poterne/contract";
import { useState } from "react";
import { toApiFailure } from "../api/api-failure.ts";
import { type CallInput, call } from "../api/call.ts";

/** One step of a sign-in under way: whether it runs, what went wrong, and how to take it. */
export interface Step {
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly setError: (error: unknown) => void;
  /** Runs something that ends in a new state; null means it was given up without a failure. */
  readonly run: (work: () => Promise<SignInState | null>) => void;
}

/** A step that hands the new state to `onState`, or keeps the failure to show it in its place. */
export function useStep(onState: (state: SignInState) => void): Step {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = (work: () => Promise<SignInState | null>): void => {
    setBusy(true);
    setError(null);
    work()
      .then((state) => {
        if (state !== null) onState(state);
      })
      .catch((thrown: unknown) => setError(toApiFailure(thrown)))
      .finally(() => setBusy(false));
  };
  return { isBusy, error, setError, run };
}

/** Calls a route whose reply is the sign-in's new state. */
export async function callState<R extends Route>(route: R, input: CallInput<R> = {}): Promise<SignInState> {
  return (await call(route, input)) as SignInState;
}
