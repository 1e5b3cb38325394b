import { Alert, AppShell, Box, Breadcrumbs, Burger, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { Mark } from "../brand/mark.tsx";
import { useWords } from "../i18n/tongue.tsx";
import { AppLink } from "../ui/link.tsx";
import { ADMIN_PLACES, isUnder, PLACES, placesFor, trailOf } from "./navigation.ts";
import { PaletteButton } from "./palette-button.tsx";
import { RailLink } from "./rail-link.tsx";
import { useSignedIn } from "./signed-in.tsx";
import { UserMenu } from "./user-menu.tsx";

// Fetched after the frame stands: neither is needed for the first look.
const AdminRail = lazy(async () => ({ default: (await import("./admin-rail.tsx")).AdminRail }));
const WaitingBadges = lazy(async () => ({ default: (await import("./waiting-badges.tsx")).WaitingBadges }));

const RAIL_WIDTH_PX = 248;
const HEADER_HEIGHT_PX = 56;
const MAIN_ID = "content";

/** The console's frame: skip link, header, left rail, breadcrumb and the page. */
export function Shell() {
  const { common, shell } = useWords();
  const { factors } = useSignedIn();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the drawer
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: HEADER_HEIGHT_PX }}
      navbar={{ width: RAIL_WIDTH_PX, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="skip-link" href={`#${MAIN_ID}`}>
        {common.skipToContent}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? shell.closeMenu : shell.openMenu}
            />
            <Box hiddenFrom="sm">
              <Suspense>
                <WaitingBadges />
              </Suspense>
            </Box>
            <Group gap={8} wrap="nowrap" c="teal">
              <Mark size={26} />
              <Text fw={600} c="var(--mantine-color-text)" visibleFrom="xs">
                {common.productName}
              </Text>
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <PaletteButton />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" style={{ overflowY: "auto" }} aria-label={shell.mainNavigation} component="nav">
        <Rail path={pathname} />
      </AppShell.Navbar>
      <AppShell.Main id={MAIN_ID} tabIndex={-1}>
        <Box maw={1280}>
          <Stack gap="sm">
            {factors.length === 0 && (
              <Alert color="orange" variant="outline" title={shell.noFactorBanner} p="xs" />
            )}
            <Trail path={pathname} />
            <Outlet />
          </Stack>
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function Rail({ path }: { readonly path: string }) {
  const { rights } = useSignedIn();
  const isAdmin = isUnder(path, "/admin");
  return (
    <>
      {placesFor(PLACES, rights).map((place) => (
        <RailLink
          key={place.path}
          place={place.path === "/admin" ? { ...place, path: adminStart(rights) } : place}
          isCurrent={
            (place.path === "/" ? path === "/" : isUnder(path, place.path)) && place.path !== "/admin"
          }
          badges={
            place.path === "/requests" ? (
              <Suspense>
                <WaitingBadges />
              </Suspense>
            ) : null
          }
        />
      ))}
      {isAdmin && (
        <Suspense>
          <AdminRail path={path} />
        </Suspense>
      )}
    </>
  );
}

function adminStart(rights: Parameters<typeof placesFor>[1]): string {
  return placesFor(ADMIN_PLACES, rights)[0]?.path ?? "/admin";
}

function Trail({ path }: { readonly path: string }) {
  const { shell } = useWords();
  const trail = trailOf(path);
  if (trail.length === 0 || (trail.length === 1 && trail[0]?.path === path)) return null;
  return (
    <nav aria-label={shell.breadcrumb}>
      <Breadcrumbs>
        {trail.map((place, index) =>
          index === trail.length - 1 && place.path === path ? (
            <Text key={place.word} span size="sm" aria-current="page">
              {String(shell[place.word])}
            </Text>
          ) : (
            <AppLink key={place.word} to={place.path} size="sm">
              {String(shell[place.word])}
            </AppLink>
          ),
        )}
      </Breadcrumbs>
    </nav>
  );
}
