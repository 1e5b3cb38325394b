import { Group, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, spotlight } from "@mantine/spotlight";
import { listMyMachines, listPeople } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { useCall } from "../api/use-call.ts";
import { useWords } from "../i18n/tongue.tsx";
import { leave } from "./leave.ts";
import { ADMIN_PLACES, PLACES, placesFor } from "./navigation.ts";
import { useRight, useSignedIn } from "./signed-in.tsx";

const MIN_SEARCH_LENGTH = 2;
const TYPING_PAUSE_MS = 200;
const MAX_FOUND = 6;

interface Found {
  readonly key: string;
  readonly label: string;
  readonly detail?: string;
  readonly run: () => void;
}

/** The palette: pages, my machines, people and actions. Opens itself each time `callCount` grows. */
export function Palette({ callCount }: { readonly callCount: number }) {
  const { shell } = useWords();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (callCount > 0) spotlight.open();
  }, [callCount]);
  const groups = usePalette(query);
  const isEmpty = groups.every((group) => group.found.length === 0);
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
      title={shell.palette}
    >
      <Spotlight.Search placeholder={shell.paletteHint} aria-label={shell.palette} />
      <Spotlight.ActionsList aria-label={shell.palette}>
        {groups
          .filter((group) => group.found.length > 0)
          .map((group) => (
            <Spotlight.ActionsGroup key={group.title} label={group.title}>
              {group.found.map((one) => (
                <Spotlight.Action key={one.key} onClick={one.run}>
                  <PaletteLine label={one.label} detail={one.detail ?? ""} />
                </Spotlight.Action>
              ))}
            </Spotlight.ActionsGroup>
          ))}
        {isEmpty && <Spotlight.Empty>{shell.paletteNothing}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function PaletteLine(props: { readonly label: string; readonly detail: string }): ReactNode {
  return (
    <Group justify="space-between" w="100%">
      <Text size="sm">{props.label}</Text>
      <Text size="xs" c="dimmed">
        {props.detail}
      </Text>
    </Group>
  );
}

function usePalette(query: string): readonly { title: string; found: readonly Found[] }[] {
  const { shell, common } = useWords();
  const { rights } = useSignedIn();
  const canOpen = useRight("sessions:open");
  const canReadPeople = useRight("people:read");
  const navigate = useNavigate();
  const go = (path: string) => () => void navigate({ to: path });
  const [settled] = useDebouncedValue(query.trim(), TYPING_PAUSE_MS);
  const isSearching = settled.length >= MIN_SEARCH_LENGTH;
  const machines = useCall(
    listMyMachines,
    { query: { search: settled, limit: MAX_FOUND } },
    { isEnabled: isSearching && canOpen },
  );
  const people = useCall(
    listPeople,
    { query: { search: settled, limit: MAX_FOUND } },
    { isEnabled: isSearching && canReadPeople },
  );
  const places = [...placesFor(PLACES, rights), ...placesFor(ADMIN_PLACES, rights)];
  const pages = [
    ...places.map((place) => ({
      key: place.path + place.word,
      label: String(shell[place.word]),
      run: go(place.path),
    })),
    { key: "me", label: shell.me, run: go("/me") },
    { key: "keyboard", label: shell.keyboardTest, run: go("/keyboard") },
  ];
  const actions = [{ key: "leave", label: common.signOut, run: () => void leave() }];
  const matches = (one: Found): boolean => one.label.toLowerCase().includes(query.trim().toLowerCase());
  return [
    {
      title: shell.paletteMachines,
      found: isSearching
        ? (machines.data?.items ?? []).map((machine) => ({
            key: machine.machineId,
            label: machine.name,
            detail: machine.sitePath.join(" / "),
            run: () =>
              void navigate({ to: "/", search: { search: machine.name } } as unknown as Parameters<
                typeof navigate
              >[0]),
          }))
        : [],
    },
    {
      title: shell.palettePeople,
      found: isSearching
        ? (people.data?.items ?? []).map((person) => ({
            key: person.personId,
            label: person.name,
            detail: person.login,
            run: go(`/admin/people/${person.personId}`),
          }))
        : [],
    },
    { title: shell.palettePages, found: pages.filter(matches) },
    { title: shell.paletteActions, found: actions.filter(matches) },
  ];
}
