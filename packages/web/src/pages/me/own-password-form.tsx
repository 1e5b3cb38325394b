import { Text } from "@mantine/core";
import { keepOwnPassword } from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { SecretInput } from "../../ui/secret-input.tsx";
import { useOwnPasswordWords } from "./own-password-words.ts";

/** Asks for one's own directory password and why; `onGiven` once the directory has said that it is right. */
export function OwnPasswordForm(props: {
  readonly why: "opening" | "changed" | "asked";
  readonly account: string;
  readonly provider: string;
  readonly onGiven: () => void;
  readonly onClose: () => void;
}) {
  const words = useOwnPasswordWords();
  const { why, account, provider } = props;
  const [password, setPassword] = useState("");
  const action = useAction(keepOwnPassword, props.onGiven);
  const text = {
    opening: words.askText(account, provider),
    changed: words.askChanged(account),
    asked: words.askKeepText(account, provider),
  }[why];
  return (
    <FormModal
      title={words.askTitle}
      action={why === "asked" ? words.save : words.open}
      onSubmit={() => action.mutate({ body: { password } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{text}</Text>
      <input type="text" hidden readOnly autoComplete="username" value={account} />
      <SecretInput
        label={words.password}
        autoComplete="current-password"
        required
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </FormModal>
  );
}
