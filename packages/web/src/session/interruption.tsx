import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { browserTimers } from "@poterne/viewer";
import { NO_GUARDIAN } from "@poterne/wire";
import { useNow } from "./use-observable.ts";
import { useSessionState, useStage } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Over the frozen picture while the network is away: how long the session waits, and why. */
export function LostOverlay() {
  const stage = useStage();
  const { lost } = useSessionState();
  const texts = useSessionTexts();
  const nowMs = useNow(500, true, browserTimers.nowMs);
  if (lost === null) return null;
  const seconds = Math.max(0, Math.ceil((lost.untilMs - nowMs) / 1000));
  return (
    <div className="session-overlay">
      <Paper withBorder p="lg" className="session-card" role="alertdialog" aria-label={texts.lost.title}>
        <Stack gap="sm">
          <Title order={2} size="h3">
            {texts.lost.title}
          </Title>
          <Text className="numeric">{texts.lost.text(seconds)}</Text>
          <Text size="sm" c="dimmed">
            {texts.lost.why}
          </Text>
          <Group justify="space-between">
            <Text size="xs" c="dimmed">
              {texts.lost.attempt(lost.attempt)}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={() => stage.connection.leave()}>
                {texts.leave}
              </Button>
              <Button onClick={() => stage.connection.retryNow()}>{texts.lost.retry}</Button>
            </Group>
          </Group>
        </Stack>
      </Paper>
    </div>
  );
}

/** Over the picture while a guardian has paused the input: it stays visible. */
export function PausedOverlay() {
  const { pausedBy } = useSessionState();
  const { paused } = useSessionTexts();
  return (
    <div className="session-chip" role="status">
      <strong>
        <span aria-hidden>‖ </span>
        {paused.title}
      </strong>{" "}
      — {pausedBy === NO_GUARDIAN ? paused.noGuardian : paused.text(pausedBy ?? "")}
    </div>
  );
}
