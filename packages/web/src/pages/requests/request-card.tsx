import { Group, Paper, Stack, Text } from "@mantine/core";
import type { AccessRequestRow } from "@poterne/contract";
import { formatDuration } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { slotText } from "../../ui/slot-text.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";
import { When } from "../../ui/when.tsx";
import { ApproverActs, AskerActs } from "./request-acts.tsx";
import { useRequestWords } from "./use-request-words.ts";

const MARKS = {
  pending: "unknown",
  approved: "up",
  ended: "maintenance",
  refused: "down",
  expired: "maintenance",
  withdrawn: "maintenance",
  revoked: "down",
} as const;

/** One request: who asks for what, why and when, what was decided, and what can be done with it. */
export function RequestCard(props: {
  readonly request: AccessRequestRow;
  readonly as: "asker" | "approver";
}) {
  const requests = useRequestWords();
  const { request } = props;
  const { target, person, votes } = request;
  const name = targetName(target.machineName, target.name);
  return (
    <Paper withBorder p="sm" component="article" aria-label={requests.asks(person.name, name)}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start">
          <Text fw={600} size="sm">
            {props.as === "approver" ? requests.asks(person.name, name) : name}
          </Text>
          <Group gap="md">
            {request.isEmergency && <StateMark state="degraded" word={requests.isEmergency} />}
            <StateMark state={MARKS[request.state]} word={requests.states[request.state]} />
          </Group>
        </Group>
        <Text size="sm">
          {[request.ticketNumber, request.reason].filter((text) => text !== "").join(" — ")}
        </Text>
        <Text size="sm" c="dimmed">
          <Slot request={request} />
          {" · "}
          {request.policyName}
          {" · "}
          <When atMs={request.createdAtMs} isRelative />
          {request.state === "pending" &&
            ` · ${requests.quorum(votes.filter((vote) => vote.isApproval).length, request.quorum)}`}
        </Text>
        {votes.map((vote) => (
          <Text key={vote.name} size="sm">
            {vote.isApproval ? requests.voteYes(vote.name) : requests.voteNo(vote.name)}
            {vote.comment !== "" && `${requests.colon}${vote.comment}`}
          </Text>
        ))}
        {request.report !== null && (
          <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
            {`${request.closedBy === null ? requests.report : requests.closedBy(request.closedBy)}${requests.colon}${request.report}`}
          </Text>
        )}
        {request.isReportDue && <StateMark state="degraded" word={requests.reportDue} />}
        {props.as === "asker" &&
          request.isEmergency &&
          request.state === "approved" &&
          request.report === null && <StateMark state="unknown" word={requests.reportLater} />}
        {props.as === "approver" ? <ApproverActs request={request} /> : <AskerActs request={request} />}
      </Stack>
    </Paper>
  );
}

function Slot({ request }: { readonly request: AccessRequestRow }) {
  const requests = useRequestWords();
  const { language } = useLanguage();
  const { fromMs, toMs, createdAtMs, minutes, state } = request;
  // Still waiting and "from the approval on": there are no dates yet.
  if (state === "pending" && fromMs === createdAtMs)
    return <>{requests.onApproval(formatDuration(language, minutes * 60_000))}</>;
  return <>{slotText(language, fromMs, toMs)}</>;
}
