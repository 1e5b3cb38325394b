import { Text } from "@mantine/core";
import { getConfiguration, getHealth } from "@poterne/contract";
import { Navigate } from "@tanstack/react-router";
import type { ReplyOf } from "../../api/call.ts";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { firstPlace } from "../../shell/navigation.ts";
import { useRight, useSignedIn } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { When } from "../../ui/when.tsx";
import { FirstSteps } from "./first-steps.tsx";

const REFRESH_MS = 30_000;

/** The gateway's health, the first steps while nothing is granted, and the effective configuration. */
export function HealthPage() {
  const { rights } = useSignedIn();
  const { health } = useAdminWords();
  const canSee = useRight("settings:read");
  if (!canSee) return <Navigate to={firstPlace(rights)} replace />;
  return (
    <Page title={health.title} intro={health.intro}>
      <FirstSteps />
      <Checks />
      <Configuration />
    </Page>
  );
}

const MARKS = { ok: "up", warning: "degraded", failed: "down" } as const;

function Checks() {
  const { health } = useAdminWords();
  const state = useCall(getHealth, {}, { refreshMs: REFRESH_MS });
  if (state.error !== null) return <FailureView error={state.error} onRetry={() => void state.refetch()} />;
  if (state.data === undefined) return <PageLoader />;
  return (
    <Section title={health.checks}>
      <Text size="sm">
        {health.version} : {state.data.version} — {health.node} : {state.data.nodeId} — {health.startedAt} :{" "}
        <When atMs={state.data.startedAtMs} /> — {health.liveSessions} : {state.data.liveSessionCount}
      </Text>
      <CheckTable checks={state.data.checks} />
    </Section>
  );
}

function CheckTable(props: { readonly checks: ReplyOf<typeof getHealth>["checks"] }) {
  const { health } = useAdminWords();
  const { language } = useLanguage();
  return (
    <SimpleTable
      label={health.checks}
      headings={[health.check, health.found, health.remedy]}
      rows={props.checks.map((check) => ({
        key: check.name,
        cells: [
          <StateMark
            key="state"
            state={MARKS[check.state]}
            word={`${check.name}\u00a0: ${health.states[check.state]}`}
          />,
          check.found[language],
          check.remedy?.[language] ?? "",
        ],
      }))}
    />
  );
}

function Configuration() {
  const { health } = useAdminWords();
  const configuration = useCall(getConfiguration);
  if (configuration.error !== null) return <FailureView error={configuration.error} />;
  if (configuration.data === undefined) return <PageLoader />;
  return (
    <Section title={health.configuration} text={health.configurationText}>
      <SimpleTable
        label={health.configuration}
        headings={[health.setting, health.value, health.origin]}
        rows={configuration.data.values.map((value) => ({
          key: value.name,
          cells: [value.name, value.value, value.origin],
        }))}
      />
    </Section>
  );
}
