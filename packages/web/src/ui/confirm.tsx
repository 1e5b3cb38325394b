import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { createContext, type ReactNode, use, useCallback, useState } from "react";
import { useWords } from "../i18n/tongue.tsx";

/** What is asked before something is destroyed. */
export interface Question {
  readonly title: string;
  /** What will happen, and whether it can be undone. */
  readonly text: string;
  /** The word on the button that does it. */
  readonly action: string;
}

type Ask = (question: Question) => Promise<boolean>;
const ConfirmContext = createContext<Ask | null>(null);

/** Asks a question in a dialogue; answers whether the person agreed. */
export function useConfirm(): Ask {
  const ask = use(ConfirmContext);
  if (ask === null) throw new Error("no confirm provider above this component");
  return ask;
}

/** Holds the one confirmation dialogue of the console. */
export function ConfirmProvider(props: { readonly children: ReactNode }) {
  const { common } = useWords();
  const [open, setOpen] = useState<{ question: Question; answer: (yes: boolean) => void } | null>(null);
  const ask = useCallback<Ask>(
    (question) => new Promise((resolve) => setOpen({ question, answer: resolve })),
    [],
  );
  const answer = (yes: boolean): void => {
    open?.answer(yes);
    setOpen(null);
  };
  return (
    <ConfirmContext value={ask}>
      {props.children}
      <Modal
        opened={open !== null}
        onClose={() => answer(false)}
        title={open?.question.title}
        closeButtonProps={{ "aria-label": common.close }}
      >
        <Stack>
          <Text size="sm">{open?.question.text}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => answer(false)} data-autofocus>
              {common.cancel}
            </Button>
            <Button color="red" onClick={() => answer(true)}>
              {open?.question.action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </ConfirmContext>
  );
}
