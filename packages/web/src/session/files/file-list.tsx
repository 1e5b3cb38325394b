import { Button, Menu, Table, Text } from "@mantine/core";
import { downloadFile, downloadFolder, removeFile, type TargetFileEntry } from "@poterne/contract";
import { useState } from "react";
import { buildPath } from "../../api/call.ts";
import { useAction } from "../../api/use-call.ts";
import { formatDateTime, formatSize } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { saveUrl } from "../../ui/save-file.ts";
import { SessionIcon } from "../session-icons.ts";
import { useSessionTexts } from "../use-texts.ts";
import { ChangeMode } from "./change-mode.tsx";
import { joinPath, writeMode } from "./paths.ts";
import { RenameFile } from "./rename-file.tsx";

interface ListProps {
  readonly sessionId: string;
  readonly folder: string;
  readonly entries: readonly TargetFileEntry[];
  readonly isCut: boolean;
  readonly canDownload: boolean;
  readonly canChange: boolean;
  readonly onGo: (path: string) => void;
  readonly onChanged: () => void;
}

const byKindAndName = (left: TargetFileEntry, right: TargetFileEntry): number =>
  Number(right.kind === "folder") - Number(left.kind === "folder") || left.name.localeCompare(right.name);

/** One folder of the target, folders first. */
export function FileList(props: ListProps) {
  const { files } = useSessionTexts();
  if (props.entries.length === 0)
    return <EmptyState title={files.empty} text={props.canChange ? files.emptyHint : ""} />;
  return (
    <>
      <Table verticalSpacing={2} highlightOnHover stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{files.name}</Table.Th>
            <Table.Th>{files.size}</Table.Th>
            <Table.Th>
              <span className="visually-hidden">{files.actionsFor(props.folder)}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.entries.toSorted(byKindAndName).map((entry) => (
            <FileRow key={entry.name} {...props} entry={entry} />
          ))}
        </Table.Tbody>
      </Table>
      {props.isCut && (
        <Text size="xs" c="dimmed" p="sm">
          {files.isCut}
        </Text>
      )}
    </>
  );
}

/** The drive and the clipboard of an RDP desktop know no owners. */
function hasRights({ owner, group }: TargetFileEntry): boolean {
  return owner !== "" || group !== "";
}

function FileRow({ entry, ...props }: ListProps & { readonly entry: TargetFileEntry }) {
  const { files } = useSessionTexts();
  const { language } = useLanguage();
  const path = joinPath(props.folder, entry.name);
  const rights = hasRights(entry) ? `${writeMode(entry.mode)} ${entry.owner}:${entry.group}` : "";
  const time = entry.modifiedAtMs > 0 ? formatDateTime(language, entry.modifiedAtMs) : "";
  const facts = [rights, time].filter((fact) => fact !== "").join(", ");
  return (
    <Table.Tr>
      <Table.Td>
        {entry.kind === "folder" ? (
          <button
            type="button"
            className="session-file-name"
            aria-label={files.openFolder(entry.name)}
            onClick={() => props.onGo(path)}
          >
            <SessionIcon.folder size={16} aria-hidden /> {entry.name}
          </button>
        ) : (
          <span className="session-file-name">
            {entry.kind === "link" ? (
              <SessionIcon.link size={16} aria-hidden />
            ) : (
              <SessionIcon.file size={16} aria-hidden />
            )}
            {entry.name}
            {entry.kind !== "file" && <span className="visually-hidden">{files.kinds[entry.kind]}</span>}
          </span>
        )}
        <Text size="xs" c="dimmed" className="numeric">
          {facts}
        </Text>
      </Table.Td>
      <Table.Td className="numeric">
        {entry.kind === "file" && <Text size="sm">{formatSize(language, entry.sizeBytes)}</Text>}
      </Table.Td>
      <Table.Td>
        <FileActions {...props} entry={entry} path={path} />
      </Table.Td>
    </Table.Tr>
  );
}

function FileActions({
  entry,
  path,
  ...props
}: ListProps & { readonly entry: TargetFileEntry; readonly path: string }) {
  const { files } = useSessionTexts();
  const [dialogue, setDialogue] = useState<"rename" | "mode" | null>(null);
  const remove = useRemove(props.sessionId, props.onChanged);
  const isFolder = entry.kind === "folder";
  const download = (): void => {
    const route = isFolder ? downloadFolder : downloadFile;
    saveUrl(
      buildPath(route.path, { sessionId: props.sessionId }, { path }),
      isFolder ? `${entry.name}.zip` : entry.name,
    );
  };
  const shared = { sessionId: props.sessionId, path, name: entry.name, onChanged: props.onChanged };
  if (!props.canDownload && !props.canChange) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="compact-sm" variant="default" aria-label={files.actionsFor(entry.name)}>
            ⋯
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {props.canDownload && (isFolder || entry.kind === "file" || entry.kind === "link") && (
            <Menu.Item onClick={download}>{isFolder ? files.downloadFolder : files.download}</Menu.Item>
          )}
          {props.canChange && (
            <>
              <Menu.Item onClick={() => setDialogue("rename")}>{files.rename}</Menu.Item>
              {hasRights(entry) && (
                <Menu.Item onClick={() => setDialogue("mode")}>{files.permissions}</Menu.Item>
              )}
              <Menu.Item color="red" onClick={() => remove.ask(entry, path)}>
                {files.remove}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {remove.error !== null && <FailureView error={remove.error} />}
      {dialogue === "rename" && (
        <RenameFile {...shared} folder={props.folder} onClose={() => setDialogue(null)} />
      )}
      {dialogue === "mode" && <ChangeMode {...shared} mode={entry.mode} onClose={() => setDialogue(null)} />}
    </>
  );
}

function useRemove(sessionId: string, onChanged: () => void) {
  const { files } = useSessionTexts();
  const confirm = useConfirm();
  const action = useAction(removeFile, onChanged);
  const ask = async (entry: TargetFileEntry, path: string): Promise<void> => {
    const isFolder = entry.kind === "folder";
    const isAgreed = await confirm({
      title: files.removeTitle(entry.name),
      text: isFolder ? files.removeFolder : files.removeFile,
      action: files.remove,
    });
    if (!isAgreed) return;
    action.mutate({ params: { sessionId }, query: { path, isRecursive: isFolder ? "true" : "false" } });
  };
  return {
    ask: (entry: TargetFileEntry, path: string) => void ask(entry, path),
    error: action.error,
  };
}
