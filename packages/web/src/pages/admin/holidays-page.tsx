import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { type Holiday, listHolidays, proposeHolidays, setHolidays } from "@poterne/contract";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { showFailure } from "../../ui/use-deletion.tsx";

/** Public holidays: a list that can be typed, pasted, or filled with the French ones. */
export function HolidaysPage() {
  const list = useCall(listHolidays);
  if (list.error !== null) return <FailureView error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <PageLoader />;
  return <HolidaysForm items={list.data.items} />;
}

function HolidaysForm({ items }: { readonly items: readonly Holiday[] }) {
  const { rules, common } = useAdminWords();
  const canWrite = useRight("access:write");
  const [text, setText] = useState(() => writeDays(items));
  const action = useAction(setHolidays, (reply) => setText(writeDays(reply.items)));
  const { days, wrong } = readDays(text);
  const year = new Date().getFullYear();
  const add = async (which: number): Promise<void> => {
    try {
      const { items: proposed } = await call(proposeHolidays, { params: { year: which } });
      setText((before) => writeDays(readDays(`${before}\n${writeDays(proposed)}`).days));
    } catch (error) {
      showFailure(error);
    }
  };
  return (
    <Page title={rules.holidaysTitle} intro={rules.holidaysIntro}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong === null) action.mutate({ body: { items: days } });
        }}
      >
        <Stack maw={560}>
          {canWrite && (
            <Group gap="xs">
              {[year, year + 1].map((which) => (
                <Button key={which} size="xs" variant="default" onClick={() => void add(which)}>
                  {rules.holidaysAdd(which)}
                </Button>
              ))}
            </Group>
          )}
          <Textarea
            label={rules.holidaysText}
            description={rules.holidaysHint}
            autosize
            minRows={6}
            maxRows={24}
            readOnly={!canWrite}
            value={text}
            error={wrong === null ? null : rules.holidaysWrong(wrong)}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Text size="sm">{rules.holidaysCount(days.length)}</Text>
          {action.error !== null && <FailureView error={action.error} />}
          {action.isSuccess && <Alert color="teal" variant="outline" role="status" title={rules.saved} />}
          {canWrite && (
            <Group>
              <Button type="submit" loading={action.isPending} disabled={wrong !== null}>
                {common.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Page>
  );
}

function writeDays(items: readonly Holiday[]): string {
  return items.map(({ day, name }) => `${day} ${name}`.trim()).join("\n");
}

/** The days of a text in order, each once, and the first line that is none. */
function readDays(text: string): { readonly days: Holiday[]; readonly wrong: string | null } {
  const days = new Map<string, string>();
  let wrong: string | null = null;
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    if (line === "") continue;
    const match = /^(\d{4}-\d{2}-\d{2})[\s,;]*(.*)$/.exec(line);
    if (match === null) wrong ??= line.slice(0, 60);
    else if (!days.has(match[1] ?? "")) days.set(match[1] ?? "", (match[2] ?? "").slice(0, 120));
  }
  const sorted = [...days].sort(([a], [b]) => (a < b ? -1 : 1));
  return { days: sorted.map(([day, name]) => ({ day, name })), wrong };
}
