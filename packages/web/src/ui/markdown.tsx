import { List, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/**
 * Draws the small part of Markdown that charters need: headings, paragraphs, bullet lists, **bold**. Everything else
 * stays as it was typed; no HTML is ever interpreted.
 */
export function Markdown(props: { readonly text: string }) {
  return <>{splitBlocks(props.text).map(drawBlock)}</>;
}

function splitBlocks(text: string): readonly string[] {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/^(#{1,4} .*)$/gm, "\n$1\n")
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== "");
}

function drawBlock(block: string, index: number): ReactNode {
  const key = `${index}:${block.slice(0, 20)}`;
  const heading = /^(#{1,4}) (.*)$/.exec(block);
  if (heading?.[2] !== undefined) {
    return (
      <Title key={key} order={2} size="h4" mt="sm" mb={4}>
        {heading[2]}
      </Title>
    );
  }
  const lines = block.split("\n");
  if (lines.every((line) => /^[-*] /.test(line))) {
    return (
      <List key={key} size="sm" mb="xs">
        {lines.map((line) => (
          <List.Item key={line}>{drawInline(line.slice(2))}</List.Item>
        ))}
      </List>
    );
  }
  return (
    <Text key={key} size="sm" mb="xs">
      {drawInline(lines.join(" "))}
    </Text>
  );
}

function drawInline(text: string): ReactNode[] {
  return text.split(/(\*\*[^*]+\*\*)/).map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
    part.startsWith("**") ? <strong key={`${index}:${part}`}>{part.slice(2, -2)}</strong> : part,
  );
}
