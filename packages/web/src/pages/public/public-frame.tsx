import { Container, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Mark } from "../../brand/mark.tsx";
import { useWords } from "../../i18n/tongue.tsx";
import { LanguageChooser, ThemeChooser } from "../../ui/choosers.tsx";
import { AppLink } from "../../ui/link.tsx";

/** The frame of pages that need no sign-in. */
export function PublicFrame({ children }: { readonly children: ReactNode }) {
  const { common, shell } = useWords();
  return (
    <Container size={760} py="xl">
      <Stack gap="lg">
        <Group justify="space-between" component="header">
          <Group gap="sm" c="teal">
            <Mark size={30} />
            <Text fw={600} c="var(--mantine-color-text)">
              {common.productName}
            </Text>
          </Group>
          <Group gap="xs">
            <LanguageChooser />
            <ThemeChooser />
          </Group>
        </Group>
        <main>{children}</main>
        <footer>
          <Group gap="md">
            <AppLink to="/">{shell.home}</AppLink>
            <AppLink to="/accessibility">{common.accessibility}</AppLink>
            <AppLink to="/about">{common.about}</AppLink>
          </Group>
        </footer>
      </Stack>
    </Container>
  );
}
