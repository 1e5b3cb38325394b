import { Code, List, Paper, Stack, Text, Title } from "@mantine/core";
import { getMyTarget, whyNot } from "@poterne/contract";
import { useParams } from "@tanstack/react-router";
import { ApiFailure } from "../../api/api-failure.ts";
import { useCall } from "../../api/use-call.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { describeCode } from "../../ui/failure-text.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { hintText, obstacleText } from "../../ui/hint-text.ts";
import { AppLink, ButtonLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { targetName } from "../../ui/target-name.ts";
import { useRequestWords } from "../requests/use-request-words.ts";
import { ConnectForm } from "./connect-form.tsx";
import { FactSentences } from "./target-facts.tsx";

/** One target before it opens: what applies, the questions it asks; or why it cannot be opened. */
export function OpenPage() {
  const { machines } = useWords();
  const { target: targetId = "" } = useParams({ strict: false });
  const target = useCall(getMyTarget, { params: { targetId } });
  if (target.error instanceof ApiFailure && target.error.code === "not-found") {
    return <WhyNot targetId={targetId} />;
  }
  if (target.error !== null)
    return <FailureView error={target.error} onRetry={() => void target.refetch()} />;
  if (target.data === undefined) return <PageLoader />;
  const { machineName, name, sitePath } = target.data;
  return (
    <Page title={machines.openTitle(targetName(machineName, name))} intro={sitePath.join(" / ")}>
      <Paper withBorder p="md" maw={560}>
        <Stack>
          <Title order={2} size="h4">
            {machines.openRules}
          </Title>
          <FactSentences target={target.data} />
          <ConnectForm key={targetId} target={target.data} />
        </Stack>
      </Paper>
      <AppLink to="/">{machines.toMachines}</AppLink>
    </Page>
  );
}

function WhyNot({ targetId }: { readonly targetId: string }) {
  const words = useWords();
  const requests = useRequestWords();
  const { machines } = words;
  const { language } = useLanguage();
  const why = useCall(whyNot, { params: { targetId } });
  if (why.error !== null) return <FailureView error={why.error} />;
  if (why.data === undefined) return <PageLoader />;
  return (
    <Page title={machines.whyTitle}>
      <Paper withBorder p="md" maw={640}>
        <Stack>
          <Text>{machines.whyText}</Text>
          <List>
            {why.data.reasons.map(({ reason, atMs, hint }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: several grants may give the same reason
              <List.Item key={index}>
                {describeCode(`refused-${reason}`, words)} {atMs !== null && formatDateTime(language, atMs)}{" "}
                {hintText(language, hint)}
              </List.Item>
            ))}
            {why.data.obstacles.map((found) => (
              <List.Item key={found.kind}>{obstacleText(language, found)}</List.Item>
            ))}
          </List>
          {why.data.reasons.some(({ hint }) => hint?.kind === "ask") && (
            <div>
              <ButtonLink to="/requests" search={{ target: targetId }}>
                {requests.askThis}
              </ButtonLink>
            </div>
          )}
          <Text size="sm">{machines.whyAsk}</Text>
          <Code block>{location.href}</Code>
        </Stack>
      </Paper>
      <AppLink to="/">{machines.toMachines}</AppLink>
    </Page>
  );
}
