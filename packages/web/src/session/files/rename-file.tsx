import { TextInput } from "@mantine/core";
import { renameFile } from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { useSessionTexts } from "../use-texts.ts";
import { isFileName, joinPath } from "./paths.ts";

/** Gives a file or folder another name in its folder. */
export function RenameFile(props: {
  readonly sessionId: string;
  readonly folder: string;
  readonly path: string;
  readonly name: string;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}) {
  const { files } = useSessionTexts();
  const [name, setName] = useState(props.name);
  const action = useAction(renameFile, () => {
    props.onChanged();
    props.onClose();
  });
  return (
    <FormModal
      title={files.rename}
      action={files.rename}
      isBusy={action.isPending}
      error={action.error}
      onClose={props.onClose}
      onSubmit={() => {
        if (!isFileName(name) || name === props.name) return;
        const to = joinPath(props.folder, name);
        action.mutate({ params: { sessionId: props.sessionId }, body: { from: props.path, to } });
      }}
    >
      <TextInput
        label={files.renameTo}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        required
      />
    </FormModal>
  );
}
