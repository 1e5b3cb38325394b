import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** What stands where a list would be: why it is empty and what to do about it. */
export function EmptyState(props: {
  readonly title: string;
  readonly text: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="xs">
        <Title order={2} size="h4">
          {props.title}
        </Title>
        <Text c="dimmed" size="sm" ta="center" maw={520}>
          {props.text}
        </Text>
        {props.children}
      </Stack>
    </Paper>
  );
}
