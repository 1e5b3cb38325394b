import { Button, Radio, Stack, Text, Textarea } from "@mantine/core";
import { erasePerson, exportPersonData, type PersonRow, resetPerson, updatePerson } from "@poterne/contract";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { saveText } from "../../ui/save-file.ts";
import { showFailure } from "../../ui/use-deletion.tsx";
import type { OneTimeLink } from "./link-dialogue.tsx";
import { StayingIdentities } from "./linked-section.tsx";

type Lost = "password" | "factor" | "both";

/** The help desk's reset: what was lost, then a one-time link. */
export function ResetForm(props: {
  readonly personId: string;
  readonly onClose: () => void;
  readonly onLink: (link: OneTimeLink) => void;
}) {
  const { people } = useAdminWords();
  const [what, setWhat] = useState<Lost>("password");
  const action = useAction(resetPerson, (reply) => props.onLink(reply.link));
  return (
    <FormModal
      title={people.reset}
      action={people.reset}
      onSubmit={() => action.mutate({ params: { personId: props.personId }, body: { what } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Radio.Group label={people.resetText} value={what} onChange={(value) => setWhat(value as Lost)}>
        <Stack gap="xs" mt="xs">
          <Radio value="password" label={people.resetPassword} />
          <Radio value="factor" label={people.resetFactor} />
          <Radio value="both" label={people.resetBoth} />
        </Stack>
      </Radio.Group>
    </FormModal>
  );
}

/** Erases a person's data, with a reason. */
export function EraseForm(props: { readonly personId: string; readonly onClose: () => void }) {
  const { people } = useAdminWords();
  const [reason, setReason] = useState("");
  const { language } = useLanguage();
  const action = useAction(erasePerson);
  const recordings = action.data?.recordings;
  return (
    <FormModal
      title={people.erase}
      action={people.erase}
      onSubmit={() => action.mutate({ params: { personId: props.personId }, body: { reason } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
      isDone={action.isSuccess}
    >
      <StayingIdentities personId={props.personId} />
      <Text size="sm">{people.eraseText}</Text>
      <Textarea
        label={people.eraseReason}
        required
        readOnly={action.isSuccess}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {action.data !== undefined && <Text role="status">{people.erased(action.data.pseudonym)}</Text>}
      {recordings !== undefined && (
        <Text>
          {people.erasedRecordings(recordings.deletedCount, recordings.retainedCount, recordings.heldCount)}{" "}
          {recordings.retainedUntilMs !== null &&
            people.erasedUntil(formatDate(language, recordings.retainedUntilMs))}
        </Text>
      )}
    </FormModal>
  );
}

/** Disables a person, or enables them again. */
export function DisableButton({ person }: { readonly person: PersonRow }) {
  const { people } = useAdminWords();
  const confirm = useConfirm();
  const action = useAction(updatePerson);
  const isDisabled = person.state === "disabled";
  const toggle = async (): Promise<void> => {
    const isSure =
      isDisabled ||
      (await confirm({ title: people.disable, text: people.disableText, action: people.disable }));
    if (!isSure) return;
    action.mutate(
      { params: { personId: person.personId }, body: { isDisabled: !isDisabled } },
      { onError: showFailure },
    );
  };
  return (
    <Button variant="default" loading={action.isPending} onClick={() => void toggle()}>
      {isDisabled ? people.enable : people.disable}
    </Button>
  );
}

/** Downloads everything kept about a person. */
export function useDataExport(personId: string): () => void {
  return () => {
    call(exportPersonData, { params: { personId } })
      .then((data) => saveText("poterne.json", JSON.stringify(data, null, 2), "application/json"))
      .catch(showFailure);
  };
}
