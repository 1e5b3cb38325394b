import { Button, Stack, Text } from "@mantine/core";
import { type ComplianceRule, type ComplianceState, getCompliance, type RuleSource } from "@poterne/contract";
import { useCall } from "../../api/use-call.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { trailOf } from "../../shell/navigation.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { When } from "../../ui/when.tsx";
import { type ComplianceWords, useComplianceWords } from "./compliance-words.ts";

const MARKS = {
  met: "up",
  partly: "degraded",
  "not-met": "down",
  "not-applicable": "maintenance",
  "not-recovered": "unknown",
} as const satisfies Record<ComplianceState, string>;

/** Each rule Poterne knows of, how it stands on this installation, the evidence and where to change it; prints well. */
export function CompliancePage() {
  const words = useComplianceWords();
  const state = useCall(getCompliance);
  if (state.error !== null) return <FailureView error={state.error} onRetry={() => void state.refetch()} />;
  if (state.data === undefined) return <PageLoader />;
  const { organisation, version, judgedAtMs, rules } = state.data;
  const sources = [...new Set(rules.map(({ source }) => source))];
  return (
    <Page
      title={words.title}
      intro={words.intro}
      actions={
        <Button variant="default" className="not-printed" onClick={() => window.print()}>
          {words.print}
        </Button>
      }
    >
      <Text size="sm">
        {words.judged(organisation, version)} <When atMs={judgedAtMs} /> — {words.onlyThese}
      </Text>
      {sources.map((source) => (
        <Source key={source} source={source} rules={rules.filter((rule) => rule.source === source)} />
      ))}
    </Page>
  );
}

function Source(props: { readonly source: RuleSource; readonly rules: readonly ComplianceRule[] }) {
  const words = useComplianceWords();
  const { language } = useLanguage();
  const title = words.sources[props.source];
  const known = props.rules.filter(({ state }) => state !== "not-recovered");
  const lost = props.rules.filter(({ state }) => state === "not-recovered");
  return (
    <Section title={title} text={tally(props.rules, words)}>
      {known.length > 0 && (
        <SimpleTable
          label={title}
          headings={[words.rule, words.state, words.evidence, words.remedy]}
          rows={known.map((rule) => ({
            key: `${rule.number} ${rule.meaning.en}`,
            cells: [
              <RuleText key="rule" number={rule.number} meaning={rule.meaning[language]} />,
              <span key="state" style={{ whiteSpace: "nowrap" }}>
                <StateMark state={MARKS[rule.state]} word={words.states[rule.state]} />
              </span>,
              <Stack key="evidence" gap={4}>
                {rule.evidence.map((found) => (
                  <Text key={found.en} size="sm">
                    {found[language]}
                  </Text>
                ))}
                <Proofs proofs={rule.proofs} />
              </Stack>,
              <ToDo key="remedy" rule={rule} />,
            ],
          }))}
        />
      )}
      {lost.length > 0 && (
        <Text size="sm" c="dimmed">
          {words.notRecovered(
            lost
              .map(({ number, meaning }) => (number === "" ? meaning[language].replace(/\.$/, "") : number))
              .join(", "),
          )}
        </Text>
      )}
    </Section>
  );
}

/** How many rules are in which state, in words. */
function tally(rules: readonly ComplianceRule[], { states, colon }: ComplianceWords): string {
  return (Object.keys(MARKS) as ComplianceState[])
    .map((state) => ({ state, count: rules.filter((rule) => rule.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${states[state]}${colon}${count}`)
    .join(" · ");
}

function RuleText(props: { readonly number: string; readonly meaning: string }) {
  return (
    <Text size="sm">
      {props.number !== "" && (
        <Text span fw={600}>
          {props.number}{" "}
        </Text>
      )}
      {props.meaning}
    </Text>
  );
}

/** What the journal tells: the last act or test of each kind, with a link to its entry. */
function Proofs({ proofs }: { readonly proofs: ComplianceRule["proofs"] }) {
  const words = useComplianceWords();
  const { language } = useLanguage();
  return proofs.map(({ what, atMs, entryId, isGood }) => (
    <Text key={what.en} size="sm" c="dimmed">
      {what[language]}
      {words.colon}
      {atMs === null || entryId === null ? (
        words.noProof
      ) : (
        <AppLink to="/journal" search={{ entry: entryId }} size="sm">
          {formatDateTime(language, atMs)}
        </AppLink>
      )}
      {atMs !== null && !isGood && ` — ${words.wentBadly}`}
    </Text>
  ));
}

function ToDo({ rule }: { readonly rule: ComplianceRule }) {
  const words = useComplianceWords();
  const { shell } = useWords();
  const { language } = useLanguage();
  return (
    <Stack gap={4} align="flex-start">
      {rule.remedy !== null && <Text size="sm">{rule.remedy[language]}</Text>}
      {rule.place !== null && (
        <AppLink to={rule.place} size="sm">
          {words.change(String(shell[trailOf(rule.place).at(-1)?.word ?? "admin"]))}
        </AppLink>
      )}
    </Stack>
  );
}
