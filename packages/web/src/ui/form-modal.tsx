import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { toApiFailure } from "../api/api-failure.ts";
import { useWords } from "../i18n/tongue.tsx";
import { FailureView } from "./failure-view.tsx";

/** A form in a dialogue: what went wrong stays above the buttons, nothing closes before it is saved. */
export function FormModal(props: {
  readonly title: string;
  readonly action: string;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** It is done and the dialogue tells what came of it: there is nothing left but to close it. */
  readonly isDone?: boolean;
  readonly size?: string;
  readonly children: ReactNode;
}) {
  const { common } = useWords();
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? "md"}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit();
        }}
      >
        <Stack>
          {props.children}
          <SaveFailure error={props.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              {props.isDone === true ? common.close : common.cancel}
            </Button>
            {props.isDone !== true && (
              <Button type="submit" loading={props.isBusy}>
                {props.action}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Why something was not saved; a version changed by somebody else gets its own words. */
export function SaveFailure({ error }: { readonly error: unknown }) {
  const { common } = useWords();
  if (error === null || error === undefined) return null;
  if (toApiFailure(error).code !== "conflict") return <FailureView error={error} />;
  return (
    <Alert color="orange" variant="outline" role="alert" title={common.conflictTitle}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{common.conflictNext}</Text>
        <Button size="xs" variant="default" onClick={() => location.reload()}>
          {common.reload}
        </Button>
      </Stack>
    </Alert>
  );
}
