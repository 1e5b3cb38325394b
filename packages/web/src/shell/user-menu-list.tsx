import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useWords } from "../i18n/tongue.tsx";
import { leave } from "./leave.ts";
import { useSignedIn } from "./signed-in.tsx";

/** The person's menu, opened at once: account, keyboard test, public pages, sign out. */
export function UserMenuList({ button }: { readonly button: ReactNode }) {
  const { common, shell } = useWords();
  const { person } = useSignedIn();
  return (
    <Menu position="bottom-end" width={240} defaultOpened>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.name}</Menu.Label>
        <Menu.Item renderRoot={(root) => <Link {...root} to="/me" />}>{shell.me}</Menu.Item>
        <Menu.Item renderRoot={(root) => <Link {...root} to="/keyboard" />}>{shell.keyboardTest}</Menu.Item>
        <Menu.Divider />
        <Menu.Item renderRoot={(root) => <Link {...root} to="/accessibility" />}>
          {common.accessibility}
        </Menu.Item>
        <Menu.Item renderRoot={(root) => <Link {...root} to="/about" />}>{common.about}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>{common.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
