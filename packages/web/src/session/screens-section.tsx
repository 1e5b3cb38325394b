import { Button, Text } from "@mantine/core";
import { MAX_SCREENS } from "@poterne/wire";
import { useLanguage } from "../i18n/tongue.tsx";
import { screensEn, screensFr } from "./screens-words.ts";
import { useObservable } from "./use-observable.ts";
import { useSessionState, useStage } from "./use-stage.ts";

/** In the display menu: one more window for one more screen of the machine, where it takes several. */
export function ScreensSection() {
  const stage = useStage();
  const { screens } = useSessionState();
  const { count, isRefused } = useObservable(stage.screens.state);
  const { language } = useLanguage();
  const words = language === "fr" ? screensFr : screensEn;
  const max = Math.min(screens?.max ?? 1, MAX_SCREENS);
  return (
    <section aria-label={words.title}>
      <Text size="sm" fw={600} mb={4}>
        {words.title}
      </Text>
      {max > 1 && (
        <Button
          size="xs"
          variant="default"
          fullWidth
          disabled={count + 1 >= max}
          onClick={() => void stage.screens.add()}
        >
          {words.add}
        </Button>
      )}
      <Text size="xs" c="dimmed" mt={4} role="status">
        {max <= 1 && words.oneOnly}
        {max > 1 && count > 0 && `${words.count(count)} `}
        {max > 1 && count + 1 >= max && words.most(max)}
      </Text>
      {isRefused && (
        <Text size="xs" c="red" role="alert">
          {words.refused}
        </Text>
      )}
    </section>
  );
}
