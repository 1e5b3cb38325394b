import { List, Text, Title } from "@mantine/core";
import { useWords } from "../../i18n/tongue.tsx";
import { Page } from "../../ui/page.tsx";
import { PublicFrame } from "./public-frame.tsx";

/** The accessibility statement: what is aimed at, done and not done. */
export function AccessibilityPage() {
  const { publicPages } = useWords();
  return (
    <PublicFrame>
      <Page title={publicPages.accessibilityTitle}>
        <Heading text={publicPages.accessibilityStatus} />
        <Text>{publicPages.accessibilityStatusText}</Text>
        <Heading text={publicPages.accessibilityDone} />
        <Points lines={publicPages.accessibilityDoneList} />
        <Heading text={publicPages.accessibilityLimits} />
        <Points lines={publicPages.accessibilityLimitsList} />
        <Text>{publicPages.accessibilityContact}</Text>
      </Page>
    </PublicFrame>
  );
}

function Heading({ text }: { readonly text: string }) {
  return (
    <Title order={2} size="h4">
      {text}
    </Title>
  );
}

function Points({ lines }: { readonly lines: readonly string[] }) {
  return (
    <List>
      {lines.map((line) => (
        <List.Item key={line}>{line}</List.Item>
      ))}
    </List>
  );
}
