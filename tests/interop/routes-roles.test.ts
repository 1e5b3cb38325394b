import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as contract from "@poterne/contract";
import { RIGHTS_OF_ROLE, type Role, type Route } from "@poterne/contract";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";

/** Every route of the contract: a new one is in this test without anybody's doing. */
const routes = (Object.values(contract) as unknown[]).filter(
  (value): value is Route =>
    typeof value === "object" && value !== null && "path" in value && "method" in value,
);

type Who = "nobody" | Role | "administrator of one site";

let gateway: TestGateway;
const callers = new Map<Who, ApiClient>();
/** Objects at a site the delegated administrator has nothing to do with, and of another person. */
const foreign: Record<string, string> = {};

before(async () => {
  gateway = await TestGateway.start();
  const chief = await enrolAdministrator(gateway);
  const site = (name: string) =>
    chief.api.must<{ siteId: string }>("POST", "/api/v1/sites", { name, parentId: null });
  const ownSite = await site("Site A");
  const otherSite = await site("Site B");
  await makeForeignObjects(chief, otherSite.siteId);
  callers.set("nobody", new ApiClient(gateway));
  callers.set("administrator", chief.api);
  for (const role of ["approver", "auditor", "user"] as const) {
    callers.set(role, (await enrolPerson(gateway, chief, { login: role, name: role, roles: [role] })).api);
  }
  const delegated = {
    login: "delegated",
    name: "Delegated",
    roles: ["administrator"],
    administeredSiteIds: [ownSite.siteId],
  };
  callers.set("administrator of one site", (await enrolPerson(gateway, chief, delegated)).api);
});
after(() => gateway.stop());

async function makeForeignObjects(chief: TestPerson, siteId: string): Promise<void> {
  const { api } = chief;
  const machine = await api.must<{ machineId: string; targets: { targetId: string }[] }>(
    "POST",
    "/api/v1/machines",
    {
      name: "M-B",
      siteId,
      addresses: ["192.0.2.1"],
      targets: [{ name: "ssh", protocol: "ssh", port: 22 }],
    },
  );
  const account = await api.must<{ accountId: string }>("POST", "/api/v1/accounts", {
    name: "a",
    kind: "ask",
    siteId,
  });
  const policy = await api.must<{ policyId: string }>("POST", "/api/v1/policies", { name: "p", siteId });
  const grant = await api.must<{ grantId: string }>("POST", "/api/v1/grants", {
    personId: chief.personId,
    siteId,
    machineIds: [machine.machineId],
    accountIds: [account.accountId],
    policyId: policy.policyId,
  });
  Object.assign(foreign, {
    siteId,
    machineId: machine.machineId,
    targetId: machine.targets[0]?.targetId,
    accountId: account.accountId,
    policyId: policy.policyId,
    grantId: grant.grantId,
    personId: chief.personId,
  });
}

/** A path with ids of foreign objects, or of nothing at all where the test made none. */
function fill(path: string): string {
  return path.replace(
    /:([A-Za-z]+)/g,
    (_, name: string) => foreign[name] ?? "0199f0a0-0000-7000-8000-00000000dead",
  );
}

function mayCall(route: Route, who: Who): boolean {
  if (route.right === "public") return true;
  if (who === "nobody") return false;
  if (route.right === "signed-in" || route.right === "pending") return true;
  const role: Role = who === "administrator of one site" ? "administrator" : who;
  return RIGHTS_OF_ROLE[role].includes(route.right);
}

/** Ends the caller's own sign-in, or asks for it: judged by the sign-in's own tests. */
const isOfSignIn = (route: Route) =>
  route.path.startsWith("/api/v1/sign-") || route.path.startsWith("/api/v1/me");

test("the contract has the routes this test believes it has", () => {
  assert.ok(routes.length > 80, `${routes.length} routes`);
});

for (const who of ["nobody", "user", "approver", "auditor", "administrator of one site"] as const) {
  test(`${who} is refused every route whose right they do not hold`, async () => {
    const api = callers.get(who) ?? new ApiClient(gateway);
    for (const route of routes.filter((candidate) => !mayCall(candidate, who))) {
      const { status } = await api.call(
        route.method,
        fill(route.path),
        route.method === "GET" ? undefined : {},
      );
      const expected = who === "nobody" ? [401] : [403];
      assert.ok(expected.includes(status), `${who}: ${route.method} ${route.path} answered ${status}`);
    }
  });
}

test("an administrator of one site finds nothing of another site", async () => {
  const api = callers.get("administrator of one site") ?? new ApiClient(gateway);
  const scoped = routes.filter(
    (route) =>
      route.scope === "site" && route.path.includes(":") && mayCall(route, "administrator of one site"),
  );
  assert.ok(scoped.length > 15);
  for (const route of scoped) {
    const { status } = await api.call(
      route.method,
      fill(route.path),
      route.method === "GET" ? undefined : {},
    );
    // A body that is not valid is refused before anything is looked up: that tells nothing either.
    assert.ok([400, 403, 404, 410].includes(status), `${route.method} ${route.path} answered ${status}`);
  }
});

test("lists show an administrator of one site nothing of the others", async () => {
  const api = callers.get("administrator of one site") ?? new ApiClient(gateway);
  for (const path of ["/api/v1/machines", "/api/v1/sessions", "/api/v1/grants"]) {
    const { items } = await api.must<{ items: unknown[] }>("GET", path);
    assert.equal(JSON.stringify(items).includes(foreign.machineId ?? "?"), false, path);
  }
});

test("what belongs to one person is not found by another", async () => {
  const api = callers.get("user") ?? new ApiClient(gateway);
  const own = routes.filter(
    (route) =>
      route.scope === "own" &&
      route.path.includes(":") &&
      !isOfSignIn(route) &&
      !route.path.endsWith("/why") &&
      mayCall(route, "user"),
  );
  assert.ok(own.length > 5);
  for (const route of own) {
    const { status } = await api.call(
      route.method,
      fill(route.path),
      route.method === "GET" ? undefined : {},
    );
    assert.ok([400, 403, 404, 410].includes(status), `${route.method} ${route.path} answered ${status}`);
  }
});

test("why one may not open a target names nothing and nobody", async () => {
  const api = callers.get("user") ?? new ApiClient(gateway);
  const { body } = await api.call("GET", `/api/v1/my/targets/${foreign.targetId}/why`);
  assert.doesNotMatch(JSON.stringify(body), /M-B|Chef|Site B/);
});

test("nothing that changes is accepted without the CSRF token, or from another origin", async () => {
  const chief = callers.get("administrator") ?? new ApiClient(gateway);
  const token = chief.csrfToken;
  for (const route of routes.filter(({ method, right }) => method !== "GET" && right !== "public")) {
    chief.csrfToken = "wrong";
    const { status, body } = await chief.call<{ code: string }>(route.method, fill(route.path), {});
    assert.equal(status, 403, `${route.method} ${route.path} answered ${status}`);
    assert.equal(body.code, "wrong-origin");
  }
  chief.csrfToken = token;
});

test("no reply of a list holds a secret's name", async () => {
  const chief = callers.get("administrator") ?? new ApiClient(gateway);
  for (const path of ["/api/v1/accounts", "/api/v1/people", "/api/v1/me/tokens", "/api/v1/me/factors"]) {
    const text = JSON.stringify(await chief.must("GET", path));
    assert.doesNotMatch(text, /envelope|password_hash|secret_hash|argon2/i, path);
  }
});
