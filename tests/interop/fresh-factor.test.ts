import assert from "node:assert/strict";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import type { Role, Route } from "@poterne/contract";
import * as contract from "@poterne/contract";
import { type ApiClient, TestGateway } from "../support/gateway.ts";
import { enrolAdministrator, enrolPerson } from "../support/people.ts";

/** What is dangerous by the contract: a new one is in this test without anybody's doing. */
const routes = (Object.values(contract) as unknown[]).filter(
  (value): value is Route =>
    typeof value === "object" &&
    value !== null &&
    "needsFreshFactor" in value &&
    value.needsFreshFactor === true,
);

let gateway: TestGateway;
const callers = new Map<Role, ApiClient>();

before(async () => {
  gateway = await TestGateway.start();
  const chief = await enrolAdministrator(gateway);
  callers.set("administrator", chief.api);
  for (const role of ["approver", "user"] as const)
    callers.set(role, (await enrolPerson(gateway, chief, { login: role, name: role, roles: [role] })).api);
});
after(() => gateway.stop());

/** As if everybody had given their factor an hour ago. */
function letTimePass(): void {
  const store = new DatabaseSync(path.join(gateway.dataDir, "store.sqlite"));
  try {
    store.prepare("UPDATE sign_in SET factor_at_ms = ?").run(Date.now() - 3_600_000);
  } finally {
    store.close();
  }
}

const fill = (url: string) => url.replace(/:[A-Za-z]+/g, "0199f0a0-0000-7000-8000-00000000dead");

/** Who holds the right: an approver votes, the rest is an administrator's or everybody's. */
const roleFor = ({ right }: Route): Role => (right === "requests:decide" ? "approver" : "administrator");

/** Asks for each dangerous act with a body that fits none: refused for the factor, or for the body once that is fresh. */
async function codesOf(): Promise<ReadonlyMap<Route, string>> {
  const codes = new Map<Route, string>();
  for (const route of routes) {
    const api = callers.get(roleFor(route));
    assert.ok(api);
    const { body } = await api.call<{ code?: string }>(route.method, fill(route.path), {});
    codes.set(route, body?.code ?? "");
  }
  return codes;
}

test("with a factor given just now no dangerous act asks for it again", async () => {
  assert.ok(routes.length >= 8, `${routes.length} routes`);
  for (const [route, code] of await codesOf())
    assert.notEqual(code, "fresh-factor-needed", `${route.method} ${route.path}`);
});

test("an hour later every one of them does, before it looks at anything else", async () => {
  letTimePass();
  for (const [route, code] of await codesOf())
    assert.equal(code, "fresh-factor-needed", `${route.method} ${route.path}`);
});

async function vote(role: Role, isApproval: boolean): Promise<string> {
  const url = "/api/v1/requests/0199f0a0-0000-7000-8000-00000000dead/decide";
  const answer = await callers.get(role)?.call<{ code: string }>("POST", url, { isApproval, comment: "" });
  return `${answer?.status} ${answer?.body.code}`;
}

test("a vote with an old factor is not counted", async () => {
  assert.equal(await vote("approver", true), "403 fresh-factor-needed");
  assert.equal(await vote("approver", false), "403 fresh-factor-needed");
  // Who may not vote at all learns nothing of factors.
  assert.equal(await vote("user", true), "403 not-allowed");
});
