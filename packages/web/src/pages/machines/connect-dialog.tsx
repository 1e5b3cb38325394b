import { Modal, Stack } from "@mantine/core";
import type { MyTarget } from "@poterne/contract";
import { useWords } from "../../i18n/tongue.tsx";
import { ConnectForm } from "./connect-form.tsx";
import { FactSentences } from "./target-facts.tsx";

/** What the policy wants to know before a target opens, in a dialogue over the list. */
export function ConnectDialog(props: {
  readonly target: MyTarget;
  /** Machine and target. */
  readonly fullName: string;
  readonly onClose: () => void;
}) {
  const { machines, common } = useWords();
  const { target, fullName, onClose } = props;
  return (
    <Modal
      opened
      onClose={onClose}
      title={machines.openTitle(fullName)}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <Stack>
        <FactSentences target={target} />
        <ConnectForm target={target} />
      </Stack>
    </Modal>
  );
}
