import { Checkbox, Group, NumberInput, Select, SimpleGrid, Textarea, TextInput } from "@mantine/core";
import type { LdapConfig, OidcConfig } from "@poterne/contract";
import { useState } from "react";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { AccountDirectory, AccountRealm } from "./provider-own-fields.tsx";
import { isHostPort, readServers, writeServers } from "./provider-text.ts";

interface FieldsProps<Config> {
  readonly config: Config;
  readonly onChange: (changes: Partial<Config>) => void;
}

function optionsOf(words: Readonly<Record<string, string>>) {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

/** The settings of a directory. */
export function LdapFields({ config, onChange }: FieldsProps<LdapConfig>) {
  const { providers } = useAdminWords();
  const [servers, setServers] = useState(writeServers(config.servers));
  const text = (
    name: "bindDn" | "baseDn" | "userFilter" | "disabledFilter" | "groupBaseDn",
    hint?: string,
  ) => (
    <TextInput
      label={providers[name]}
      description={hint}
      spellCheck={false}
      required={name === "baseDn" || name === "userFilter"}
      value={config[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
  const attribute = (
    name: "loginAttribute" | "nameAttribute" | "mailAttribute" | "subjectAttribute" | "memberAttribute",
  ) => (
    <TextInput
      label={providers[name]}
      required
      spellCheck={false}
      value={config[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <Select
        label={providers.schema}
        data={optionsOf(providers.schemas)}
        allowDeselect={false}
        value={config.schema}
        onChange={(schema) => onChange(presetOf(schema as LdapConfig["schema"]))}
      />
      <Textarea
        label={providers.servers}
        required
        autosize
        spellCheck={false}
        error={!isHostPort(servers)}
        value={servers}
        onChange={(event) => {
          setServers(event.currentTarget.value);
          onChange({ servers: readServers(event.currentTarget.value) });
        }}
      />
      <Select
        label={providers.security}
        data={optionsOf(providers.securities)}
        allowDeselect={false}
        value={config.security}
        onChange={(security) =>
          onChange({ security: security as LdapConfig["security"], isPlainAccepted: false })
        }
      />
      {config.security === "plain" && <PlainBox config={config} onChange={onChange} />}
      <CaField config={config} onChange={onChange} />
      <Textarea
        label={providers.pins}
        description={providers.pinsHint}
        autosize
        spellCheck={false}
        value={config.pins.join("\n")}
        onChange={(event) =>
          onChange({ pins: event.currentTarget.value.toLowerCase().split(/\s+/).filter(Boolean) })
        }
      />
      {text("bindDn", providers.bindDnHint)}
      {text("baseDn")}
      {text("userFilter")}
      {text("disabledFilter", providers.disabledFilterHint)}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {attribute("loginAttribute")}
        {attribute("subjectAttribute")}
        {attribute("nameAttribute")}
        {attribute("mailAttribute")}
      </SimpleGrid>
      {text("groupBaseDn")}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {attribute("memberAttribute")}
        <Select
          label={providers.nesting}
          data={optionsOf(providers.nestings)}
          allowDeselect={false}
          value={config.nesting}
          onChange={(nesting) => onChange({ nesting: nesting as LdapConfig["nesting"] })}
        />
        <Seconds config={config} onChange={onChange} />
        <NumberInput
          label={providers.recheckMinutes}
          description={providers.recheckHint}
          min={1}
          max={1440}
          value={config.recheckMinutes}
          onChange={(value) => onChange({ recheckMinutes: Number(value) })}
        />
      </SimpleGrid>
      <AccountRealm config={config} onChange={onChange} />
    </>
  );
}

/** The settings of a federation. */
export function OidcFields({
  config,
  onChange,
  redirectUri,
}: FieldsProps<OidcConfig> & { readonly redirectUri: string }) {
  const { providers } = useAdminWords();
  const [scopes, setScopes] = useState(config.scopes.join(" "));
  const claim = (name: "loginClaim" | "nameClaim" | "mailClaim" | "groupsClaim", label: string) => (
    <TextInput
      label={label}
      required
      spellCheck={false}
      value={config[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <TextInput label={providers.redirectUri} readOnly value={redirectUri} />
      <TextInput
        label={providers.issuer}
        required
        spellCheck={false}
        value={config.issuer}
        onChange={(event) => onChange({ issuer: event.currentTarget.value, isPlainAccepted: false })}
      />
      {config.issuer.startsWith("http:") && <PlainBox config={config} onChange={onChange} />}
      <CaField config={config} onChange={onChange} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={providers.clientId}
          required
          spellCheck={false}
          value={config.clientId}
          onChange={(event) => onChange({ clientId: event.currentTarget.value })}
        />
        <TextInput
          label={providers.scopes}
          spellCheck={false}
          value={scopes}
          onChange={(event) => {
            setScopes(event.currentTarget.value);
            onChange({ scopes: event.currentTarget.value.split(/\s+/).filter(Boolean) });
          }}
        />
        {claim("loginClaim", providers.claims.login)}
        {claim("nameClaim", providers.claims.name)}
        {claim("mailClaim", providers.claims.mail)}
        {claim("groupsClaim", providers.claims.groups)}
        <Seconds config={config} onChange={onChange} />
      </SimpleGrid>
      <Checkbox
        label={providers.hasLogout}
        checked={config.hasLogout}
        onChange={(event) => onChange({ hasLogout: event.currentTarget.checked })}
      />
      <AccountDirectory config={config} onChange={onChange} />
    </>
  );
}

type Shared = Pick<LdapConfig, "caPem" | "isPlainAccepted" | "timeoutSeconds">;

function PlainBox({ config, onChange }: FieldsProps<Shared>) {
  const { providers } = useAdminWords();
  return (
    <Group c="red">
      <Checkbox
        label={providers.plainAccepted}
        checked={config.isPlainAccepted}
        onChange={(event) => onChange({ isPlainAccepted: event.currentTarget.checked })}
      />
    </Group>
  );
}

function CaField({ config, onChange }: FieldsProps<Shared>) {
  const { providers } = useAdminWords();
  return (
    <Textarea
      label={providers.caPem}
      description={providers.caPemHint}
      rows={4}
      spellCheck={false}
      value={config.caPem}
      onChange={(event) => onChange({ caPem: event.currentTarget.value })}
    />
  );
}

function Seconds({ config, onChange }: FieldsProps<Shared>) {
  const { providers } = useAdminWords();
  return (
    <NumberInput
      label={providers.timeoutSeconds}
      min={1}
      max={30}
      value={config.timeoutSeconds}
      onChange={(value) => onChange({ timeoutSeconds: Number(value) })}
    />
  );
}

/** What a sort of directory usually has. */
export function presetOf(schema: LdapConfig["schema"]) {
  if (schema === "generic")
    return {
      schema,
      userFilter: "(&(objectClass=inetOrgPerson)(uid={login}))",
      loginAttribute: "uid",
      nameAttribute: "cn",
      mailAttribute: "mail",
      subjectAttribute: "entryUUID",
      nesting: "recursive",
    } as const;
  return {
    schema,
    userFilter: "(&(objectClass=user)(|(sAMAccountName={login})(userPrincipalName={login})))",
    loginAttribute: "sAMAccountName",
    nameAttribute: "displayName",
    mailAttribute: "mail",
    subjectAttribute: "objectGUID",
    nesting: "chain",
  } as const;
}
