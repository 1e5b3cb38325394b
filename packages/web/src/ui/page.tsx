import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

/** The frame of a console page: its title (also the window's), one sentence, its main actions, its content. */
export function Page(props: {
  readonly title: string;
  readonly intro?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${props.title} · Poterne`;
  }, [props.title]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <Box maw={760}>
          <Title order={1} size="h2">
            {props.title}
          </Title>
          {props.intro !== undefined && (
            <Text c="dimmed" size="sm" mt={4}>
              {props.intro}
            </Text>
          )}
        </Box>
        {props.actions !== undefined && <Group gap="xs">{props.actions}</Group>}
      </Group>
      {props.children}
    </Stack>
  );
}
