import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";
import { CrashView } from "../ui/error-boundary.tsx";
import { PageLoader } from "../ui/page-loader.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { Shell } from "./shell.tsx";
import { RequireSignIn } from "./signed-in.tsx";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  validateSearch: (search: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(search).map(([name, value]) => [name, String(value)])),
});

/** Pages inside the console's frame. */
const framed = createRoute({
  getParentRoute: () => root,
  id: "framed",
  component: () => (
    <RequireSignIn>
      <Shell />
    </RequireSignIn>
  ),
});

/** Pages that fill the window: the picture of a session must have nothing around it. */
const bare = createRoute({
  getParentRoute: () => root,
  id: "bare",
  component: () => (
    <RequireSignIn>
      <Outlet />
    </RequireSignIn>
  ),
});

type Load = () => Promise<Record<string, unknown>>;

function page(parent: typeof framed | typeof bare | typeof root, path: string, load: Load, name: string) {
  return createRoute({
    getParentRoute: () => parent as typeof root,
    path,
    component: lazyRouteComponent(load as () => Promise<Record<string, () => React.ReactNode>>, name),
  });
}

const framedPages = [
  page(framed, "/", () => import("../pages/home.tsx"), "HomePage"),
  page(framed, "/open/$target", () => import("../pages/machines/open-page.tsx"), "OpenPage"),
  page(framed, "/me", () => import("../pages/me/me-page.tsx"), "MePage"),
  page(framed, "/keyboard", () => import("../session/keyboard-test-page.tsx"), "KeyboardTestPage"),
  page(framed, "/requests", () => import("../pages/requests/requests-page.tsx"), "RequestsPage"),
  page(framed, "/live", () => import("../pages/live/live-page.tsx"), "LivePage"),
  page(framed, "/recordings", () => import("../pages/recordings/recordings-page.tsx"), "RecordingsPage"),
  page(framed, "/journal", () => import("../pages/journal/journal-page.tsx"), "JournalPage"),
  page(framed, "/admin", () => import("../pages/admin/health-page.tsx"), "HealthPage"),
  page(framed, "/admin/people", () => import("../pages/admin/people-page.tsx"), "PeoplePage"),
  page(framed, "/admin/people/$person", () => import("../pages/admin/person-page.tsx"), "PersonPage"),
  page(framed, "/admin/groups", () => import("../pages/admin/groups-page.tsx"), "GroupsPage"),
  page(framed, "/admin/groups/$group", () => import("../pages/admin/group-page.tsx"), "GroupPage"),
  page(framed, "/admin/providers", () => import("../pages/admin/providers-page.tsx"), "ProvidersPage"),
  page(framed, "/admin/sites", () => import("../pages/admin/sites-page.tsx"), "SitesPage"),
  page(framed, "/admin/machines", () => import("../pages/admin/machines-page.tsx"), "AdminMachinesPage"),
  page(framed, "/admin/machines/$machine", () => import("../pages/admin/machine-page.tsx"), "MachinePage"),
  page(framed, "/admin/accounts", () => import("../pages/admin/accounts-page.tsx"), "AccountsPage"),
  page(framed, "/admin/accounts/$account", () => import("../pages/admin/account-page.tsx"), "AccountPage"),
  page(framed, "/admin/policies", () => import("../pages/admin/policies-page.tsx"), "PoliciesPage"),
  page(framed, "/admin/policies/$policy", () => import("../pages/admin/policy-page.tsx"), "PolicyPage"),
  page(framed, "/admin/grants", () => import("../pages/admin/grants-page.tsx"), "GrantsPage"),
  page(framed, "/admin/vendors", () => import("../pages/vendors/vendors-page.tsx"), "VendorsPage"),
  page(
    framed,
    "/admin/vendors/$pass",
    () => import("../pages/vendors/vendor-report-page.tsx"),
    "VendorReportPage",
  ),
  page(framed, "/admin/holidays", () => import("../pages/admin/holidays-page.tsx"), "HolidaysPage"),
  page(framed, "/admin/simulator", () => import("../pages/admin/simulator-page.tsx"), "SimulatorPage"),
  page(framed, "/admin/factors", () => import("../pages/admin/factor-rules-page.tsx"), "FactorRulesPage"),
  page(framed, "/admin/mail", () => import("../pages/admin/mail-page.tsx"), "MailPage"),
  page(framed, "/admin/kerberos", () => import("../pages/admin/kerberos-page.tsx"), "KerberosPage"),
  page(framed, "/admin/deleted", () => import("../pages/admin/deleted-page.tsx"), "DeletedPage"),
  page(framed, "/admin/retention", () => import("../pages/admin/retention-page.tsx"), "RetentionPage"),
  page(framed, "/admin/compliance", () => import("../pages/admin/compliance-page.tsx"), "CompliancePage"),
  page(framed, "/admin/unused", () => import("../pages/admin/unused-page.tsx"), "UnusedPage"),
  page(framed, "/admin/charter", () => import("../pages/admin/charter-page.tsx"), "CharterPage"),
];

const barePages = [
  page(bare, "/s/$session", () => import("../session/session-page.tsx"), "SessionPage"),
  page(bare, "/recordings/$id", () => import("../player/player-page.tsx"), "PlayerPage"),
];

const publicPages = [
  page(root, "/about", () => import("../pages/public/about-page.tsx"), "AboutPage"),
  page(root, "/accessibility", () => import("../pages/public/accessibility-page.tsx"), "AccessibilityPage"),
];

/** The console's routes. Filters are plain strings in the URL, never JSON. */
export const router = createRouter({
  routeTree: root.addChildren([framed.addChildren(framedPages), bare.addChildren(barePages), ...publicPages]),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(search as Record<string, string>).toString();
    return text === "" ? "" : `?${text}`;
  },
  defaultPendingComponent: PageLoader,
  defaultErrorComponent: CrashView,
  defaultPreload: "intent",
  scrollRestoration: true,
});
