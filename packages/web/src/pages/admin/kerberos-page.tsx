import { Button, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { examineKerberosSetup, type HealthCheck } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { SecretInput } from "../../ui/secret-input.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";

const MARKS = { ok: "up", warning: "degraded", failed: "down" } as const;

/** The Kerberos doctor: what it looks at, what it found, what to change. */
export function KerberosPage() {
  const { kerberos } = useAdminWords();
  const [targetId, setTargetId] = useState<string | null>(null);
  const [realm, setRealm] = useState("");
  const [account, setAccount] = useState("");
  const [password, setPassword] = useState("");
  const action = useAction(examineKerberosSetup);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    action.mutate({ body: { ...(targetId === null ? {} : { targetId }), realm, account, password } });
    // It goes up once and is kept nowhere, here neither.
    setPassword("");
  };
  return (
    <Page title={kerberos.title} intro={kerberos.intro}>
      <form onSubmit={submit}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Picker
            kind="target"
            label={kerberos.target}
            description={kerberos.targetHint}
            value={targetId}
            onChange={setTargetId}
          />
          <TextInput
            label={kerberos.realm}
            description={kerberos.realmHint}
            spellCheck={false}
            maxLength={255}
            value={realm}
            onChange={(event) => setRealm(event.currentTarget.value)}
          />
          <TextInput
            label={kerberos.account}
            description={kerberos.accountHint}
            spellCheck={false}
            autoComplete="off"
            maxLength={256}
            value={account}
            onChange={(event) => setAccount(event.currentTarget.value)}
          />
          <SecretInput
            label={kerberos.password}
            description={kerberos.passwordHint}
            autoComplete="off"
            maxLength={1024}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </SimpleGrid>
        <Group mt="md">
          <Button type="submit" loading={action.isPending}>
            {kerberos.run}
          </Button>
          {action.isPending && (
            <Text size="sm" role="status">
              {kerberos.running}
            </Text>
          )}
        </Group>
      </form>
      {action.error !== null && <FailureView error={action.error} />}
      {action.data !== undefined && !action.isPending && <Findings checks={action.data.checks} />}
    </Page>
  );
}

function Findings({ checks }: { readonly checks: readonly HealthCheck[] }) {
  const { kerberos, health } = useAdminWords();
  const countOf = (state: HealthCheck["state"]): number =>
    checks.filter((check) => check.state === state).length;
  return (
    <Stack role="status" gap="xs">
      <Section title={kerberos.result} text={kerberos.summary(countOf("failed"), countOf("warning"))}>
        <SimpleTable
          label={kerberos.result}
          headings={[health.check, health.found]}
          rows={checks.map((check, at) => ({
            key: `${at} ${check.name}`,
            cells: [
              <StateMark
                key="state"
                state={MARKS[check.state]}
                word={`${nameOf(check, kerberos.checks)}\u00a0: ${health.states[check.state]}`}
              />,
              <Finding key="found" check={check} />,
            ],
          }))}
        />
      </Section>
    </Stack>
  );
}

/** What to do stands under what was found: a third column would be out of sight in a narrow window. */
function Finding({ check }: { readonly check: HealthCheck }) {
  const { health } = useAdminWords();
  const { language } = useLanguage();
  return (
    <>
      <Text size="sm">{check.found[language]}</Text>
      {check.remedy !== null && (
        <>
          <Text size="xs" c="dimmed" mt={4}>
            {health.remedy}
          </Text>
          <Text size="sm">{check.remedy[language]}</Text>
        </>
      )}
    </>
  );
}

/** A check's name may have an address behind it, which its finding tells anyway. */
function nameOf({ name }: HealthCheck, names: Readonly<Record<string, string>>): string {
  return names[name.split(" ")[0] ?? ""] ?? name;
}
