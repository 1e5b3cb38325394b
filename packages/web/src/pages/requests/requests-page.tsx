import { Button, Stack, Text } from "@mantine/core";
import { type AccessRequestRow, listMyRequests, listRequests } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useRight, useSignedIn } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { RequestCard } from "./request-card.tsx";
import { RequestForm } from "./request-form.tsx";
import { SharedAccounts } from "./shared-accounts.tsx";

/** What others decide is seen within this. */
const REFRESH_MS = 10_000;

/** Requests: one's own, and those that wait for one's decision. `?target=` opens the form for a target. */
export function RequestsPage() {
  const { requests } = useWords();
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
      {canDecide && <Decisions />}
      {canAsk && <SharedAccounts />}
      {canAsk && <Mine />}
      {(isAsking || wanted !== null) && <RequestForm targetId={wanted} renews={null} onClose={close} />}
    </Page>
  );
}

function Decisions() {
  const { requests } = useWords();
  const { person: me } = useSignedIn();
  const list = useCall(listRequests, {}, { refreshMs: REFRESH_MS });
  const items = list.data?.items ?? [];
  const waiting = items.filter(({ canDecide }) => canDecide);
  // One's own stand among one's own.
  const others = items.filter(({ canDecide, person }) => !canDecide && person.personId !== me.personId);
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

function Mine() {
  const { requests } = useWords();
  const list = useCall(listMyRequests, {}, { refreshMs: REFRESH_MS });
  return (
    <Section title={requests.mine}>
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
