import { NativeSelect } from "@mantine/core";
import type { MyTarget } from "@poterne/contract";
import { useWords } from "../../i18n/tongue.tsx";
import type { Connect } from "./use-connect.tsx";

/** Which account opens the target; nothing at all when there is one only. */
export function AccountChoice(props: {
  readonly target: MyTarget;
  readonly connect: Connect;
  readonly isCompact?: boolean;
}) {
  const { machines } = useWords();
  const { target, connect } = props;
  if (target.accounts.length < 2) return null;
  return (
    <NativeSelect
      size={props.isCompact ? "xs" : "sm"}
      maw={220}
      {...(props.isCompact ? { "aria-label": machines.accountOf(target.name) } : { label: machines.account })}
      value={connect.accountId}
      data={target.accounts.map((account) => ({
        value: account.accountId,
        label: account.kind === "ask" ? machines.accountAsk(account.name) : account.name,
      }))}
      onChange={(event) => connect.chooseAccount(event.currentTarget.value)}
    />
  );
}
