import { Badge, Button, Text } from "@mantine/core";
import { endMySignIn, listMySignIns } from "@poterne/contract";
import { useAction, useCall } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { TableSkeleton } from "../../ui/table-skeleton.tsx";
import { When } from "../../ui/when.tsx";

/** The browsers where one is signed in. */
export function SignInsSection() {
  const { me, common } = useWords();
  const list = useCall(listMySignIns);
  const end = useAction(endMySignIn);
  const items = list.data?.items ?? [];
  return (
    <Section
      title={me.signIns}
      text={me.signInsText}
      actions={
        items.length > 1 && (
          <Button variant="default" size="xs" onClick={() => end.mutate({ params: { signInId: "others" } })}>
            {me.endOthers}
          </Button>
        )
      }
    >
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {end.error !== null && <FailureView error={end.error} />}
      {list.isPending ? (
        <TableSkeleton label={common.loading} />
      ) : (
        <SimpleTable
          label={me.signIns}
          headings={[me.browser, me.address, me.lastSeen, me.endsAt, common.actions]}
          rows={items.map((row) => ({
            key: row.signInId,
            cells: [
              <Text key="agent" size="sm" maw={320} truncate title={row.userAgent}>
                {shortAgent(row.userAgent)}
              </Text>,
              row.sourceAddress,
              <When key="seen" atMs={row.lastSeenAtMs} isRelative />,
              <When key="ends" atMs={row.endsAtMs} />,
              row.isCurrent ? (
                <Badge key="this" variant="default" tt="none">
                  {me.thisOne}
                </Badge>
              ) : (
                <Button
                  key="end"
                  size="xs"
                  variant="default"
                  onClick={() => end.mutate({ params: { signInId: row.signInId } })}
                >
                  {me.endOne}
                </Button>
              ),
            ],
          }))}
        />
      )}
    </Section>
  );
}

/** The browser's and system's names out of a user agent, the whole of it when they are not found. */
function shortAgent(userAgent: string): string {
  const browser = /(Firefox|Edg|Chrome|Safari)\/(\d+)/.exec(userAgent);
  const system = /\((?:X11; )?([^;)]+)/.exec(userAgent);
  return browser === null ? userAgent : `${browser[1]} ${browser[2]} — ${system?.[1] ?? ""}`;
}
