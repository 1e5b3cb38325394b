import { Button, Group, Text, TextInput } from "@mantine/core";
import {
  createIdentityProvider,
  type IdentityProviderRow,
  type LdapConfig,
  type OidcConfig,
  type ProviderConfig,
  type ProviderKind,
  setIdentityProviderSecret,
  testIdentityProvider,
  updateIdentityProvider,
} from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { SecretInput } from "../../ui/secret-input.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { LdapFields, OidcFields, presetOf } from "./provider-fields.tsx";
import { MappingFields } from "./provider-mapping.tsx";

const SHARED = {
  admits: "mapped",
  defaultRoles: ["user"],
  mappings: [],
  isPlainAccepted: false,
  caPem: "",
  timeoutSeconds: 5,
} satisfies Partial<ProviderConfig>;

const NEW_LDAP: LdapConfig = {
  kind: "ldap",
  ...SHARED,
  ...presetOf("active-directory"),
  servers: [],
  security: "ldaps",
  pins: [],
  bindDn: "",
  baseDn: "",
  disabledFilter: "",
  groupBaseDn: "",
  memberAttribute: "member",
  recheckMinutes: 15,
};

const NEW_OIDC: OidcConfig = {
  kind: "oidc",
  ...SHARED,
  issuer: "",
  clientId: "",
  scopes: ["profile", "email"],
  loginClaim: "preferred_username",
  nameClaim: "name",
  mailClaim: "email",
  groupsClaim: "groups",
  hasLogout: true,
};

/** Adds a provider, or changes one. */
export function ProviderForm(props: {
  readonly provider: IdentityProviderRow | null;
  readonly kind: ProviderKind;
  readonly redirectUri: string;
  readonly onClose: () => void;
}) {
  const { providers, common } = useAdminWords();
  const { provider } = props;
  const [name, setName] = useState(provider?.name ?? "");
  const start = props.kind === "ldap" ? NEW_LDAP : NEW_OIDC;
  const [config, setConfig] = useState<ProviderConfig>(provider?.config ?? start);
  const create = useAction(createIdentityProvider, props.onClose);
  const update = useAction(updateIdentityProvider, props.onClose);
  const change = (changes: Partial<LdapConfig> | Partial<OidcConfig>): void =>
    setConfig((old) => ({ ...old, ...changes }) as ProviderConfig);
  const submit = (): void => {
    if (provider === null) return create.mutate({ body: { name, config } });
    const { providerId, revision } = provider;
    update.mutate({ params: { providerId }, body: { revision, name, config } });
  };
  return (
    <FormModal
      title={provider === null ? addWord(providers, props.kind) : `${common.edit} : ${provider.name}`}
      action={provider === null ? common.create : common.save}
      size="xl"
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={create.isPending || update.isPending}
      error={create.error ?? update.error}
    >
      <TextInput
        label={providers.name}
        required
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {config.kind === "ldap" ? (
        <LdapFields config={config} onChange={change} />
      ) : (
        <OidcFields config={config} onChange={change} redirectUri={props.redirectUri} />
      )}
      <MappingFields config={config} onChange={change} />
    </FormModal>
  );
}

function addWord(
  providers: { readonly addLdap: string; readonly addOidc: string },
  kind: ProviderKind,
): string {
  return kind === "ldap" ? providers.addLdap : providers.addOidc;
}

/** Gives a provider its secret. */
export function SecretForm(props: { readonly provider: IdentityProviderRow; readonly onClose: () => void }) {
  const { providers } = useAdminWords();
  const { providerId, name } = props.provider;
  const [secret, setSecret] = useState("");
  const action = useAction(setIdentityProviderSecret, props.onClose);
  return (
    <FormModal
      title={providers.secretTitle(name)}
      action={providers.secretSave}
      onSubmit={() =>
        action.mutate({ params: { providerId }, body: { secret: secret === "" ? null : secret } })
      }
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{providers.secretText}</Text>
      <SecretInput
        label={providers.secret}
        autoComplete="off"
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
    </FormModal>
  );
}

const MARKS = { ok: "up", warning: "degraded", failed: "down" } as const;

/** Tests a provider and shows each step with what it found. */
export function TestForm(props: { readonly provider: IdentityProviderRow; readonly onClose: () => void }) {
  const { providers, health } = useAdminWords();
  const { language } = useLanguage();
  const { providerId, name, config } = props.provider;
  const [login, setLogin] = useState("");
  const action = useAction(testIdentityProvider);
  return (
    <FormModal
      title={providers.testTitle(name)}
      action={providers.testRun}
      size="xl"
      onSubmit={() => action.mutate({ params: { providerId }, body: { login } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      {config.kind === "ldap" && (
        <TextInput
          label={providers.testLogin}
          maxLength={128}
          spellCheck={false}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
      )}
      {action.data !== undefined && (
        <SimpleTable
          label={providers.testResults}
          headings={[health.check, providers.found]}
          rows={action.data.steps.map((step, index) => ({
            key: String(index),
            cells: [
              <StateMark
                key="state"
                state={MARKS[step.state]}
                word={`${providers.steps[step.step]}\u00a0: ${health.states[step.state]}`}
              />,
              <span key="found" style={{ overflowWrap: "anywhere" }}>
                {step.found[language]}
              </span>,
            ],
          }))}
        />
      )}
    </FormModal>
  );
}

/** The buttons of one provider. */
export function ProviderButtons(props: {
  readonly provider: IdentityProviderRow;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onOpen: (what: "edit" | "secret" | "test") => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}) {
  const { providers, common } = useAdminWords();
  const { providerId, revision, isEnabled, name } = props.provider;
  const action = useAction(updateIdentityProvider);
  const toggle = (): void =>
    action.mutate({ params: { providerId }, body: { revision, isEnabled: !isEnabled } });
  const buttons = [
    { word: providers.test, run: () => props.onOpen("test") },
    { word: common.edit, run: () => props.onOpen("edit") },
    { word: providers.secret, run: () => props.onOpen("secret") },
    { word: isEnabled ? providers.disable : providers.enable, run: toggle },
    ...(props.isFirst ? [] : [{ word: providers.up, run: () => props.onMove(-1) }]),
    ...(props.isLast ? [] : [{ word: providers.down, run: () => props.onMove(1) }]),
    ...(isEnabled ? [] : [{ word: common.remove, run: props.onRemove }]),
  ];
  return (
    <Group gap={4}>
      {buttons.map(({ word, run }) => (
        <Button key={word} size="compact-sm" variant="default" aria-label={`${word} : ${name}`} onClick={run}>
          {word}
        </Button>
      ))}
    </Group>
  );
}
