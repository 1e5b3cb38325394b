import { Badge, Button, Group, Text } from "@mantine/core";
import {
  forgetMyRememberedDevice,
  forgetPersonRememberedDevice,
  listMyRememberedDevices,
  listPersonRememberedDevices,
  type RememberedDevice,
  rememberMyDevice,
} from "@poterne/contract";
import type { ReactNode } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { When } from "../../ui/when.tsx";
import { useFactorWords } from "../admin/factor-words.ts";

/** One's own remembered browsers; nothing at all where none may be and none is. */
export function RememberedSection() {
  const words = useFactorWords();
  const list = useCall(listMyRememberedDevices);
  const remember = useAction(rememberMyDevice);
  const forget = useAction(forgetMyRememberedDevice);
  if (list.error !== null) return <FailureView error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined || list.data.rememberedDays === 0) return null;
  const { items, rememberedDays } = list.data;
  return (
    <Section
      title={words.browsersTitle}
      text={`${words.browsersText} ${words.rememberedDays(rememberedDays)}`}
      actions={
        <Group gap="xs">
          {!items.some(({ isCurrent }) => isCurrent) && (
            <Button
              size="xs"
              variant="default"
              loading={remember.isPending}
              onClick={() => remember.mutate({})}
            >
              {words.remember}
            </Button>
          )}
        </Group>
      }
    >
      {remember.error !== null && <FailureView error={remember.error} />}
      {forget.error !== null && <FailureView error={forget.error} />}
      <Browsers items={items} onForget={(deviceId) => forget.mutate({ params: { deviceId } })} />
    </Section>
  );
}

/** A person's remembered browsers, for the help desk. */
export function PersonRememberedSection(props: { readonly personId: string; readonly canWrite: boolean }) {
  const words = useFactorWords();
  const { personId } = props;
  const list = useCall(listPersonRememberedDevices, { params: { personId } });
  const forget = useAction(forgetPersonRememberedDevice);
  if (list.error !== null) return <FailureView error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined || list.data.items.length === 0) return null;
  const onForget = (deviceId: string): void => forget.mutate({ params: { personId, deviceId } });
  return (
    <Section
      title={words.browsersTitle}
      text={words.browsersText}
      actions={
        props.canWrite && (
          <Button size="xs" variant="default" onClick={() => onForget("all")}>
            {words.forgetAll}
          </Button>
        )
      }
    >
      {forget.error !== null && <FailureView error={forget.error} />}
      <Browsers items={list.data.items} onForget={props.canWrite ? onForget : null} />
    </Section>
  );
}

function Browsers(props: {
  readonly items: readonly RememberedDevice[];
  readonly onForget: ((deviceId: string) => void) | null;
}): ReactNode {
  const words = useFactorWords();
  const { items, onForget } = props;
  if (items.length === 0) return <Text size="sm">{words.browsersNone}</Text>;
  return (
    <SimpleTable
      label={words.browsersTitle}
      headings={[words.browser, words.address, words.lastUsed, words.ends, words.actions]}
      rows={items.map((row) => ({
        key: row.deviceId,
        cells: [
          <Text key="agent" size="sm" maw={320} truncate title={row.userAgent}>
            {row.userAgent}
          </Text>,
          row.sourceAddress,
          <When key="used" atMs={row.lastUsedAtMs} isRelative />,
          <When key="ends" atMs={row.endsAtMs} />,
          <Group key="acts" gap="xs">
            {row.isCurrent && (
              <Badge variant="default" tt="none">
                {words.thisOne}
              </Badge>
            )}
            {onForget !== null && (
              <Button size="xs" variant="default" onClick={() => onForget(row.deviceId)}>
                {words.forget}
              </Button>
            )}
          </Group>,
        ],
      }))}
    />
  );
}
