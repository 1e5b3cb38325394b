import {
  Button,
  Code,
  CopyButton,
  MultiSelect,
  NumberInput,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { createMyToken, listMyTokens, type Right, revokeMyToken } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useSignedIn } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";

const DEFAULT_DAYS = 90;
const MAX_DAYS = 366;

/** One's tokens for scripts. */
export function TokensSection() {
  const { me, common } = useWords();
  const list = useCall(listMyTokens);
  const remove = useDeletion();
  const [isCreating, setCreating] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const items = list.data?.items ?? [];
  return (
    <Section
      title={me.tokens}
      text={me.tokensText}
      actions={
        <Button variant="default" size="xs" onClick={() => setCreating(true)}>
          {me.tokenCreate}
        </Button>
      }
    >
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {token !== null && <NewToken token={token} />}
      {items.length === 0 ? (
        <Text size="sm">{me.noTokens}</Text>
      ) : (
        <SimpleTable
          label={me.tokens}
          headings={[
            common.name,
            me.tokenPrefix,
            me.tokenScopes,
            me.tokenExpires,
            me.tokenUsed,
            common.actions,
          ]}
          rows={items.map((row) => ({
            key: row.tokenId,
            cells: [
              row.name,
              <Code key="prefix">{row.prefix}…</Code>,
              row.scopes.join(", "),
              <When key="expires" atMs={row.expiresAtMs} />,
              <When key="used" atMs={row.lastUsedAtMs} isRelative />,
              <Button
                key="revoke"
                size="xs"
                variant="default"
                onClick={() =>
                  void remove({
                    remove: revokeMyToken,
                    restore: null,
                    params: { tokenId: row.tokenId },
                    name: row.name,
                    text: me.tokenRevokeText,
                  })
                }
              >
                {me.tokenRevoke}
              </Button>,
            ],
          }))}
        />
      )}
      {isCreating && (
        <TokenForm
          onClose={() => setCreating(false)}
          onCreated={(created) => {
            setCreating(false);
            setToken(created);
          }}
        />
      )}
    </Section>
  );
}

function NewToken({ token }: { readonly token: string }) {
  const { me, common } = useWords();
  return (
    <Stack gap="xs" role="status">
      <Text size="sm" fw={500}>
        {me.tokenShown}
      </Text>
      <Code block>{token}</Code>
      <CopyButton value={token}>
        {({ copied, copy }) => (
          <div>
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? common.copied : common.copy}
            </Button>
          </div>
        )}
      </CopyButton>
    </Stack>
  );
}

function TokenForm(props: { readonly onClose: () => void; readonly onCreated: (token: string) => void }) {
  const { me } = useWords();
  const { rights } = useSignedIn();
  const [form, setForm] = useState({ name: "", scopes: [] as Right[], networks: "", days: DEFAULT_DAYS });
  const action = useAction(createMyToken, (reply) => props.onCreated(reply.token));
  const submit = (): void =>
    action.mutate({
      body: {
        name: form.name,
        scopes: form.scopes,
        sourceNetworks: form.networks.split(/\s+/).filter((network) => network !== ""),
        expiresInDays: form.days,
      },
    });
  return (
    <FormModal
      title={me.tokenCreate}
      action={me.tokenCreate}
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <TextInput
        label={me.tokenName}
        required
        maxLength={80}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
      />
      <MultiSelect
        label={me.tokenScopes}
        required
        data={[...rights]}
        value={form.scopes}
        onChange={(scopes) => setForm({ ...form, scopes: scopes as Right[] })}
      />
      <Textarea
        label={me.tokenNetworks}
        description={me.tokenNetworksHint}
        autosize
        minRows={2}
        value={form.networks}
        onChange={(event) => setForm({ ...form, networks: event.currentTarget.value })}
      />
      <NumberInput
        label={me.tokenDays}
        min={1}
        max={MAX_DAYS}
        value={form.days}
        onChange={(days) => setForm({ ...form, days: Number(days) || DEFAULT_DAYS })}
      />
    </FormModal>
  );
}
