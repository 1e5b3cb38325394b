import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { QuestionForm } from "./question-form.tsx";
import { useSessionState, useStage } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

const MARKS = { running: "◌", done: "✓", failed: "✕" } as const;

/** What happens before the picture: the named steps, and the questions that only the person can answer. */
export function OpeningOverlay() {
  const stage = useStage();
  const state = useSessionState();
  const { opening } = useSessionTexts();
  const machine = state.hello?.machineName;
  const question = state.questions[0];
  const waitsForGuardian = state.steps.some((step) => step.name === "guardian" && step.state === "running");
  return (
    <div className="session-overlay" data-solid="true">
      <Paper withBorder p="lg" className="session-card">
        <Stack>
          <Title order={1} size="h3">
            {machine === undefined ? opening.titleSession : opening.title(machine)}
          </Title>
          <Steps />
          {waitsForGuardian && <Text size="sm">{opening.guardianHelp}</Text>}
          {question !== undefined && <QuestionForm key={question.questionId} question={question} />}
          {question === undefined && (
            <Group justify="flex-end">
              <Button variant="default" onClick={() => stage.connection.leave()}>
                {opening.cancel}
              </Button>
            </Group>
          )}
        </Stack>
      </Paper>
    </div>
  );
}

function Steps() {
  const { steps } = useSessionState();
  const { opening } = useSessionTexts();
  if (steps.length === 0) return <Text role="status">{opening.waiting}</Text>;
  return (
    <ol className="session-steps" aria-live="polite">
      {steps.map((step) => (
        <li key={step.name}>
          <Text span aria-hidden className="session-step-mark" c={step.state === "failed" ? "red" : "teal"}>
            {MARKS[step.state]}
          </Text>
          <span>
            {opening.steps[step.name]}
            <span className="visually-hidden"> — {opening[step.state]}</span>
            {step.detail !== "" && (
              <Text span size="xs" c="dimmed" ml={8}>
                {step.detail}
              </Text>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
