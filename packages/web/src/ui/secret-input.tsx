import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useEntryWords } from "../i18n/tongue.tsx";

/** A field for a secret; its eye is named in the person's language. */
export function SecretInput(props: PasswordInputProps) {
  const { common } = useEntryWords();
  return <PasswordInput visibilityToggleButtonProps={{ "aria-label": common.showPassword }} {...props} />;
}
