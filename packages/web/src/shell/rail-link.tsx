import { NavLink } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useWords } from "../i18n/tongue.tsx";
import type { Place } from "./navigation.ts";

/** One entry of the rail. */
export function RailLink(props: {
  readonly place: Place;
  readonly isCurrent: boolean;
  /** How far it stands in: below an entry, or below a part of one. */
  readonly indentPx?: number;
  readonly badges?: ReactNode;
}) {
  const { shell } = useWords();
  const PlaceIcon = props.place.icon;
  return (
    <NavLink
      label={String(shell[props.place.word])}
      active={props.isCurrent}
      variant="light"
      pl={props.indentPx ?? "sm"}
      leftSection={<PlaceIcon size={18} aria-hidden />}
      rightSection={props.badges}
      renderRoot={(root) => (
        <Link
          {...root}
          to={props.place.path}
          activeOptions={{ exact: true }}
          aria-current={props.isCurrent ? "page" : undefined}
        />
      )}
    />
  );
}
