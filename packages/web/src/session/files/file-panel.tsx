import { Alert, CloseButton, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { listFiles } from "@poterne/contract";
import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useMemo, useRef, useState } from "react";
import { toApiFailure } from "../../api/api-failure.ts";
import { useCall } from "../../api/use-call.ts";
import { useEntryWords } from "../../i18n/tongue.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { useObservable } from "../use-observable.ts";
import { useStage } from "../use-stage.ts";
import { useSessionTexts } from "../use-texts.ts";
import { type DroppedFile, MAX_DROPPED_FILES, readDrop } from "./dropped.ts";
import { FileList } from "./file-list.tsx";
import { FileTools } from "./file-tools.tsx";
import { PathTrail } from "./path-trail.tsx";
import { TransferList } from "./transfer-list.tsx";
import { TransferQueue } from "./transfer-queue.ts";

/** What the gateway answers when the policy lets files pass in neither direction. */
const BLOCKED = "files-not-allowed";

/** The target's files beside the terminal: browse, send, receive, rename, delete, permissions; by policy. */
export function FilePanel({
  sessionId,
  onClose,
}: {
  readonly sessionId: string;
  readonly onClose: () => void;
}) {
  const { files } = useSessionTexts();
  const words = useEntryWords();
  const [path, setPath] = useState<string | null>(null);
  const client = useQueryClient();
  const query = path === null ? {} : { path };
  const listing = useCall(listFiles, { params: { sessionId }, query });
  const reload = (): void => void client.invalidateQueries({ queryKey: [listFiles.path] });
  const queue = useQueue(sessionId, reload);
  const folder = listing.data?.path ?? path ?? "/";
  const isBlocked = listing.error !== null && toApiFailure(listing.error).code === BLOCKED;
  const upload = useUpload(queue, listing.data, folder);
  const drop = useDropZone(upload.take, listing.data?.canUpload === true);
  return (
    <section className="session-files" aria-label={files.title} {...drop.handlers}>
      <Stack gap="xs" p="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {files.title}
          </Title>
          <CloseButton aria-label={files.close} onClick={onClose} />
        </Group>
        {isBlocked ? (
          <Alert color="orange">{files.blocked}</Alert>
        ) : (
          <>
            <PathTrail path={folder} onGo={setPath} />
            <FileTools
              sessionId={sessionId}
              folder={folder}
              canUpload={listing.data?.canUpload === true}
              onHome={() => setPath(null)}
              onGo={setPath}
              onChosen={upload.take}
              onChanged={reload}
            />
          </>
        )}
        <FolderHint folder={folder} />
        {listing.data?.canUpload === false && <Text size="xs">{files.dropRefused}</Text>}
        {listing.data?.canDownload === false && <Text size="xs">{files.downloadOff}</Text>}
        {upload.isTooMany && (
          <Alert color="orange" role="alert">
            {files.tooMany(MAX_DROPPED_FILES)}
          </Alert>
        )}
      </Stack>
      <div className="session-files-list">
        {listing.error !== null && !isBlocked && <FailureView error={listing.error} onRetry={reload} />}
        {listing.isPending && <Loader size="sm" m="md" role="status" aria-label={words.common.loading} />}
        {listing.data !== undefined && listing.error === null && (
          <FileList
            sessionId={sessionId}
            folder={folder}
            entries={listing.data.entries}
            isCut={listing.data.isCut}
            canDownload={listing.data.canDownload}
            canChange={listing.data.canUpload}
            onGo={setPath}
            onChanged={reload}
          />
        )}
      </div>
      <TransferList queue={queue} />
      {drop.isOver && (
        <div className="session-files-drop">
          {listing.data?.canUpload === true ? files.drop : files.dropRefused}
        </div>
      )}
    </section>
  );
}

/** What the two folders beside an RDP desktop stand for. */
function FolderHint({ folder }: { readonly folder: string }) {
  const { files } = useSessionTexts();
  const { hello } = useObservable(useStage().connection.state);
  if (hello?.protocol !== "rdp") return null;
  const hint = /^\/Poterne(?:\/|$)/.test(folder)
    ? files.drive
    : folder === "/Clipboard"
      ? files.clipboard
      : null;
  return hint === null ? null : <Text size="xs">{hint}</Text>;
}

function useQueue(sessionId: string, onDone: () => void): TransferQueue {
  const latest = useRef(onDone);
  latest.current = onDone;
  const queue = useMemo(() => new TransferQueue(sessionId, () => latest.current()), [sessionId]);
  useEffect(() => () => queue.dispose(), [queue]);
  return queue;
}

interface Listing {
  readonly entries: readonly { readonly name: string }[];
  readonly fileMaxBytes: number;
  readonly canUpload: boolean;
}

/** Takes files to upload; asks before something of the same name is replaced. */
function useUpload(queue: TransferQueue, listing: Listing | undefined, folder: string) {
  const { files } = useSessionTexts();
  const confirm = useConfirm();
  const [isTooMany, setTooMany] = useState(false);
  const take = async (dropped: readonly DroppedFile[] | null): Promise<void> => {
    setTooMany(dropped === null);
    if (dropped === null || listing?.canUpload !== true) return;
    const taken = new Set(listing.entries.map((entry) => entry.name));
    const clashes = [...new Set(dropped.map((file) => file.relativePath.split("/")[0] ?? ""))].filter(
      (name) => taken.has(name),
    );
    for (const name of clashes) {
      const question = { title: files.exists(name), text: files.existsText, action: files.replace };
      if (!(await confirm(question))) return;
    }
    queue.add(dropped, folder, listing.fileMaxBytes);
  };
  return { take: (dropped: readonly DroppedFile[] | null) => void take(dropped), isTooMany };
}

function useDropZone(take: (dropped: readonly DroppedFile[] | null) => void, canUpload: boolean) {
  const [depth, setDepth] = useState(0);
  const isFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return {
    isOver: depth > 0,
    handlers: {
      onDragEnter: (event: DragEvent) => {
        if (isFiles(event)) setDepth((count) => count + 1);
      },
      onDragLeave: () => setDepth((count) => Math.max(0, count - 1)),
      onDragOver: (event: DragEvent) => {
        if (isFiles(event)) event.preventDefault();
      },
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        setDepth(0);
        if (canUpload) void readDrop(event.dataTransfer).then(take);
      },
    },
  };
}
