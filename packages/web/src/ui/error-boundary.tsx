import { Alert, Button, Container, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";

/** Catches what a page throws while drawing and shows a way out instead of a white window. */
export class ErrorBoundary extends Component<
  { readonly children: ReactNode },
  { readonly hasFailed: boolean }
> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <CrashView /> : this.props.children;
  }
}

/** What stands in place of a page that failed to draw. */
export function CrashView() {
  const { common } = useEntryWords();
  return (
    <Container size="sm" py="xl">
      <Alert color="red" variant="outline" role="alert" title={common.crashTitle}>
        <Stack align="flex-start">
          <Text size="sm">{common.crashText}</Text>
          <Button variant="default" onClick={() => location.reload()}>
            {common.reload}
          </Button>
        </Stack>
      </Alert>
    </Container>
  );
}
