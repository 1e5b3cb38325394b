import { Stack, Text } from "@mantine/core";
import { BarMenu } from "./bar-menu.tsx";
import { useSessionState, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Up to here a response feels immediate, and up to here it is still workable. */
const GOOD_MS = 80;
const FAIR_MS = 200;
const LEVELS = {
  good: { shape: "●", color: "var(--state-up)" },
  fair: { shape: "▲", color: "var(--state-degraded)" },
  poor: { shape: "■", color: "var(--state-down)" },
} as const;

/** The latency dot: a shape and a word, figures on click. */
export function LatencyMenu() {
  const { latency } = useSessionState();
  const { desktopSize } = useStageState();
  const { latency: texts, display } = useSessionTexts();
  const totalMs = latency === null ? null : latency.gatewayMs + (latency.targetMs ?? 0);
  const level = totalMs === null ? null : totalMs <= GOOD_MS ? "good" : totalMs <= FAIR_MS ? "fair" : "poor";
  const mark = level === null ? { shape: "○", color: "var(--state-unknown)" } : LEVELS[level];
  return (
    <BarMenu
      label={texts.label}
      state={level === null ? texts.unknown : `${texts[level]}, ${Math.round(totalMs ?? 0)} ms`}
      icon={
        <Text span c={mark.color} aria-hidden>
          {mark.shape}
        </Text>
      }
      widthPx={260}
    >
      {() => (
        <Stack gap={4}>
          {latency === null ? (
            <Text size="sm">{texts.unknown}</Text>
          ) : (
            <>
              <Text size="sm" className="numeric">
                {texts.toGateway(Math.round(latency.gatewayMs))}
              </Text>
              {latency.targetMs !== null && (
                <Text size="sm" className="numeric">
                  {texts.toTarget(Math.round(latency.targetMs))}
                </Text>
              )}
            </>
          )}
          {desktopSize !== null && (
            <Text size="sm" c="dimmed" className="numeric">
              {display.bytes(desktopSize.width, desktopSize.height)}
            </Text>
          )}
        </Stack>
      )}
    </BarMenu>
  );
}
