import { Group, Text } from "@mantine/core";

const SHAPES = {
  up: { shape: "●", color: "var(--state-up)" },
  down: { shape: "■", color: "var(--state-down)" },
  degraded: { shape: "▲", color: "var(--state-degraded)" },
  maintenance: { shape: "‖", color: "var(--state-unknown)" },
  unknown: { shape: "?", color: "var(--state-unknown)" },
  recording: { shape: "●", color: "var(--poterne-recording)" },
} as const;

/** A state by shape, colour and word, so that colour alone never carries it. */
export function StateMark(props: {
  readonly state: keyof typeof SHAPES;
  readonly word: string;
  readonly isLarge?: boolean;
}) {
  const { shape, color } = SHAPES[props.state];
  return (
    <Group gap={6} wrap="nowrap" component="span" display="inline-flex">
      <Text span aria-hidden c={color} fz="sm" lh={1}>
        {shape}
      </Text>
      <Text span {...(props.isLarge === true ? { fz: "lg", fw: 600 } : { fz: "sm" })}>
        {props.word}
      </Text>
    </Group>
  );
}
