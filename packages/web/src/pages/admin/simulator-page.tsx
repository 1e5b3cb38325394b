import { Button, List, Paper, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { type Simulation, simulateAccess } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { describeCode } from "../../ui/failure-text.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { hintText, obstacleText } from "../../ui/hint-text.ts";
import { readLocalTime } from "../../ui/local-time.ts";
import { Page } from "../../ui/page.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";
import { When } from "../../ui/when.tsx";
import { useFactorWords } from "./factor-words.ts";
import { PolicySentences } from "./policy-sentences.tsx";

/** Person × target × time: what would be decided, and by which grant. */
export function SimulatorPage() {
  const { grants, rules } = useAdminWords();
  const [personId, setPersonId] = useState<string | null>(null);
  const [targetId, setTargetId] = useState<string | null>(null);
  const [at, setAt] = useState("");
  const [from, setFrom] = useState("");
  const action = useAction(simulateAccess);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (personId === null || targetId === null) return;
    const atMs = readLocalTime(at);
    const sourceAddress = from.trim() === "" ? {} : { sourceAddress: from.trim() };
    action.mutate({ body: { personId, targetId, ...(atMs === null ? {} : { atMs }), ...sourceAddress } });
  };
  return (
    <Page title={grants.simulatorTitle} intro={grants.simulatorIntro}>
      <form onSubmit={submit}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Picker kind="person" label={grants.person} isRequired value={personId} onChange={setPersonId} />
          <Picker kind="target" label={grants.target} isRequired value={targetId} onChange={setTargetId} />
          <TextInput
            type="datetime-local"
            label={grants.atTime}
            description={grants.atTimeHint}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
          />
          <TextInput
            label={rules.sourceAddress}
            description={rules.sourceAddressHint}
            spellCheck={false}
            maxLength={45}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
        </SimpleGrid>
        <Button type="submit" mt="md" loading={action.isPending}>
          {grants.simulate}
        </Button>
      </form>
      {action.error !== null && <FailureView error={action.error} />}
      {action.data !== undefined && <Verdict simulation={action.data} />}
    </Page>
  );
}

function Verdict({ simulation }: { readonly simulation: Simulation }) {
  const words = useAdminWords();
  const { grants, simulated } = words;
  const isStopped = simulation.obstacles.some(({ isBlocking }) => isBlocking);
  const { language } = useLanguage();
  const { decidedBy } = simulation;
  const factors = useFactorWords();
  return (
    <Stack role="status">
      <Paper withBorder p="md">
        <Stack gap="xs">
          <StateMark
            state={!simulation.isAllowed ? "down" : isStopped ? "degraded" : "up"}
            word={!simulation.isAllowed ? grants.refused : isStopped ? simulated.stopped : grants.allowed}
            isLarge
          />
          <Text size="sm">
            {simulation.person.name} → {targetName(simulation.target.machineName, simulation.target.name)},{" "}
            {formatDateTime(language, simulation.atMs)}
          </Text>
          {simulation.endsAtMs !== null && (
            <Text size="sm">{words.rules.endsAt(formatDateTime(language, simulation.endsAtMs))}</Text>
          )}
          {simulation.reasons.length > 0 && (
            <List size="sm">
              {simulation.reasons.map(({ reason, grantId, hint }) => (
                <List.Item key={`${reason} ${grantId}`}>
                  {describeCode(`refused-${reason}`, words)} {hintText(language, hint)}
                </List.Item>
              ))}
            </List>
          )}
          {simulation.obstacles.length > 0 && (
            <List size="sm" listStyleType="none" aria-label={simulated.obstacles}>
              {simulation.obstacles.map((found) => (
                <List.Item key={found.kind}>{obstacleText(language, found)}</List.Item>
              ))}
            </List>
          )}
        </Stack>
      </Paper>
      <Section title={factors.rulingTitle} text={factors.rulingHint}>
        <List size="sm">
          <List.Item>{factors.rulingSignIn(simulation.factor.signIn)}</List.Item>
          <List.Item>{factors.rulingOpening(simulation.factor.opening)}</List.Item>
        </List>
      </Section>
      {decidedBy !== null && (
        <Section
          title={grants.decidedBy}
          text={`${grants.underPolicy(decidedBy.policyName)} — ${grants.withAccounts} : ${decidedBy.accounts
            .map((account) => account.name)
            .join(", ")}`}
        >
          <SharedAccountNotes accounts={decidedBy.sharedAccounts} />
          <PolicySentences rules={decidedBy.rules} />
        </Section>
      )}
      {simulation.considered.length > 0 && (
        <Section title={grants.consideredTitle}>
          <SimpleTable
            label={grants.consideredTitle}
            headings={[grants.subject, grants.policy, grants.note, grants.lacks]}
            rows={simulation.considered.map((grant) => ({
              key: grant.grantId,
              cells: [
                grant.subjectName,
                grant.policyName,
                grant.note,
                grant.lacks.map((lack) => grants.lackNames[lack]).join(", ") || grants.lackNothing,
              ],
            }))}
          />
        </Section>
      )}
    </Stack>
  );
}

function SharedAccountNotes(props: {
  readonly accounts: NonNullable<Simulation["decidedBy"]>["sharedAccounts"];
}) {
  const { simulated } = useAdminWords();
  return props.accounts.map(({ name, isHeldByPerson, holderName, endsAtMs }) => (
    <Text key={name} size="sm">
      {isHeldByPerson
        ? simulated.mine(name)
        : holderName === null
          ? simulated.free(name)
          : simulated.held(name, holderName)}{" "}
      {endsAtMs !== null && <When atMs={endsAtMs} />}
    </Text>
  ));
}
