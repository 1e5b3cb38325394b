import { Button, Code, CopyButton, Modal, Stack, Text } from "@mantine/core";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";

/** A one-time link to hand over. */
export interface OneTimeLink {
  readonly url: string;
  readonly expiresAtMs: number;
}

/** Shows a one-time link once. */
export function LinkDialogue(props: { readonly link: OneTimeLink; readonly onClose: () => void }) {
  const { people, common } = useAdminWords();
  const { language } = useLanguage();
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={people.linkTitle}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <Stack>
        <Text size="sm">{people.linkText(formatDateTime(language, props.link.expiresAtMs))}</Text>
        <Code block data-secret>
          {props.link.url}
        </Code>
        <CopyButton value={props.link.url}>
          {({ copied, copy }) => <Button onClick={copy}>{copied ? common.copied : common.copy}</Button>}
        </CopyButton>
      </Stack>
    </Modal>
  );
}
