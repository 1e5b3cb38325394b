import { Button, Code, Stack, Text } from "@mantine/core";
import { forgetOwnPassword, getOwnPassword, type OwnPasswordState } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { Section } from "../../ui/section.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { When } from "../../ui/when.tsx";
import { OwnPasswordForm } from "./own-password-form.tsx";
import { useOwnPasswordWords } from "./own-password-words.ts";

/** What this sign-in keeps of one's own directory password, and the button that forgets it. */
export function OwnPasswordSection() {
  const words = useOwnPasswordWords();
  const own = useCall(getOwnPassword);
  const forget = useAction(forgetOwnPassword);
  const [isGiving, setGiving] = useState(false);
  if (own.error !== null) return <FailureView error={own.error} onRetry={() => void own.refetch()} />;
  if (own.data === undefined || own.data.state === "impossible") return null;
  const { state, account, providerName } = own.data;
  return (
    <Section
      title={words.title}
      text={words.text}
      actions={
        state === "kept" ? (
          <Button size="xs" variant="default" loading={forget.isPending} onClick={() => forget.mutate({})}>
            {words.forget}
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => setGiving(true)}>
            {words.keep}
          </Button>
        )
      }
    >
      <Stack gap="xs">
        <Text size="sm">
          {words.account} : <Code>{account}</Code> ({words.provider} : {providerName})
        </Text>
        <div>
          <StateMark state={state === "kept" ? "up" : "unknown"} word={words[state]} />
        </div>
        {state === "kept" && <Ends own={own.data} />}
        {forget.error !== null && <FailureView error={forget.error} />}
      </Stack>
      {isGiving && (
        <OwnPasswordForm
          why="asked"
          account={account}
          provider={providerName}
          onGiven={() => setGiving(false)}
          onClose={() => setGiving(false)}
        />
      )}
    </Section>
  );
}

function Ends({ own }: { readonly own: OwnPasswordState }) {
  const words = useOwnPasswordWords();
  return (
    <>
      {own.keptAtMs !== null && (
        <Text size="sm">
          {words.since} : <When atMs={own.keptAtMs} />
        </Text>
      )}
      <Text size="sm">
        {words.until} : {own.endsAtMs === null ? words.withSignIn : <When atMs={own.endsAtMs} />}
      </Text>
      {own.isProtected === true && <Text size="sm">{words.isProtected}</Text>}
      {own.isProtected === null && own.endsAtMs !== null && <Text size="sm">{words.isUnknown}</Text>}
    </>
  );
}
