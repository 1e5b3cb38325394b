import { Button, Checkbox, Code, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";
import { saveText } from "./save-file.ts";

/** Recovery codes, shown once: they must be declared saved before the page goes on. */
export function RecoveryCodes(props: { readonly codes: readonly string[]; readonly onSaved: () => void }) {
  const { signIn, common } = useEntryWords();
  const [isSaved, setSaved] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const text = `${props.codes.join("\n")}\n`;
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <Stack>
      <Text size="sm">{signIn.codesText}</Text>
      <SimpleGrid cols={2} spacing="xs">
        {props.codes.map((code) => (
          <Code key={code} fz="md" ta="center">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group gap="xs">
        <Button variant="default" size="xs" onClick={() => saveText(signIn.codesFile, text)}>
          {signIn.codesDownload}
        </Button>
        <Button variant="default" size="xs" onClick={() => window.print()}>
          {signIn.codesPrint}
        </Button>
        <Button variant="default" size="xs" onClick={copy}>
          {isCopied ? common.copied : signIn.codesCopy}
        </Button>
      </Group>
      <Checkbox
        label={signIn.codesSaved}
        checked={isSaved}
        onChange={(event) => setSaved(event.currentTarget.checked)}
      />
      <Button disabled={!isSaved} onClick={props.onSaved}>
        {common.next}
      </Button>
    </Stack>
  );
}
