import { Container } from "@mantine/core";
import { useWords } from "../i18n/tongue.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { AppLink } from "../ui/link.tsx";

/** What an unknown address shows. */
export function NotFoundPage() {
  const { shell } = useWords();
  return (
    <Container size="sm" py="xl" component="main">
      <EmptyState title={shell.notFoundTitle} text={shell.notFoundText}>
        <AppLink to="/">{shell.home}</AppLink>
      </EmptyState>
    </Container>
  );
}
