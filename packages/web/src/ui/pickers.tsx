import { MultiSelect, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  listAccounts,
  listGroups,
  listMachines,
  listPeople,
  listPolicies,
  listSites,
  listTargets,
  type Route,
} from "@poterne/contract";
import { useMemo, useRef, useState } from "react";
import type { CallInput, ReplyOf } from "../api/call.ts";
import { useCall } from "../api/use-call.ts";
import { useWords } from "../i18n/tongue.tsx";
import { targetName } from "./target-name.ts";

const MAX_OPTIONS = 50;
const TYPING_PAUSE_MS = 200;

/** Something that can be picked: its id and what a person reads. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

interface Source {
  readonly route: Route;
  readonly toOption: (item: never) => Option;
}

type ItemOf<R extends Route> = ReplyOf<R> extends { items: (infer Item)[] } ? Item : never;

function defineSource<R extends Route>(route: R, toOption: (item: ItemOf<R>) => Option): Source {
  return { route, toOption };
}

const SOURCES = {
  site: defineSource(listSites, (site) => ({ value: site.siteId, label: site.path.join(" / ") })),
  person: defineSource(listPeople, (person) => ({
    value: person.personId,
    label: `${person.name} (${person.login})`,
  })),
  group: defineSource(listGroups, (group) => ({ value: group.groupId, label: group.name })),
  machine: defineSource(listMachines, (machine) => ({
    value: machine.machineId,
    label: `${machine.name} — ${machine.sitePath.join(" / ")}`,
  })),
  target: defineSource(listTargets, (target) => ({
    value: target.targetId,
    label: `${targetName(target.machineName, target.name)} (${target.protocol.toUpperCase()})`,
  })),
  account: defineSource(listAccounts, (account) => ({ value: account.accountId, label: account.name })),
  policy: defineSource(listPolicies, (policy) => ({ value: policy.policyId, label: policy.name })),
} as const;

/** What a picker can pick. */
export type Kind = keyof typeof SOURCES;

interface PickerState {
  readonly options: Option[];
  readonly search: string;
  readonly setSearch: (search: string) => void;
}

/** The options that match the typing, and every option seen before, so that what is chosen keeps its name. */
function usePicker(
  kind: Kind,
  known: readonly Option[],
  query: Readonly<Record<string, string>>,
): PickerState {
  const [search, setSearch] = useState("");
  const [settled] = useDebouncedValue(search, TYPING_PAUSE_MS);
  const seen = useRef(new Map<string, string>());
  const source = SOURCES[kind];
  const words = [...seen.current.values()].includes(settled) ? "" : settled;
  const list = useCall(source.route, {
    query: { ...query, search: words, limit: MAX_OPTIONS },
  } as CallInput<Route>);
  const reply = list.data as { items: readonly never[] } | undefined;
  const options = useMemo(() => {
    for (const option of known) seen.current.set(option.value, option.label);
    const found = reply?.items.map(source.toOption) ?? [];
    for (const option of found) seen.current.set(option.value, option.label);
    return [...seen.current].map(([value, label]) => ({ value, label }));
  }, [known, reply, source]);
  return { options, search, setSearch };
}

interface PickerProps {
  readonly kind: Kind;
  readonly label: string;
  readonly description?: string;
  readonly isRequired?: boolean;
  /** Names of what is chosen already. */
  readonly known?: readonly Option[];
  readonly query?: Readonly<Record<string, string>>;
}

const NOTHING: readonly Option[] = [];
const NO_QUERY = {};

/** Picks one object by typing a part of its name; null for none. */
export function Picker(
  props: PickerProps & {
    readonly value: string | null;
    readonly onChange: (id: string | null) => void;
    readonly placeholder?: string;
  },
) {
  const { common } = useWords();
  const picker = usePicker(props.kind, props.known ?? NOTHING, props.query ?? NO_QUERY);
  return (
    <Select
      label={props.label}
      description={props.description}
      placeholder={props.placeholder}
      searchable
      clearable={!props.isRequired}
      required={props.isRequired ?? false}
      withAsterisk={props.isRequired ?? false}
      nothingFoundMessage={common.none}
      limit={MAX_OPTIONS}
      data={picker.options}
      value={props.value}
      onChange={props.onChange}
      searchValue={picker.search}
      onSearchChange={picker.setSearch}
      clearButtonProps={{ "aria-label": common.remove }}
    />
  );
}

/** Picks several objects by typing parts of their names. */
export function MultiPicker(
  props: PickerProps & { readonly value: readonly string[]; readonly onChange: (ids: string[]) => void },
) {
  const { common } = useWords();
  const picker = usePicker(props.kind, props.known ?? NOTHING, props.query ?? NO_QUERY);
  return (
    <MultiSelect
      label={props.label}
      description={props.description}
      searchable
      required={props.isRequired ?? false}
      nothingFoundMessage={common.none}
      limit={MAX_OPTIONS}
      data={picker.options}
      value={[...props.value]}
      onChange={props.onChange}
      searchValue={picker.search}
      onSearchChange={picker.setSearch}
    />
  );
}
