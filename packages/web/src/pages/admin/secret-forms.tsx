import { NativeSelect, Text, Textarea } from "@mantine/core";
import {
  type AccountRow,
  generateAccountKey,
  setAccountCertificate,
  setAccountKey,
  setAccountPassword,
} from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { SecretInput } from "../../ui/secret-input.tsx";

const MAX_KEY_LENGTH = 32_768;
const ALGORITHMS = ["ed25519", "ecdsa-p256", "rsa-4096"] as const;

interface SecretFormProps {
  readonly account: AccountRow;
  readonly onClose: () => void;
}

/** Replaces a password; the field is empty whatever the vault holds. */
export function PasswordForm({ account, onClose }: SecretFormProps) {
  const { accounts, common } = useAdminWords();
  const [password, setPassword] = useState("");
  const action = useAction(setAccountPassword, onClose);
  return (
    <FormModal
      title={`${accounts.setPassword} : ${account.name}`}
      action={common.save}
      onSubmit={() => action.mutate({ params: { accountId: account.accountId }, body: { password } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <SecretInput
        label={accounts.newPassword}
        required
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </FormModal>
  );
}

/** Replaces a key by a private key file. */
export function KeyForm({ account, onClose }: SecretFormProps) {
  const { accounts, common } = useAdminWords();
  const [keyFile, setKeyFile] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const action = useAction(setAccountKey, onClose);
  return (
    <FormModal
      title={`${accounts.setKey} : ${account.name}`}
      action={common.save}
      onSubmit={() =>
        action.mutate({
          params: { accountId: account.accountId },
          body: { keyFile, passphrase: passphrase === "" ? null : passphrase },
        })
      }
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Textarea
        label={accounts.keyFile}
        required
        rows={8}
        maxLength={MAX_KEY_LENGTH}
        spellCheck={false}
        autoComplete="off"
        value={keyFile}
        onChange={(event) => setKeyFile(event.currentTarget.value)}
      />
      <SecretInput
        label={`${accounts.passphrase} (${common.optional})`}
        autoComplete="off"
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
    </FormModal>
  );
}

/** Makes a new key inside the vault. */
export function GenerateForm({ account, onClose }: SecretFormProps) {
  const { accounts } = useAdminWords();
  const [algorithm, setAlgorithm] = useState<(typeof ALGORITHMS)[number]>("ed25519");
  const action = useAction(generateAccountKey, onClose);
  return (
    <FormModal
      title={`${accounts.generate} : ${account.name}`}
      action={accounts.generate}
      onSubmit={() => action.mutate({ params: { accountId: account.accountId }, body: { algorithm } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{accounts.generateText}</Text>
      <NativeSelect
        label={accounts.algorithm}
        data={[...ALGORITHMS]}
        value={algorithm}
        onChange={(event) => setAlgorithm(event.currentTarget.value as typeof algorithm)}
      />
    </FormModal>
  );
}

/** Gives the key an OpenSSH user certificate, or removes it. */
export function CertificateForm({ account, onClose }: SecretFormProps) {
  const { accounts, common } = useAdminWords();
  const [text, setText] = useState("");
  const action = useAction(setAccountCertificate, onClose);
  return (
    <FormModal
      title={accounts.certificateSet}
      action={common.save}
      onSubmit={() =>
        action.mutate({
          params: { accountId: account.accountId },
          body: { text: text.trim() === "" ? null : text },
        })
      }
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Textarea
        label={accounts.certificate}
        description={accounts.certificateText}
        rows={5}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormModal>
  );
}
