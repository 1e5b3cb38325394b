import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Route } from "@poterne/contract";
import { useQueryClient } from "@tanstack/react-query";
import { toApiFailure } from "../api/api-failure.ts";
import { type CallInput, call } from "../api/call.ts";
import { useWords } from "../i18n/tongue.tsx";
import { useConfirm } from "./confirm.tsx";
import { FailureView } from "./failure-view.tsx";

const UNDO_SHOWN_MS = 20_000;

/** What is deleted: by which route, how it comes back, its name and what the person should know first. */
export interface Deletion<D extends Route, R extends Route> {
  readonly remove: D;
  readonly restore: R | null;
  readonly params: NonNullable<CallInput<D>["params"] & CallInput<R>["params"]>;
  readonly name: string;
  readonly text: string;
  readonly onDone?: () => void;
}

/** Deletes after a confirmation and offers to undo where the thing can come back. */
export function useDeletion(): <D extends Route, R extends Route>(deletion: Deletion<D, R>) => Promise<void> {
  const { common, shell } = useWords();
  const confirm = useConfirm();
  const client = useQueryClient();
  return async (deletion) => {
    const isSure = await confirm({
      title: `${common.remove} : ${deletion.name}`,
      text: deletion.text,
      action: common.remove,
    });
    if (!isSure) return;
    try {
      await call(deletion.remove, { params: deletion.params });
      deletion.onDone?.();
      await client.invalidateQueries();
      const { restore } = deletion;
      if (restore !== null) {
        offerUndo(shell.deletedToast(deletion.name), async () => {
          await call(restore, { params: deletion.params });
          await client.invalidateQueries();
        });
      }
    } catch (error) {
      showFailure(error);
    }
  };
}

/** Shows a failure that has no place of its own on the page. */
export function showFailure(error: unknown): void {
  notifications.show({
    message: <FailureView error={toApiFailure(error)} />,
    autoClose: false,
    withBorder: true,
  });
}

/** Says for a while that something is gone, with a button that brings it back. */
export function offerUndo(message: string, undo: () => Promise<void>): void {
  const id = notifications.show({
    autoClose: UNDO_SHOWN_MS,
    withBorder: true,
    message: (
      <UndoLine
        message={message}
        onUndo={() => {
          notifications.hide(id);
          undo().catch(showFailure);
        }}
      />
    ),
  });
}

function UndoLine(props: { readonly message: string; readonly onUndo: () => void }) {
  const { shell } = useWords();
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{props.message}</Text>
      <Button size="xs" variant="default" flex="none" onClick={props.onUndo}>
        {shell.undo}
      </Button>
    </Group>
  );
}
