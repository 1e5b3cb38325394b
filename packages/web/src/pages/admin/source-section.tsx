import { Button, Group, Stack, Text } from "@mantine/core";
import { getSourceList, type SourceListKind, setSourceList } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { NetworksInput } from "../../ui/networks-input.tsx";
import { Section } from "../../ui/section.tsx";

interface OfObject {
  readonly kind: SourceListKind;
  readonly objectId: string;
}

/** From where a person, a group, a target or a grant may be used, on its page. */
export function SourceSection({ kind, objectId }: OfObject) {
  const { rules, sourceNotes } = useAdminWords();
  const canWrite = useRight("access:write");
  const canRead = useRight("access:read");
  const [isEditing, setEditing] = useState(false);
  const list = useCall(getSourceList, { params: { kind, objectId } }, { isEnabled: canRead });
  if (!canRead) return null;
  const networks = list.data?.networks ?? [];
  return (
    <Section
      title={rules.networks}
      text={rules.networksOf[kind]}
      actions={
        canWrite &&
        list.data !== undefined && (
          <Button size="xs" variant="default" onClick={() => setEditing(true)}>
            {rules.networksChange}
          </Button>
        )
      }
    >
      {list.error !== null && <FailureView error={list.error} />}
      {list.data !== undefined && (
        <Group gap="xs">
          {networks.length === 0 ? (
            <Text size="sm">{rules.anywhere}</Text>
          ) : (
            networks.map((network) => (
              <Text key={network} span size="sm" className="numeric">
                {network}
              </Text>
            ))
          )}
        </Group>
      )}
      {networks.length > 0 && (
        <Text size="sm" c="dimmed">
          {sourceNotes.together}
        </Text>
      )}
      {isEditing && (
        <SourceForm kind={kind} objectId={objectId} networks={networks} onClose={() => setEditing(false)} />
      )}
    </Section>
  );
}

function SourceForm(
  props: OfObject & { readonly networks: readonly string[]; readonly onClose: () => void },
) {
  const { rules, common } = useAdminWords();
  const [networks, setNetworks] = useState([...props.networks]);
  const { kind, objectId } = props;
  const action = useAction(setSourceList, props.onClose);
  return (
    <FormModal
      title={rules.networks}
      action={common.save}
      onSubmit={() => action.mutate({ params: { kind, objectId }, body: { networks } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Stack gap="xs">
        <Text size="sm">{rules.networksOf[kind]}</Text>
        <NetworksInput value={networks} onChange={setNetworks} />
      </Stack>
    </FormModal>
  );
}
