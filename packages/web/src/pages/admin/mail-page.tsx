import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { getMail, type HealthCheck, testMail } from "@poterne/contract";
import type { ReplyOf } from "../../api/call.ts";
import { useAction, useCall } from "../../api/use-call.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { When } from "../../ui/when.tsx";
import { useMailWords } from "./mail-words.ts";

/** Letters leave within seconds: the list follows. */
const REFRESH_MS = 10_000;

const CHECK_MARKS = { ok: "up", warning: "degraded", failed: "down" } as const;
const LETTER_MARKS = { waiting: "unknown", sent: "up", expired: "down", refused: "down" } as const;

type Mail = ReplyOf<typeof getMail>;

/** Mail: the server and whether it takes letters, a button that tries it, and what became of the last letters. */
export function MailPage() {
  const words = useMailWords();
  const mail = useCall(getMail, {}, { refreshMs: REFRESH_MS });
  if (mail.error !== null) return <FailureView error={mail.error} onRetry={() => void mail.refetch()} />;
  if (mail.data === undefined) return <PageLoader />;
  return (
    <Page title={words.title} intro={words.intro}>
      <Server mail={mail.data} />
      <Letters letters={mail.data.letters} />
    </Page>
  );
}

function Server({ mail }: { readonly mail: Mail }) {
  const words = useMailWords();
  const mayTest = useRight("settings:write");
  const action = useAction(testMail);
  const { server, trouble } = mail;
  if (server === null)
    return (
      <Alert color="orange" variant="outline" title={words.off}>
        {words.offText}
      </Alert>
    );
  return (
    <Section
      title={words.server}
      text={words.serverText(server.host, server.port, words.security[server.security], server.sender)}
    >
      <Stack gap="sm">
        {trouble !== null && <Found check={trouble} />}
        {mayTest && (
          <Group>
            <Button variant="default" loading={action.isPending} onClick={() => action.mutate({})}>
              {words.test}
            </Button>
            {action.isPending && (
              <Text size="sm" role="status">
                {words.testing}
              </Text>
            )}
          </Group>
        )}
        {action.error !== null && <FailureView error={action.error} />}
        {action.data !== undefined && !action.isPending && (
          <Stack gap="xs" role="status">
            {action.data.checks.map((check) => (
              <Found key={check.name} check={check} />
            ))}
          </Stack>
        )}
      </Stack>
    </Section>
  );
}

function Found({ check }: { readonly check: HealthCheck }) {
  const { language } = useLanguage();
  return (
    <Stack gap={2}>
      <StateMark state={CHECK_MARKS[check.state]} word={check.found[language]} />
      {check.remedy !== null && <Text size="sm">{check.remedy[language]}</Text>}
    </Stack>
  );
}

function Letters({ letters }: { readonly letters: Mail["letters"] }) {
  const words = useMailWords();
  return (
    <Section title={words.letters} text={words.lettersText}>
      {letters.length === 0 ? (
        <Text size="sm">{words.none}</Text>
      ) : (
        <SimpleTable
          label={words.letters}
          headings={[words.when, words.about, words.to, words.state, words.said]}
          rows={letters.map((letter) => ({
            key: letter.mailId,
            cells: [
              <When key="when" atMs={letter.createdAtMs} />,
              words.kinds[letter.kind] ?? letter.kind,
              letter.personName,
              <Stack key="state" gap={2}>
                <StateMark state={LETTER_MARKS[letter.state]} word={words.states[letter.state]} />
                {letter.state !== "sent" && letter.attempts > 0 && (
                  <Text size="xs" c="dimmed">
                    {words.attempts(letter.attempts)}
                  </Text>
                )}
              </Stack>,
              letter.lastError,
            ],
          }))}
        />
      )}
    </Section>
  );
}
