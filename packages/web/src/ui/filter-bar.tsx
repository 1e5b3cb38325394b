import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactNode, useEffect, useState } from "react";
import { useWords } from "../i18n/tongue.tsx";
import { Icon } from "./icons.tsx";
import { useFilters } from "./use-filters.ts";

const TYPING_PAUSE_MS = 250;

/** The row of filters above a list, all kept in the URL. */
export function FilterBar(props: { readonly children: ReactNode }) {
  const { common } = useWords();
  const { filters, clear } = useFilters();
  return (
    <Group gap="xs" align="flex-end" role="search">
      {props.children}
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" size="sm" onClick={clear}>
          {common.clearFilters}
        </Button>
      )}
    </Group>
  );
}

/** A text filter that writes itself into the URL when the typing pauses. */
export function TextFilter(props: {
  readonly name: string;
  readonly label: string;
  readonly width?: number;
}) {
  const { filters, setFilter } = useFilters();
  const stored = filters[props.name] ?? "";
  const [text, setText] = useState(stored);
  const write = useDebouncedCallback((value: string) => setFilter(props.name, value), TYPING_PAUSE_MS);
  useEffect(() => setText(stored), [stored]);
  return (
    <TextInput
      label={props.label}
      value={text}
      w={props.width ?? 260}
      leftSection={<Icon.search size={16} aria-hidden />}
      onChange={(event) => {
        setText(event.currentTarget.value);
        write(event.currentTarget.value);
      }}
    />
  );
}

/** A filter of a few choices; the empty choice means all. */
export function ChoiceFilter(props: {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  /** The empty choice's words, where it does not mean all. */
  readonly none?: string;
}) {
  const { common } = useWords();
  const { filters, setFilter } = useFilters();
  return (
    <NativeSelect
      label={props.label}
      value={filters[props.name] ?? ""}
      data={[{ value: "", label: props.none ?? common.all }, ...props.choices]}
      onChange={(event) => setFilter(props.name, event.currentTarget.value)}
    />
  );
}

/** A filter by day; the URL holds `YYYY-MM-DD`, the API gets the day's first or last millisecond. */
export function DayFilter(props: { readonly name: string; readonly label: string }) {
  const { filters, setFilter } = useFilters();
  return (
    <TextInput
      type="date"
      label={props.label}
      value={filters[props.name] ?? ""}
      onChange={(event) => setFilter(props.name, event.currentTarget.value)}
    />
  );
}

/** The first millisecond of a day of the URL in the browser's time zone; undefined when there is none. */
export function dayStartMs(day: string | undefined): number | undefined {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  return new Date(`${day}T00:00:00`).getTime();
}

/** The last millisecond of a day of the URL in the browser's time zone; undefined when there is none. */
export function dayEndMs(day: string | undefined): number | undefined {
  const startMs = dayStartMs(day);
  return startMs === undefined ? undefined : startMs + 86_399_999;
}
