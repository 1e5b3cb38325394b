import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";
import { useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** What the person is asked before something of the target reaches out of the page, or much goes in. */
export type StageQuestion =
  | { readonly kind: "paste"; readonly text: string; readonly lineCount: number }
  | { readonly kind: "link"; readonly address: string };

/** A paste of many lines shows what would go; the rest is counted. */
const MAX_PREVIEW_LENGTH = 4000;

/** Asks before several lines are pasted, and before a link of the target is opened. */
export function StageQuestionDialogue() {
  const { question } = useStageState();
  if (question === null) return null;
  return question.kind === "paste" ? (
    <PasteDialogue text={question.text} lineCount={question.lineCount} />
  ) : (
    <LinkDialogue address={question.address} />
  );
}

function PasteDialogue({ text, lineCount }: { readonly text: string; readonly lineCount: number }) {
  const stage = useStage();
  const { paste } = useSessionTexts();
  const { common } = useEntryWords();
  const [isAlways, setAlways] = useState(false);
  return (
    <Modal
      opened
      onClose={() => stage.answer(false)}
      title={paste.title(lineCount)}
      size="lg"
      closeButtonProps={{ "aria-label": common.close }}
      returnFocus={false}
    >
      <Stack>
        <Text size="sm">{paste.text}</Text>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text must scroll by keyboard too */}
        <pre className="session-paste" tabIndex={0}>
          {text.slice(0, MAX_PREVIEW_LENGTH)}
          {text.length > MAX_PREVIEW_LENGTH && "\n…"}
        </pre>
        <Checkbox
          label={paste.always}
          checked={isAlways}
          onChange={(event) => setAlways(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => stage.answer(false)} data-autofocus>
            {common.cancel}
          </Button>
          <Button onClick={() => stage.answer(true, isAlways)}>{paste.paste}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function LinkDialogue({ address }: { readonly address: string }) {
  const stage = useStage();
  const { link } = useSessionTexts();
  const { common } = useEntryWords();
  return (
    <Modal
      opened
      onClose={() => stage.answer(false)}
      title={link.title}
      size="lg"
      closeButtonProps={{ "aria-label": common.close }}
      returnFocus={false}
    >
      <Stack>
        <Text size="sm">{link.text}</Text>
        <Text className="session-fingerprint" fw={600}>
          {address}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => void navigator.clipboard?.writeText(address)}>
            {link.copy}
          </Button>
          <Button variant="default" onClick={() => stage.answer(false)} data-autofocus>
            {common.cancel}
          </Button>
          <Button onClick={() => stage.answer(true)}>{link.open}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
