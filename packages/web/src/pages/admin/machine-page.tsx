import { Badge, Button, Group, List, Text } from "@mantine/core";
import {
  deleteMachine,
  deleteTarget,
  getMachine,
  restoreMachine,
  restoreTarget,
  type TargetRow,
} from "@poterne/contract";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { ReplyOf } from "../../api/call.ts";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { Identities } from "./identities.tsx";
import { MachineForm } from "./machine-form.tsx";
import { SourceSection } from "./source-section.tsx";
import { TargetForm } from "./target-form.tsx";

/** One machine with its ways in and their pinned identities. */
export function MachinePage() {
  const { machine: machineId = "" } = useParams({ strict: false });
  const machine = useCall(getMachine, { params: { machineId } });
  if (machine.error !== null) {
    return <FailureView error={machine.error} onRetry={() => void machine.refetch()} />;
  }
  if (machine.data === undefined) return <PageLoader />;
  return <MachineView machine={machine.data} />;
}

function MachineView({ machine }: { readonly machine: ReplyOf<typeof getMachine> }) {
  const { inventory, common } = useAdminWords();
  const canWrite = useRight("inventory:write");
  const navigate = useNavigate();
  const remove = useDeletion();
  const [isEditing, setEditing] = useState(false);
  const [target, setTarget] = useState<{ target: TargetRow | null } | null>(null);
  const removeMachine = (): void =>
    void remove({
      remove: deleteMachine,
      restore: restoreMachine,
      params: { machineId: machine.machineId },
      name: machine.name,
      text: inventory.machineDeleteText,
      onDone: () => void navigate({ to: "/admin/machines" }),
    });
  return (
    <Page
      title={machine.name}
      intro={machine.sitePath.join(" / ")}
      actions={
        canWrite && (
          <>
            <Button onClick={() => setTarget({ target: null })}>{inventory.targetAdd}</Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              {common.edit}
            </Button>
            <Button variant="outline" color="red" onClick={removeMachine}>
              {common.remove}
            </Button>
          </>
        )
      }
    >
      <Section title={inventory.machineFacts}>
        <List size="sm">
          <List.Item>
            {inventory.machineAddresses} : {machine.addresses.join(", ")}
          </List.Item>
          {machine.kerberosName !== "" && (
            <List.Item>
              {inventory.machineKerberos} : {machine.kerberosName}
            </List.Item>
          )}
          {Object.entries(machine.facts).map(([name, value]) => (
            <List.Item key={name}>
              {name} : {value}
            </List.Item>
          ))}
        </List>
        {machine.notes !== "" && <Text size="sm">{machine.notes}</Text>}
        {machine.isDisabled && <Badge variant="default">{inventory.disabledMark}</Badge>}
      </Section>
      {machine.targets.map((row) => (
        <TargetSection
          key={row.targetId}
          target={row}
          canWrite={canWrite}
          onEdit={() => setTarget({ target: row })}
        />
      ))}
      {isEditing && <MachineForm machine={machine} onClose={() => setEditing(false)} />}
      {target !== null && (
        <TargetForm machineId={machine.machineId} target={target.target} onClose={() => setTarget(null)} />
      )}
    </Page>
  );
}

function TargetSection(props: {
  readonly target: TargetRow;
  readonly canWrite: boolean;
  readonly onEdit: () => void;
}) {
  const { inventory, common } = useAdminWords();
  const { target } = props;
  const remove = useDeletion();
  const removeTarget = (): void =>
    void remove({
      remove: deleteTarget,
      restore: restoreTarget,
      params: { targetId: target.targetId },
      name: target.name,
      text: inventory.targetDeleteText,
    });
  return (
    <Section
      title={target.name}
      text={`${target.protocol.toUpperCase()} — ${target.address ?? ""}:${target.port}${
        target.isDisabled ? ` — ${inventory.disabledMark}` : ""
      }`}
      actions={
        props.canWrite && (
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              aria-label={`${common.edit} ${target.name}`}
              onClick={props.onEdit}
            >
              {common.edit}
            </Button>
            <Button
              size="xs"
              variant="default"
              aria-label={`${common.remove} ${target.name}`}
              onClick={removeTarget}
            >
              {common.remove}
            </Button>
          </Group>
        )
      }
    >
      <Identities target={target} canWrite={props.canWrite} />
      <SourceSection kind="target" objectId={target.targetId} />
    </Section>
  );
}
