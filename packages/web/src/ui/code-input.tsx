import { TextInput } from "@mantine/core";
import { useEntryWords } from "../i18n/tongue.tsx";

const CODE_LENGTH = 6;

/** A field for the six digits of an authenticator app; everything but digits is dropped as it is typed. */
export function CodeInput(props: { readonly value: string; readonly onChange: (code: string) => void }) {
  const { common } = useEntryWords();
  return (
    <TextInput
      label={common.totp}
      description={common.totpHint}
      inputMode="numeric"
      autoComplete="one-time-code"
      required
      autoFocus
      minLength={CODE_LENGTH}
      value={props.value}
      onChange={(event) =>
        props.onChange(event.currentTarget.value.replaceAll(/\D/g, "").slice(0, CODE_LENGTH))
      }
    />
  );
}
