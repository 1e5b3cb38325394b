import { Button, Stack, Text } from "@mantine/core";
import {
  DELETED_KINDS,
  type DeletedKind,
  type DeletedObject,
  listDeleted,
  restoreAccount,
  restoreGrant,
  restoreMachine,
  restorePolicy,
  restoreSite,
  restoreTarget,
} from "@poterne/contract";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { ChoiceFilter, FilterBar } from "../../ui/filter-bar.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { showFailure } from "../../ui/use-deletion.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { When } from "../../ui/when.tsx";

const RESTORE: Readonly<Record<DeletedKind, (id: string) => Promise<unknown>>> = {
  site: (siteId) => call(restoreSite, { params: { siteId } }),
  machine: (machineId) => call(restoreMachine, { params: { machineId } }),
  target: (targetId) => call(restoreTarget, { params: { targetId } }),
  account: (accountId) => call(restoreAccount, { params: { accountId } }),
  policy: (policyId) => call(restorePolicy, { params: { policyId } }),
  grant: (grantId) => call(restoreGrant, { params: { grantId } }),
};

/** What was deleted and can still come back. */
export function DeletedPage() {
  const { inventory } = useAdminWords();
  const { filters } = useFilters();
  const kind = DELETED_KINDS.find((known) => known === filters.kind);
  const [restored, setRestored] = useState("");
  const list = useCall(listDeleted, { query: kind === undefined ? {} : { kind } });
  return (
    <Page title={inventory.deletedTitle} intro={inventory.deletedIntro}>
      <FilterBar>
        <ChoiceFilter
          name="kind"
          label={inventory.deletedKind}
          choices={DELETED_KINDS.map((value) => ({ value, label: inventory.deletedKinds[value] }))}
        />
      </FilterBar>
      {restored !== "" && <Text role="status">{inventory.deletedRestored(restored)}</Text>}
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <PageLoader />}
      {list.data?.items.length === 0 && (
        <EmptyState title={inventory.deletedNone} text={inventory.deletedNoneText} />
      )}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Stack>
          <DeletedTable items={list.data.items} onRestored={setRestored} />
          {list.data.isCut && <Text size="sm">{inventory.deletedCut}</Text>}
        </Stack>
      )}
    </Page>
  );
}

function DeletedTable(props: {
  readonly items: readonly DeletedObject[];
  readonly onRestored: (name: string) => void;
}) {
  const { inventory, common } = useAdminWords();
  const { language } = useLanguage();
  const client = useQueryClient();
  const restore = async ({ kind, id, name }: DeletedObject): Promise<void> => {
    try {
      await RESTORE[kind](id);
      props.onRestored(name);
    } catch (error) {
      showFailure(error);
    }
    await client.invalidateQueries();
  };
  return (
    <SimpleTable
      label={inventory.deletedTitle}
      headings={[
        inventory.deletedKind,
        inventory.deletedName,
        inventory.deletedSite,
        inventory.deletedAt,
        inventory.deletedUntil,
        common.actions,
      ]}
      rows={props.items.map((item) => ({
        key: item.id,
        cells: [
          inventory.deletedKinds[item.kind],
          item.name,
          item.sitePath.length === 0 ? inventory.deletedWhole : item.sitePath.join(" / "),
          <When key="at" atMs={item.deletedAtMs} />,
          formatDate(language, item.restorableUntilMs),
          <Button
            key="restore"
            size="xs"
            variant="default"
            aria-label={`${inventory.deletedRestore} ${item.name}`}
            onClick={() => void restore(item)}
          >
            {inventory.deletedRestore}
          </Button>,
        ],
      }))}
    />
  );
}
