import { Alert, Button, Code, Stack, Text } from "@mantine/core";
import { toApiFailure } from "../api/api-failure.ts";
import { useEntryWords } from "../i18n/tongue.tsx";
import { describeFailure } from "./failure-text.ts";

/** A failure in its place on the page: what happened, what to do next, the code, and a way to try again. */
export function FailureView(props: { readonly error: unknown; readonly onRetry?: () => void }) {
  const words = useEntryWords();
  const failure = toApiFailure(props.error);
  const text = describeFailure(failure, words);
  return (
    <Alert color="red" variant="outline" role="alert" title={text.what}>
      <Stack gap={6} align="flex-start">
        <Text size="sm">{text.next}</Text>
        <Text size="xs" c="dimmed">
          {words.common.errorCode} : <Code>{text.code}</Code>
        </Text>
        {props.onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={props.onRetry}>
            {words.common.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
