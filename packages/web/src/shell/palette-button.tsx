import { Button, Group, Kbd, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { lazy, Suspense, useState } from "react";
import { useWords } from "../i18n/tongue.tsx";
import { Icon } from "../ui/icons.tsx";

/** Fetched when it is first called, not with the page. */
const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));

/** The header's button for the palette and its shortcut, Ctrl or ⌘ and K, which also works while typing. */
export function PaletteButton() {
  const { shell } = useWords();
  const [callCount, setCallCount] = useState(0);
  const open = (): void => setCallCount((count) => count + 1);
  useHotkeys([["mod+K", open]], []);
  const isMac = navigator.platform.startsWith("Mac");
  return (
    <>
      <Button
        variant="default"
        size="xs"
        title={shell.palette}
        onClick={open}
        leftSection={<Icon.search size={14} aria-hidden />}
      >
        <Group gap={8} wrap="nowrap">
          <Text span inherit visibleFrom="xs">
            {shell.palette}
          </Text>
          <Kbd size="xs" visibleFrom="sm">
            {isMac ? "⌘K" : "Ctrl K"}
          </Kbd>
        </Group>
      </Button>
      {callCount > 0 && (
        <Suspense>
          <Palette callCount={callCount} />
        </Suspense>
      )}
    </>
  );
}
