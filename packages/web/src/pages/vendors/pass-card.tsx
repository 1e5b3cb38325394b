import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import {
  decideVendorPass,
  extendVendorPass,
  type PassState,
  revokeVendorPass,
  type VendorPass,
} from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { ButtonLink } from "../../ui/link.tsx";
import { readLocalTime, writeLocalTime } from "../../ui/local-time.ts";
import { slotText } from "../../ui/slot-text.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { VoteForm } from "../requests/vote-form.tsx";
import { PassFacts } from "./pass-facts.tsx";
import { useVendorWords } from "./vendor-words.ts";

/** How a pass's state is drawn. */
export const PASS_MARKS = {
  pending: "unknown",
  scheduled: "up",
  open: "up",
  ended: "maintenance",
  refused: "down",
  expired: "maintenance",
  revoked: "down",
} as const satisfies Record<PassState, string>;

interface OfPass {
  readonly pass: VendorPass;
}

/** One pass: whose, when, on what, who agreed, and what can be done with it. */
export function PassCard({ pass }: OfPass) {
  const words = useVendorWords();
  const { language } = useLanguage();
  const title = `${pass.person.name} — ${pass.company}, ${pass.contract}`;
  return (
    <Paper withBorder p="sm" component="article" aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start">
          <Text fw={600} size="sm">
            {title}
          </Text>
          <StateMark state={PASS_MARKS[pass.state]} word={words.states[pass.state]} />
        </Group>
        <Text size="sm">{slotText(language, pass.fromMs, pass.toMs)}</Text>
        <PassFacts pass={pass} />
        <Acts pass={pass} />
      </Stack>
    </Paper>
  );
}

function Acts({ pass }: OfPass) {
  const words = useVendorWords();
  const confirm = useConfirm();
  const mayReport = useRight("sessions:read");
  const [isExtending, setExtending] = useState(false);
  const revoke = useAction(revokeVendorPass);
  const askRevoke = async (): Promise<void> => {
    const question = { title: words.revoke, text: words.revokeText, action: words.revoke };
    if (await confirm(question)) revoke.mutate({ params: { passId: pass.passId } });
  };
  const hasReport = pass.decided !== null && pass.state !== "refused";
  return (
    <>
      {revoke.error !== null && <FailureView error={revoke.error} />}
      {pass.canDecide && <Vote pass={pass} />}
      <Group gap="xs">
        {hasReport && mayReport && (
          <ButtonLink size="xs" variant="default" to={`/admin/vendors/${pass.passId}`}>
            {words.report}
          </ButtonLink>
        )}
        {pass.canExtend && (
          <Button size="xs" variant="default" onClick={() => setExtending(true)}>
            {words.extend}
          </Button>
        )}
        {pass.canRevoke && !pass.canDecide && (
          <Button
            size="xs"
            variant="outline"
            color="red"
            loading={revoke.isPending}
            onClick={() => void askRevoke()}
          >
            {words.revoke}
          </Button>
        )}
      </Group>
      {isExtending && <ExtendForm pass={pass} onClose={() => setExtending(false)} />}
    </>
  );
}

function Vote({ pass }: OfPass) {
  const decide = useAction(decideVendorPass);
  const params = { passId: pass.passId };
  return (
    <>
      {decide.error !== null && <FailureView error={decide.error} />}
      <VoteForm isPending={decide.isPending} onVote={(body) => decide.mutate({ params, body })} />
    </>
  );
}

function ExtendForm({ pass, onClose }: OfPass & { readonly onClose: () => void }) {
  const words = useVendorWords();
  const [end, setEnd] = useState(writeLocalTime(pass.toMs));
  const action = useAction(extendVendorPass, onClose);
  return (
    <FormModal
      title={words.extend}
      action={words.save}
      onSubmit={() => {
        const toMs = readLocalTime(end);
        if (toMs !== null) action.mutate({ params: { passId: pass.passId }, body: { toMs } });
      }}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <TextInput
        type="datetime-local"
        label={words.newEnd}
        description={words.toHint}
        required
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
    </FormModal>
  );
}
