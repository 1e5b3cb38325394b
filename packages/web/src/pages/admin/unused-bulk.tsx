import { Button, Group, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { bulkGrants, type UnusedRow } from "@poterne/contract";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { readLocalTime } from "../../ui/local-time.ts";
import { offerUndo, showFailure } from "../../ui/use-deletion.tsx";
import { changeRights } from "./unused-acts.ts";

interface Chosen {
  readonly rows: readonly UnusedRow[];
  readonly onDone: () => void;
}

/** What can be done to the rights chosen: take them away, with an undo, or give grants an end. */
export function UnusedBulk({ rows, onDone }: Chosen) {
  const { unused } = useAdminWords();
  const confirm = useConfirm();
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const revoke = async (): Promise<void> => {
    const wish = { title: unused.revokeTitle(rows.length), text: unused.revokeText, action: unused.revoke };
    if (!(await confirm(wish))) return;
    setBusy(true);
    let done = 0;
    const isWhole = await changeRights(rows, "revoke", (count) => {
      done += count;
    }).then(
      () => true,
      (error: unknown) => {
        showFailure(error);
        return false;
      },
    );
    setBusy(false);
    await client.invalidateQueries();
    if (!isWhole) notifications.show({ message: unused.partly(done, rows.length), withBorder: true });
    else
      offerUndo(unused.done(done), async () => {
        await changeRights(rows, "restore", () => {});
        await client.invalidateQueries();
      });
    onDone();
  };
  return (
    <Group gap="sm" align="flex-end" className="not-printed">
      <Text size="sm">{unused.chosen(rows.length)}</Text>
      <Button color="red" variant="outline" loading={isBusy} onClick={() => void revoke()}>
        {unused.revoke}
      </Button>
      {rows.some(({ kind }) => kind === "grant") && <EndDate rows={rows} onDone={onDone} />}
    </Group>
  );
}

function EndDate({ rows, onDone }: Chosen) {
  const { unused } = useAdminWords();
  const [text, setText] = useState("");
  const action = useAction(bulkGrants, onDone);
  const validToMs = readLocalTime(text);
  const grantIds = rows.filter(({ kind }) => kind === "grant").map(({ objectId }) => objectId);
  return (
    <>
      <TextInput
        type="datetime-local"
        label={unused.endAt}
        description={unused.endHint}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={validToMs === null}
        loading={action.isPending}
        onClick={() => action.mutate({ body: { grantIds, action: { kind: "end-at", validToMs } } })}
      >
        {unused.setEnd}
      </Button>
      {action.error !== null && <FailureView error={action.error} />}
    </>
  );
}
