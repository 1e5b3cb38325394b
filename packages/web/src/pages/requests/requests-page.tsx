import { Alert, Button, Stack, Text } from "@mantine/core";
import { type AccessRequestRow, countRequests, listMyRequests, listRequests } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useRight, useSignedIn } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { RequestCard } from "./request-card.tsx";
import { RequestForm } from "./request-form.tsx";
import { SharedAccounts } from "./shared-accounts.tsx";
import { useRequestWords } from "./use-request-words.ts";

/** What others decide is seen within this. */
const REFRESH_MS = 10_000;

/** Requests: one's own, and those that wait for one's decision. `?target=` opens the form for a target. */
export function RequestsPage() {
  const requests = useRequestWords();
  const canAsk = useRight("sessions:open");
  const canDecide = useRight("requests:decide");
  const { filters } = useFilters();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const wanted = filters.target ?? null;
  const close = (): void => {
    setAsking(false);
    if (wanted !== null) void navigate({ to: "/requests", search: {} });
  };
  return (
    <Page
      title={requests.title}
      intro={requests.intro}
      actions={canAsk && <Button onClick={() => setAsking(true)}>{requests.ask}</Button>}
    >
      {canDecide && <WaitingPasses />}
      {canDecide && <Emergencies />}
      {canDecide && <Decisions />}
      {canAsk && <SharedAccounts />}
      {canAsk && <Mine />}
      {(isAsking || wanted !== null) && <RequestForm targetId={wanted} renews={null} onClose={close} />}
    </Page>
  );
}

/** Vendor passes are decided in their own page. */
function WaitingPasses() {
  const requests = useRequestWords();
  const waiting = useCall(countRequests, {}, { refreshMs: REFRESH_MS });
  const count = waiting.data?.passes ?? 0;
  if (count === 0) return null;
  return <AppLink to="/admin/vendors">{requests.passesWait(count)}</AppLink>;
}

/** What runs without anybody's agreement, and what nobody has accounted for yet. */
function Emergencies() {
  const requests = useRequestWords();
  const list = useCall(listRequests, { query: { isOpenEmergency: true } }, { refreshMs: REFRESH_MS });
  const items = list.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={requests.emergencies}>
      <Text size="sm">{requests.emergenciesText}</Text>
      <Cards items={items} empty="" as="approver" />
    </Section>
  );
}

function Decisions() {
  const requests = useRequestWords();
  const { person: me } = useSignedIn();
  const list = useCall(listRequests, {}, { refreshMs: REFRESH_MS });
  const items = list.data?.items ?? [];
  const waiting = items.filter(({ canDecide }) => canDecide);
  // One's own stand among one's own.
  const others = items.filter(
    (item) => !item.canDecide && item.person.personId !== me.personId && !isOpenEmergency(item),
  );
  return (
    <>
      <Section title={requests.toDecide}>
        {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending ? (
          <PageLoader />
        ) : (
          <Cards items={waiting} empty={requests.noneToDecide} as="approver" />
        )}
      </Section>
      {others.length > 0 && (
        <Section title={requests.decided}>
          <Cards items={others} empty="" as="approver" />
        </Section>
      )}
    </>
  );
}

/** They stand in a section of their own. */
function isOpenEmergency({ isEmergency, isReportDue, state }: AccessRequestRow): boolean {
  return isEmergency && (isReportDue || state === "approved");
}

function Mine() {
  const requests = useRequestWords();
  const list = useCall(listMyRequests, {}, { refreshMs: REFRESH_MS });
  return (
    <Section title={requests.mine}>
      {list.data?.items.some(({ isReportDue }) => isReportDue) === true && (
        <Alert color="orange" variant="outline" title={requests.owedTitle}>
          {requests.owedText}
        </Alert>
      )}
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending ? (
        <PageLoader />
      ) : (
        <Cards items={list.data?.items ?? []} empty={requests.noneMine} as="asker" />
      )}
    </Section>
  );
}

function Cards(props: {
  readonly items: readonly AccessRequestRow[];
  readonly empty: string;
  readonly as: "asker" | "approver";
}) {
  if (props.items.length === 0) return <Text size="sm">{props.empty}</Text>;
  return (
    <Stack gap="sm">
      {props.items.map((item) => (
        <RequestCard key={item.requestId} request={item} as={props.as} />
      ))}
    </Stack>
  );
}
