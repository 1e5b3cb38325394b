import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { listMyFactors, removeMyFactor, renewRecoveryCodes } from "@poterne/contract";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useSignedIn } from "../../shell/signed-in.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { EnrolDevice } from "../../ui/enrol-device.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { RecoveryCodes } from "../../ui/recovery-codes.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { TableSkeleton } from "../../ui/table-skeleton.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";

/** The devices that confirm who one is, and the recovery codes. */
export function FactorsSection() {
  const { me, common, signIn } = useWords();
  const { passkeys } = useSignedIn();
  const client = useQueryClient();
  const confirm = useConfirm();
  const [isAdding, setAdding] = useState(false);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const factors = useCall(listMyFactors);
  const renew = useAction(renewRecoveryCodes, (reply) => setCodes(reply.recoveryCodes));
  const askRenew = async (): Promise<void> => {
    const isSure = await confirm({
      title: me.recoveryRenew,
      text: me.recoveryRenewText,
      action: me.recoveryRenew,
    });
    if (isSure) renew.mutate({});
  };
  return (
    <Section
      title={me.factors}
      text={me.factorsText}
      actions={
        <Button variant="default" size="xs" onClick={() => setAdding(true)}>
          {me.addFactor}
        </Button>
      }
    >
      {factors.error !== null && <FailureView error={factors.error} onRetry={() => void factors.refetch()} />}
      {factors.isPending && <TableSkeleton label={common.loading} />}
      {factors.data !== undefined && <FactorTable items={factors.data.items} />}
      <Group>
        <Text size="sm">
          {me.recovery} : {me.recoveryLeft(factors.data?.recoveryCodesLeft ?? 0)}
        </Text>
        <Button variant="default" size="xs" loading={renew.isPending} onClick={() => void askRenew()}>
          {me.recoveryRenew}
        </Button>
      </Group>
      {renew.error !== null && <FailureView error={renew.error} />}
      <Modal
        opened={isAdding}
        onClose={() => setAdding(false)}
        title={me.addFactor}
        closeButtonProps={{ "aria-label": common.close }}
      >
        <EnrolDevice
          passkeys={passkeys}
          onEnrolled={(enrolled) => {
            setAdding(false);
            setCodes(enrolled.recoveryCodes);
            void client.invalidateQueries();
          }}
        />
      </Modal>
      <Modal opened={codes !== null} onClose={() => null} withCloseButton={false} title={signIn.codesTitle}>
        <Stack>{codes !== null && <RecoveryCodes codes={codes} onSaved={() => setCodes(null)} />}</Stack>
      </Modal>
    </Section>
  );
}

function FactorTable(props: {
  readonly items: readonly {
    factorId: string;
    method: "totp" | "passkey";
    name: string;
    createdAtMs: number;
    lastUsedAtMs: number | null;
    canRemove: boolean;
  }[];
}) {
  const { me, common } = useWords();
  const remove = useDeletion();
  return (
    <SimpleTable
      label={me.factors}
      headings={[common.name, me.factorAdded, me.factorUsed, common.actions]}
      rows={props.items.map((factor) => ({
        key: factor.factorId,
        cells: [
          `${factor.name} — ${me.factorMethod[factor.method]}`,
          <When key="added" atMs={factor.createdAtMs} />,
          <When key="used" atMs={factor.lastUsedAtMs} isRelative />,
          factor.canRemove ? (
            <Button
              key="remove"
              variant="default"
              size="xs"
              aria-label={`${common.remove} ${factor.name}`}
              onClick={() =>
                void remove({
                  remove: removeMyFactor,
                  restore: null,
                  params: { factorId: factor.factorId },
                  name: factor.name,
                  text: me.removeFactorText,
                })
              }
            >
              {common.remove}
            </Button>
          ) : (
            me.lastFactor
          ),
        ],
      }))}
    />
  );
}
