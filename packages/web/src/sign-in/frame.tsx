import { Anchor, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Mark } from "../brand/mark.tsx";
import { useEntryWords } from "../i18n/tongue.tsx";
import { LanguageChooser, ThemeChooser } from "../ui/choosers.tsx";

/** The one card of the sign-in page, with the mark above and language and appearance below. */
export function Frame(props: {
  readonly title: string;
  readonly organisation?: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}) {
  const { common } = useEntryWords();
  useEffect(() => {
    document.title = `${props.title} · Poterne`;
  }, [props.title]);
  return (
    <Container size={props.isWide ? 640 : 440} py="xl" component="main">
      <Stack gap="lg">
        <Group gap="sm" c="teal">
          <Mark size={36} />
          <div>
            <Text fw={600} fz="lg" lh={1.2} c="var(--mantine-color-text)">
              {common.productName}
            </Text>
            <Text size="sm" c="dimmed" lh={1.2}>
              {props.organisation === undefined || props.organisation === ""
                ? common.tagline
                : props.organisation}
            </Text>
          </div>
        </Group>
        <Paper withBorder p="lg">
          <Stack>
            <Title order={1} size="h3">
              {props.title}
            </Title>
            {props.children}
          </Stack>
        </Paper>
        <Group justify="space-between" component="footer">
          <Group gap="xs">
            <LanguageChooser />
            <ThemeChooser />
          </Group>
          <Group gap="md">
            <Anchor href="/accessibility" size="sm">
              {common.accessibility}
            </Anchor>
            <Anchor href="/about" size="sm">
              {common.about}
            </Anchor>
          </Group>
        </Group>
      </Stack>
    </Container>
  );
}
