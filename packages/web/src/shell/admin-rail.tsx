import { NavLink } from "@mantine/core";
import { useEffect, useState } from "react";
import { useLanguage } from "../i18n/tongue.tsx";
import { Icon } from "../ui/icons.tsx";
import { ADMIN_GROUPS, ADMIN_PLACES, type AdminPlace, isUnder, placesFor } from "./navigation.ts";
import { RailLink } from "./rail-link.tsx";
import { useSignedIn } from "./signed-in.tsx";

const INDENT_PX = 20;
const INNER_INDENT_PX = 32;

type Group = (typeof ADMIN_GROUPS)[number];

const fr: Readonly<Record<Group, string>> = {
  people: "Personnes",
  machines: "Machines",
  access: "Accès",
  evidence: "Preuves",
  system: "Système",
};
const en: typeof fr = {
  people: "People",
  machines: "Machines",
  access: "Access",
  evidence: "Evidence",
  system: "System",
};

const isAt = (path: string, place: AdminPlace): boolean =>
  place.path === "/admin" ? path === "/admin" : isUnder(path, place.path);

/** Administration in the rail: its parts fold, and the one with the current page is open. */
export function AdminRail({ path }: { readonly path: string }) {
  const words = useLanguage().language === "fr" ? fr : en;
  const { rights } = useSignedIn();
  const places = placesFor(ADMIN_PLACES, rights);
  const here = places.find((place) => isAt(path, place))?.group ?? null;
  const [open, setOpen] = useState<readonly Group[]>([]);
  useEffect(() => {
    if (here !== null) setOpen((before) => (before.includes(here) ? before : [...before, here]));
  }, [here]);
  const toggle = (group: Group): void =>
    setOpen((before) =>
      before.includes(group) ? before.filter((other) => other !== group) : [...before, group],
    );
  return (
    <>
      {places
        .filter(({ group }) => group === null)
        .map((place) => (
          <RailLink key={place.path} place={place} isCurrent={isAt(path, place)} indentPx={INDENT_PX} />
        ))}
      {ADMIN_GROUPS.map((group) => (
        <Part
          key={group}
          word={words[group]}
          places={places.filter((place) => place.group === group)}
          path={path}
          isOpen={open.includes(group)}
          onToggle={() => toggle(group)}
        />
      ))}
    </>
  );
}

function Part(props: {
  readonly word: string;
  readonly places: readonly AdminPlace[];
  readonly path: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  if (props.places.length === 0) return null;
  return (
    <>
      <NavLink
        component="button"
        type="button"
        label={props.word}
        fw={600}
        pl={INDENT_PX}
        aria-expanded={props.isOpen}
        onClick={props.onToggle}
        rightSection={
          <Icon.expand
            size={16}
            aria-hidden
            style={{ transform: props.isOpen ? "rotate(90deg)" : undefined }}
          />
        }
      />
      {props.isOpen &&
        props.places.map((place) => (
          <RailLink
            key={place.path}
            place={place}
            isCurrent={isAt(props.path, place)}
            indentPx={INNER_INDENT_PX}
          />
        ))}
    </>
  );
}
