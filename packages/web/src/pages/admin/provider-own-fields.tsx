import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { type LdapConfig, listIdentityProviders, type OidcConfig } from "@poterne/contract";
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useFactorWords } from "./factor-words.ts";

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

/** Values of `acr` and `amr` that say a second factor was given at a federation. */
export function ProviderFactor(props: {
  readonly config: OidcConfig;
  readonly onChange: (changes: Partial<OidcConfig>) => void;
}) {
  const words = useFactorWords();
  const [texts, setTexts] = useState({
    factorAcr: (props.config.factorAcr ?? []).join(" "),
    factorAmr: (props.config.factorAmr ?? []).join(" "),
  });
  const labels = { factorAcr: words.providerAcr, factorAmr: words.providerAmr } as const;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {(["factorAcr", "factorAmr"] as const).map((name) => (
        <TextInput
          key={name}
          label={labels[name]}
          description={words.providerHint}
          spellCheck={false}
          value={texts[name]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTexts((old) => ({ ...old, [name]: value }));
            props.onChange({ [name]: value.split(/\s+/).filter(Boolean) });
          }}
        />
      ))}
    </SimpleGrid>
  );
}
