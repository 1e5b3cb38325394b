import { ActionIcon, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type MyTarget, SESSION_KIND, setFavourite } from "@poterne/contract";
import { lazy, Suspense } from "react";
import { useAction } from "../../api/use-call.ts";
import { formatAgo } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Icon } from "../../ui/icons.tsx";
import { AppLink } from "../../ui/link.tsx";
import { targetName } from "../../ui/target-name.ts";
import { AccountChoice } from "./account-choice.tsx";
import { FactMarks } from "./target-facts.tsx";
import { useConnect } from "./use-connect.tsx";

const ConnectDialog = lazy(async () => {
  const dialog = await import("./connect-dialog.tsx");
  return { default: dialog.ConnectDialog };
});

/** One way in to a machine: what it is, its rules in marks, favourite, and the one click that opens it. */
export function TargetLine(props: { readonly machineName: string; readonly target: MyTarget }) {
  const { target, machineName } = props;
  const { machines } = useWords();
  const { language } = useLanguage();
  const [isAsking, asking] = useDisclosure(false);
  const connect = useConnect(target);
  const fullName = targetName(machineName, target.name);
  const TargetIcon = SESSION_KIND[target.protocol] === "desktop" ? Icon.desktop : Icon.terminal;
  const open = (): void => {
    if (connect.mustAsk) asking.open();
    else connect.open({ reason: "", ticketNumber: "" });
  };
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <TargetIcon size={20} aria-hidden />
          <div>
            <AppLink to={`/open/${target.targetId}`} size="sm" fw={500}>
              {target.name}
            </AppLink>
            <Text size="xs" c="dimmed">
              {target.protocol.toUpperCase()}
              {target.lastOpenedAtMs !== null &&
                ` · ${machines.lastOpened(formatAgo(language, target.lastOpenedAtMs, Date.now()))}`}
            </Text>
            <FactMarks target={target} />
          </div>
        </Group>
        <Group gap={6} wrap="nowrap">
          <FavouriteButton target={target} fullName={fullName} />
          <Button size="xs" onClick={open} loading={connect.isBusy} aria-label={machines.connectTo(fullName)}>
            {machines.connect}
          </Button>
        </Group>
      </Group>
      <AccountChoice target={target} connect={connect} isCompact />
      {connect.question}
      {connect.error !== null && !isAsking && <FailureView error={connect.error} />}
      {isAsking && (
        <Suspense fallback={null}>
          <ConnectDialog target={target} fullName={fullName} onClose={asking.close} />
        </Suspense>
      )}
    </Stack>
  );
}

function FavouriteButton(props: { readonly target: MyTarget; readonly fullName: string }) {
  const { machines } = useWords();
  const { target } = props;
  const action = useAction(setFavourite);
  const StarIcon = target.isFavourite ? Icon.favourite : Icon.notFavourite;
  const label = target.isFavourite
    ? machines.favouriteRemove(props.fullName)
    : machines.favouriteAdd(props.fullName);
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={label}
      aria-pressed={target.isFavourite}
      loading={action.isPending}
      onClick={() =>
        action.mutate({ params: { targetId: target.targetId }, body: { isFavourite: !target.isFavourite } })
      }
    >
      <StarIcon size={18} aria-hidden />
    </ActionIcon>
  );
}
