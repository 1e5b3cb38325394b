import { Button, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useWords } from "../i18n/tongue.tsx";
import { Icon } from "../ui/icons.tsx";
import { useSignedIn } from "./signed-in.tsx";

/** Fetched when the menu is first opened, not with the page. */
const UserMenuList = lazy(async () => ({ default: (await import("./user-menu-list.tsx")).UserMenuList }));

/** The button of the person's menu. */
export function UserMenu() {
  const { shell } = useWords();
  const { person } = useSignedIn();
  const [isWanted, setWanted] = useState(false);
  const button = (
    <Button
      variant="subtle"
      size="xs"
      aria-label={shell.userMenu(person.name)}
      aria-haspopup="menu"
      leftSection={<Icon.person size={18} aria-hidden />}
      {...(isWanted ? {} : { onClick: () => setWanted(true) })}
    >
      <Text span size="sm" visibleFrom="sm">
        {person.name}
      </Text>
    </Button>
  );
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <UserMenuList button={button} />
    </Suspense>
  );
}
