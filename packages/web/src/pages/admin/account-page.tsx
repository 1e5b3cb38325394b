import { Button, Code, CopyButton, Group, List, Stack, Text } from "@mantine/core";
import { type AccountRow, deleteAccount, getAccount, restoreAccount } from "@poterne/contract";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";
import { AccountForm, SecretState } from "./accounts-page.tsx";
import { CheckoutSection } from "./checkout-section.tsx";
import { CertificateForm, GenerateForm, KeyForm, PasswordForm } from "./secret-forms.tsx";

/** One account: what is known of it, and its secret's replacement. */
export function AccountPage() {
  const { account: accountId = "" } = useParams({ strict: false });
  const account = useCall(getAccount, { params: { accountId } });
  if (account.error !== null) {
    return <FailureView error={account.error} onRetry={() => void account.refetch()} />;
  }
  if (account.data === undefined) return <PageLoader />;
  return <AccountView account={account.data} />;
}

function AccountView({ account }: { readonly account: AccountRow }) {
  const { accounts, common } = useAdminWords();
  const canWrite = useRight("vault:write");
  const navigate = useNavigate();
  const remove = useDeletion();
  const [isEditing, setEditing] = useState(false);
  const removeAccount = (): void =>
    void remove({
      remove: deleteAccount,
      restore: restoreAccount,
      params: { accountId: account.accountId },
      name: account.name,
      text: accounts.deleteText,
      onDone: () => void navigate({ to: "/admin/accounts" }),
    });
  return (
    <Page
      title={account.name}
      intro={`${accounts.kinds[account.kind]} — ${account.username}`}
      actions={
        canWrite && (
          <>
            <Button variant="default" onClick={() => setEditing(true)}>
              {common.edit}
            </Button>
            <Button variant="outline" color="red" onClick={removeAccount}>
              {common.remove}
            </Button>
          </>
        )
      }
    >
      <SecretSection account={account} canWrite={canWrite} />
      {account.publicKey !== null && <PublicKeySection account={account} canWrite={canWrite} />}
      <CheckoutSection account={account} canWrite={canWrite} />
      <AppLink to="/admin/grants" search={{ accountId: account.accountId }}>
        {accounts.grants} : {account.grantCount}
      </AppLink>
      {isEditing && <AccountForm account={account} onClose={() => setEditing(false)} />}
    </Page>
  );
}

interface OfAccount {
  readonly account: AccountRow;
  readonly canWrite: boolean;
}

function SecretSection({ account, canWrite }: OfAccount) {
  const { accounts } = useAdminWords();
  const [dialogue, setDialogue] = useState<"password" | "key" | "generate" | null>(null);
  const close = (): void => setDialogue(null);
  return (
    <Section
      title={accounts.secret}
      actions={
        canWrite && (
          <Group gap="xs">
            {account.kind === "password" && (
              <Button size="xs" onClick={() => setDialogue("password")}>
                {accounts.setPassword}
              </Button>
            )}
            {account.kind === "ssh-key" && (
              <>
                <Button size="xs" onClick={() => setDialogue("generate")}>
                  {accounts.generate}
                </Button>
                <Button size="xs" variant="default" onClick={() => setDialogue("key")}>
                  {accounts.setKey}
                </Button>
              </>
            )}
          </Group>
        )
      }
    >
      <SecretState account={account} />
      {account.secretChangedAtMs !== null && (
        <Text size="sm" c="dimmed">
          {accounts.secretChanged} : <When atMs={account.secretChangedAtMs} />
        </Text>
      )}
      {dialogue === "password" && <PasswordForm account={account} onClose={close} />}
      {dialogue === "key" && <KeyForm account={account} onClose={close} />}
      {dialogue === "generate" && <GenerateForm account={account} onClose={close} />}
    </Section>
  );
}

function PublicKeySection({ account, canWrite }: OfAccount) {
  const { accounts, common } = useAdminWords();
  const [isSetting, setSetting] = useState(false);
  const publicKey = account.publicKey ?? "";
  return (
    <Section
      title={accounts.publicKey}
      text={accounts.publicKeyHint}
      actions={
        canWrite && (
          <Button size="xs" variant="default" onClick={() => setSetting(true)}>
            {accounts.certificateSet}
          </Button>
        )
      }
    >
      <Stack gap="xs">
        <Code block tabIndex={0}>
          {publicKey}
        </Code>
        <CopyButton value={publicKey}>
          {({ copied, copy }) => (
            <div>
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? common.copied : common.copy}
              </Button>
            </div>
          )}
        </CopyButton>
        <Text size="sm">
          {accounts.fingerprint} : <Code>{account.fingerprint}</Code>
        </Text>
        {account.certificate !== null && (
          <List size="sm">
            <List.Item>
              {accounts.certificate} : {account.certificate.keyId}
            </List.Item>
            <List.Item>
              {accounts.certificateFor} : {account.certificate.principals.join(", ")}
            </List.Item>
            <List.Item>
              {accounts.certificateUntil} :{" "}
              {account.certificate.validToMs === null ? (
                common.forever
              ) : (
                <When atMs={account.certificate.validToMs} />
              )}
            </List.Item>
          </List>
        )}
      </Stack>
      {isSetting && <CertificateForm account={account} onClose={() => setSetting(false)} />}
    </Section>
  );
}
