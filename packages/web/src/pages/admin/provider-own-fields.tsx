import { Select, TextInput } from "@mantine/core";
import { type LdapConfig, listIdentityProviders, type OidcConfig } from "@poterne/contract";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";

/** Under which realm targets know a directory's people, for accounts "as me". */
export function AccountRealm(props: {
  readonly config: LdapConfig;
  readonly onChange: (changes: Partial<LdapConfig>) => void;
}) {
  const { providers } = useAdminWords();
  return (
    <TextInput
      label={providers.accountRealm}
      description={providers.accountRealmHint}
      spellCheck={false}
      maxLength={255}
      value={props.config.accountRealm ?? ""}
      onChange={(event) => props.onChange({ accountRealm: event.currentTarget.value })}
    />
  );
}

/** The directory in which a federation's people have their account, for accounts "as me". */
export function AccountDirectory(props: {
  readonly config: OidcConfig;
  readonly onChange: (changes: Partial<OidcConfig>) => void;
}) {
  const { providers } = useAdminWords();
  const list = useCall(listIdentityProviders);
  const directories = (list.data?.items ?? []).filter(({ config }) => config.kind === "ldap");
  return (
    <Select
      label={providers.accountDirectory}
      description={providers.accountDirectoryHint}
      clearable
      data={directories.map(({ providerId, name }) => ({ value: providerId, label: name }))}
      value={props.config.accountDirectoryId ?? null}
      onChange={(accountDirectoryId) => props.onChange({ accountDirectoryId })}
    />
  );
}
