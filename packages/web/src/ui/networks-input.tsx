import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../i18n/tongue.tsx";

/** A list of networks, one per line; the gateway says which it cannot read. */
export function NetworksInput(props: {
  readonly value: readonly string[];
  readonly onChange: (networks: string[]) => void;
  readonly isLocked?: boolean;
  /** Other words than those of lists of allowed addresses. */
  readonly label?: string;
  readonly description?: string;
  /** The list must not be empty. */
  readonly isRequired?: boolean;
}) {
  const { rules } = useWords();
  // What is being typed keeps its blank lines.
  const [text, setText] = useState(props.value.join("\n"));
  return (
    <Textarea
      label={props.label ?? rules.networks}
      description={props.description ?? rules.networksHint}
      required={props.isRequired === true}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      readOnly={props.isLocked ?? false}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        props.onChange(linesOf(event.currentTarget.value));
      }}
    />
  );
}

function linesOf(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
