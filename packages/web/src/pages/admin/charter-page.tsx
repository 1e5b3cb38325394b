import { Button, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { listCharters, publishCharter } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";

const MAX_TEXT_LENGTH = 50_000;

/** The charter: the version in force, earlier ones, and publishing a new one. */
export function CharterPage() {
  const { people } = useAdminWords();
  const { language } = useLanguage();
  const canWrite = useRight("settings:write");
  const charters = useCall(listCharters);
  const [isWriting, setWriting] = useState(false);
  const [current, ...older] = charters.data?.items ?? [];
  const headOf = (charter: NonNullable<typeof current>): string =>
    people.charterCurrent(
      charter.version,
      formatDateTime(language, charter.createdAtMs),
      charter.createdByName,
    );
  return (
    <Page
      title={people.charterTitle}
      intro={people.charterIntro}
      actions={canWrite && <Button onClick={() => setWriting(true)}>{people.charterPublish}</Button>}
    >
      {charters.error !== null && (
        <FailureView error={charters.error} onRetry={() => void charters.refetch()} />
      )}
      {charters.isPending && <PageLoader />}
      {charters.data !== undefined && current === undefined && <Text>{people.charterNone}</Text>}
      {current !== undefined && (
        <Section title={headOf(current)} text={people.charterAccepted(current.acceptedCount)}>
          <Markdown text={language === "fr" ? current.textFr : current.textEn} />
        </Section>
      )}
      {older.length > 0 && (
        <Section title={people.charterOlder}>
          <Stack gap={4}>
            {older.map((charter) => (
              <Text size="sm" key={charter.version}>
                {headOf(charter)} — {people.charterAccepted(charter.acceptedCount)}
              </Text>
            ))}
          </Stack>
        </Section>
      )}
      {isWriting && (
        <CharterForm
          start={{ textFr: current?.textFr ?? "", textEn: current?.textEn ?? "" }}
          onClose={() => setWriting(false)}
        />
      )}
    </Page>
  );
}

function CharterForm(props: {
  readonly start: { readonly textFr: string; readonly textEn: string };
  readonly onClose: () => void;
}) {
  const { people } = useAdminWords();
  const [fields, setFields] = useState(props.start);
  const action = useAction(publishCharter, props.onClose);
  return (
    <FormModal
      title={people.charterPublish}
      action={people.charterPublish}
      size="xl"
      onSubmit={() => action.mutate({ body: fields })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{people.charterPublishText}</Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Textarea
          label={people.charterFr}
          required
          rows={14}
          maxLength={MAX_TEXT_LENGTH}
          value={fields.textFr}
          onChange={(event) => setFields({ ...fields, textFr: event.currentTarget.value })}
        />
        <Textarea
          label={people.charterEn}
          required
          rows={14}
          maxLength={MAX_TEXT_LENGTH}
          value={fields.textEn}
          onChange={(event) => setFields({ ...fields, textEn: event.currentTarget.value })}
        />
      </SimpleGrid>
    </FormModal>
  );
}
