import { getSignIn, type Right, type SignInState } from "@poterne/contract";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect } from "react";
import { call } from "../api/call.ts";
import { rememberLanguage, useLanguage } from "../i18n/tongue.tsx";
import { followProfileKeyboard } from "../session/keyboard-choice.ts";
import { FailureView } from "../ui/failure-view.tsx";
import { PageLoader } from "../ui/page-loader.tsx";
import { goToSignIn } from "./go-to-sign-in.ts";

/** The person at the console, with roles and rights. */
export type SignedIn = Extract<SignInState, { state: "signed-in" }>;

const SIGN_IN_KEY = ["sign-in"];
const SignedInContext = createContext<SignedIn | null>(null);

/** The person who is signed in. INVARIANT: only called below `RequireSignIn`. */
export function useSignedIn(): SignedIn {
  const signedIn = use(SignedInContext);
  if (signedIn === null) throw new Error("nobody is signed in here");
  return signedIn;
}

/** Whether the person at the console holds a right. */
export function useRight(right: Right): boolean {
  return useSignedIn().rights.includes(right);
}

/** Lets only a person fully signed in go further; others go to the sign-in page and come back. */
export function RequireSignIn(props: { readonly children: ReactNode }) {
  const { language, setLanguage } = useLanguage();
  const query = useQuery({ queryKey: SIGN_IN_KEY, queryFn: ({ signal }) => call(getSignIn, { signal }) });
  const state = query.data;
  const profileLanguage = state?.state === "signed-in" ? state.language : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: follow the profile when it changes, not each own choice
  useEffect(() => {
    if (profileLanguage === null) return;
    rememberLanguage(profileLanguage);
    if (profileLanguage !== language) setLanguage(profileLanguage);
  }, [profileLanguage]);
  const profileKeyboard = state?.state === "signed-in" ? state.person.keyboardMode : null;
  useEffect(() => {
    if (profileKeyboard !== null) followProfileKeyboard(profileKeyboard);
  }, [profileKeyboard]);
  useEffect(() => {
    if (state !== undefined && state.state !== "signed-in") goToSignIn();
  }, [state]);
  if (query.error !== null && state === undefined) {
    return <FailureView error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (state?.state !== "signed-in") return <PageLoader />;
  return <SignedInContext value={state}>{props.children}</SignedInContext>;
}
