import { Button, Group, TextInput } from "@mantine/core";
import { makeTargetFolder } from "@poterne/contract";
import { useRef, useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { SessionIcon } from "../session-icons.ts";
import { useSessionTexts } from "../use-texts.ts";
import { type DroppedFile, readChosen } from "./dropped.ts";
import { isFileName, joinPath, parentPath } from "./paths.ts";

/** What can be done in the folder shown. */
export function FileTools(props: {
  readonly sessionId: string;
  readonly folder: string;
  readonly canUpload: boolean;
  readonly onHome: () => void;
  readonly onGo: (path: string) => void;
  readonly onChosen: (files: readonly DroppedFile[] | null) => void;
  readonly onChanged: () => void;
}) {
  const { files } = useSessionTexts();
  const [isNaming, setNaming] = useState(false);
  return (
    <Group gap={4}>
      <Tool label={files.up} onClick={() => props.onGo(parentPath(props.folder))}>
        <SessionIcon.up size={16} aria-hidden />
      </Tool>
      <Tool label={files.home} onClick={props.onHome}>
        <SessionIcon.home size={16} aria-hidden />
      </Tool>
      <Tool label={files.refresh} onClick={props.onChanged}>
        <SessionIcon.refresh size={16} aria-hidden />
      </Tool>
      {props.canUpload && (
        <>
          <Tool label={files.newFolder} onClick={() => setNaming(true)}>
            <SessionIcon.newFolder size={16} aria-hidden />
          </Tool>
          <ChooseFiles label={files.upload} isFolder={false} onChosen={props.onChosen} />
          <ChooseFiles label={files.uploadFolder} isFolder onChosen={props.onChosen} />
        </>
      )}
      {isNaming && <NewFolder {...props} onClose={() => setNaming(false)} />}
    </Group>
  );
}

function Tool(props: {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </Button>
  );
}

function ChooseFiles(props: {
  readonly label: string;
  readonly isFolder: boolean;
  readonly onChosen: (files: readonly DroppedFile[] | null) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const folderMark = props.isFolder ? { webkitdirectory: "" } : {};
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<SessionIcon.upload size={16} aria-hidden />}
        onClick={() => field.current?.click()}
      >
        {props.label}
      </Button>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-hidden
        tabIndex={-1}
        {...folderMark}
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files !== null) props.onChosen(readChosen(files));
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

function NewFolder(props: {
  readonly sessionId: string;
  readonly folder: string;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}) {
  const { files } = useSessionTexts();
  const [name, setName] = useState("");
  const action = useAction(makeTargetFolder, () => {
    props.onChanged();
    props.onClose();
  });
  return (
    <FormModal
      title={files.newFolder}
      action={files.newFolder}
      isBusy={action.isPending}
      error={action.error}
      onClose={props.onClose}
      onSubmit={() => {
        if (!isFileName(name)) return;
        action.mutate({
          params: { sessionId: props.sessionId },
          body: { path: joinPath(props.folder, name) },
        });
      }}
    >
      <TextInput
        label={files.newFolderName}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        required
      />
    </FormModal>
  );
}
