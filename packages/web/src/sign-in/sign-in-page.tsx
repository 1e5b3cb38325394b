import { Anchor, Center, Loader, Text } from "@mantine/core";
import {
  endFederation,
  getSignIn,
  openSignInLink,
  SIGN_IN_LINK_FRAGMENT,
  type SignInState,
} from "@poterne/contract";
import { lazy, Suspense, useEffect, useState } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { takeFederationAnswer } from "./federation.ts";
import { Frame } from "./frame.tsx";
import { NobodyStep } from "./password-steps.tsx";
import { returnAddress } from "./return-address.ts";
import { callState } from "./use-step.ts";

/** Steps after the first, fetched when they are needed. */
const FactorStep = lazy(async () => ({ default: (await import("./factor-step.tsx")).FactorStep }));
const EnrolmentStep = lazy(async () => ({ default: (await import("./enrolment-step.tsx")).EnrolmentStep }));
const NewPasswordStep = lazy(async () => ({
  default: (await import("./new-password-step.tsx")).NewPasswordStep,
}));
const PasswordStep = lazy(async () => ({ default: (await import("./password-step.tsx")).PasswordStep }));
const CharterStep = lazy(async () => ({ default: (await import("./charter-step.tsx")).CharterStep }));

/** The one-time link's token, taken out of the address bar so that it stays in no history; null without one. */
function takeLinkToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get(SIGN_IN_LINK_FRAGMENT);
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

const linkToken = takeLinkToken();
const federationAnswer = takeFederationAnswer();

/** The call this page begins with: a link, a federation's answer, or where the sign-in stands. */
function firstCall(): Promise<SignInState> {
  if (linkToken !== null) return callState(openSignInLink, { body: { token: linkToken } });
  if (federationAnswer !== null) return callState(endFederation, { body: { answer: federationAnswer } });
  return callState(getSignIn);
}

/** A link opened in a tab that shows this page already changes the fragment only: begin anew with it. */
function reloadForLink(): void {
  if (new URLSearchParams(location.hash.slice(1)).has(SIGN_IN_LINK_FRAGMENT)) location.reload();
}

/** The sign-in page: shows what the sign-in's state asks for until somebody is signed in. */
export function SignInPage() {
  const { signIn } = useEntryWords();
  const [state, setState] = useState<SignInState | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = (): void => {
    setError(null);
    firstCall().then(setState).catch(setError);
  };
  useEffect(read, []);
  useEffect(() => {
    window.addEventListener("hashchange", reloadForLink);
    return () => window.removeEventListener("hashchange", reloadForLink);
  }, []);
  if (error !== null) {
    // A link and an answer are good once: trying again is beginning again.
    const isOnce = linkToken !== null || federationAnswer !== null;
    return (
      <Frame title={linkToken === null ? signIn.title : signIn.linkFailed}>
        <FailureView error={error} {...(isOnce ? {} : { onRetry: read })} />
        {isOnce && <Anchor href={`/sign-in${location.search}`}>{signIn.toSignIn}</Anchor>}
      </Frame>
    );
  }
  if (state === null) return <Waiting />;
  return (
    <Suspense fallback={<Waiting />}>
      <StateView state={state} onState={setState} />
    </Suspense>
  );
}

function Waiting() {
  const { signIn } = useEntryWords();
  return (
    <Frame title={signIn.title}>
      <Center mih={120}>
        <Loader role="status" aria-label={signIn.linkOpening} />
      </Center>
    </Frame>
  );
}

function StateView({ state, onState }: { state: SignInState; onState: (state: SignInState) => void }) {
  switch (state.state) {
    case "nobody":
      return <NobodyStep state={state} onState={onState} />;
    case "password-needed":
      return <PasswordStep state={state} onState={onState} />;
    case "new-password-needed":
      return <NewPasswordStep state={state} onState={onState} />;
    case "factor-needed":
      return <FactorStep state={state} onState={onState} />;
    case "enrolment-needed":
      return <EnrolmentStep state={state} onState={onState} />;
    case "charter-needed":
      return <CharterStep state={state} onState={onState} />;
    case "signed-in":
      return <Leaving />;
  }
}

function Leaving() {
  const { signIn } = useEntryWords();
  useEffect(() => location.replace(returnAddress(location.search, location.origin)), []);
  return (
    <Frame title={signIn.title}>
      <Text role="status">{signIn.leaving}</Text>
    </Frame>
  );
}
