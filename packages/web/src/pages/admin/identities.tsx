import { Button, Code, Group, Stack, Text, Textarea } from "@mantine/core";
import {
  addTargetIdentity,
  confirmTargetIdentity,
  removeTargetIdentity,
  type TargetIdentityRow,
  type TargetRow,
} from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useConfirm } from "../../ui/confirm.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { showFailure, useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";

/** The identities a target must present, and who vouched for them. */
export function Identities(props: { readonly target: TargetRow; readonly canWrite: boolean }) {
  const { inventory, common, accounts } = useAdminWords();
  const { target, canWrite } = props;
  const [isAdding, setAdding] = useState(false);
  if (target.protocol === "telnet") return null;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {inventory.identities}
        </Text>
        {canWrite && (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            {inventory.identityAdd}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {target.identities.length === 0 ? inventory.identityNone : inventory.identitiesText}
      </Text>
      {hasJumps(target) && <Text size="sm">{inventory.identityJumps}</Text>}
      {target.identities.length > 0 && (
        <SimpleTable
          label={inventory.identities}
          headings={[accounts.fingerprint, common.description, common.actions]}
          rows={target.identities.map((identity) => ({
            key: identity.identityId,
            cells: [
              <Code key="fingerprint">
                {identity.algorithm} {identity.fingerprint}
              </Code>,
              <IdentityState key="state" identity={identity} />,
              canWrite && <IdentityActions key="actions" target={target} identity={identity} />,
            ],
          }))}
        />
      )}
      {isAdding && <IdentityForm target={target} onClose={() => setAdding(false)} />}
    </Stack>
  );
}

function hasJumps({ options }: TargetRow): boolean {
  return (
    "jumpTargetIds" in options && Array.isArray(options.jumpTargetIds) && options.jumpTargetIds.length > 0
  );
}

function IdentityState({ identity }: { readonly identity: TargetIdentityRow }) {
  const { inventory } = useAdminWords();
  return (
    <>
      <StateMark
        state={identity.confirmedBy === null ? "degraded" : "up"}
        word={
          identity.confirmedBy === null
            ? inventory.identityUnconfirmed
            : inventory.identityConfirmed(identity.confirmedBy)
        }
      />
      <Text size="xs" c="dimmed">
        {inventory.identityBy(identity.pinnedBy)}, <When atMs={identity.pinnedAtMs} />
      </Text>
    </>
  );
}

function IdentityActions(props: { readonly target: TargetRow; readonly identity: TargetIdentityRow }) {
  const { inventory, common } = useAdminWords();
  const { identity } = props;
  const params = { targetId: props.target.targetId, identityId: identity.identityId };
  const confirm = useConfirm();
  const remove = useDeletion();
  const action = useAction(confirmTargetIdentity);
  const askConfirm = async (): Promise<void> => {
    const isSure = await confirm({
      title: `${inventory.identityConfirm} : ${identity.fingerprint}`,
      text: inventory.identityConfirmText,
      action: inventory.identityConfirm,
    });
    if (isSure) action.mutate({ params }, { onError: showFailure });
  };
  return (
    <Group gap={6} wrap="nowrap">
      {identity.confirmedBy === null && (
        <Button size="xs" variant="default" onClick={() => void askConfirm()}>
          {inventory.identityConfirm}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        aria-label={`${common.remove} ${identity.fingerprint}`}
        onClick={() =>
          void remove({
            remove: removeTargetIdentity,
            restore: null,
            params,
            name: identity.fingerprint,
            text: inventory.identityRemoveText,
          })
        }
      >
        {common.remove}
      </Button>
    </Group>
  );
}

function IdentityForm(props: { readonly target: TargetRow; readonly onClose: () => void }) {
  const { inventory } = useAdminWords();
  const [text, setText] = useState("");
  const action = useAction(addTargetIdentity, props.onClose);
  return (
    <FormModal
      title={inventory.identityAdd}
      action={inventory.identityAdd}
      onSubmit={() => action.mutate({ params: { targetId: props.target.targetId }, body: { text } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Textarea
        label={inventory.identityText}
        required
        autosize
        minRows={4}
        maxLength={16_384}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormModal>
  );
}
