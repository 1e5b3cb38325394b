import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";

type LinkTarget = {
  /** A path of the console, parameters already filled in. */
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
};

/** The router's own typing wants every path known in advance; ours come from data. */
function linkProps(target: Omit<LinkTarget, "children">): ComponentProps<typeof Link> {
  return { to: target.to, search: target.search ?? {} } as unknown as ComponentProps<typeof Link>;
}

/** A link inside the console. */
export function AppLink({ to, search, children, ...props }: LinkTarget & AnchorProps) {
  return (
    <Anchor
      size="sm"
      {...props}
      renderRoot={(root) => <Link {...root} {...linkProps(withSearch(to, search))} />}
    >
      {children}
    </Anchor>
  );
}

/** A link inside the console that looks like a button. */
export function ButtonLink({ to, search, children, ...props }: LinkTarget & ButtonProps) {
  return (
    <Button {...props} renderRoot={(root) => <Link {...root} {...linkProps(withSearch(to, search))} />}>
      {children}
    </Button>
  );
}

function withSearch(
  to: string,
  search: Readonly<Record<string, string>> | undefined,
): Omit<LinkTarget, "children"> {
  return search === undefined ? { to } : { to, search };
}
