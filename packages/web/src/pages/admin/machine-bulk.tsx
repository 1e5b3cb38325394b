import { Button, Group, Paper, Text } from "@mantine/core";
import { bulkMachines } from "@poterne/contract";
import { useState } from "react";
import type { CallInput } from "../../api/call.ts";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Picker } from "../../ui/pickers.tsx";

type BulkAction = NonNullable<CallInput<typeof bulkMachines>["body"]>["action"];

/** What may be done to the ticked machines together. */
export function MachineBulk(props: { readonly ids: string[]; readonly onDone: () => void }) {
  const { inventory, common } = useAdminWords();
  const confirm = useConfirm();
  const [isMoving, setMoving] = useState(false);
  const action = useAction(bulkMachines, props.onDone);
  const run = (bulk: BulkAction): void => action.mutate({ body: { machineIds: props.ids, action: bulk } });
  const askDelete = async (): Promise<void> => {
    const isSure = await confirm({
      title: inventory.bulkDelete,
      text: inventory.bulkDeleteText(props.ids.length),
      action: inventory.bulkDelete,
    });
    if (isSure) run({ kind: "delete" });
  };
  return (
    <Paper withBorder p="xs">
      <Group gap="xs">
        <Text size="sm" role="status">
          {common.selected(props.ids.length)} — {inventory.bulk} :
        </Text>
        <Button size="xs" variant="default" onClick={() => setMoving(true)}>
          {inventory.bulkMove}
        </Button>
        <Button size="xs" variant="default" onClick={() => run({ kind: "disable" })}>
          {inventory.bulkDisable}
        </Button>
        <Button size="xs" variant="default" onClick={() => run({ kind: "enable" })}>
          {inventory.bulkEnable}
        </Button>
        <Button size="xs" variant="outline" color="red" onClick={() => void askDelete()}>
          {inventory.bulkDelete}
        </Button>
      </Group>
      {action.error !== null && !isMoving && <FailureView error={action.error} />}
      {isMoving && (
        <MoveForm
          isBusy={action.isPending}
          error={action.error}
          onClose={() => setMoving(false)}
          onMove={(siteId) => run({ kind: "move", siteId })}
        />
      )}
    </Paper>
  );
}

function MoveForm(props: {
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onMove: (siteId: string) => void;
}) {
  const { inventory } = useAdminWords();
  const [siteId, setSiteId] = useState<string | null>(null);
  return (
    <FormModal
      title={inventory.bulkMove}
      action={inventory.bulkMove}
      onSubmit={() => siteId !== null && props.onMove(siteId)}
      onClose={props.onClose}
      isBusy={props.isBusy}
      error={props.error}
    >
      <Picker kind="site" label={inventory.machineSite} isRequired value={siteId} onChange={setSiteId} />
    </FormModal>
  );
}
