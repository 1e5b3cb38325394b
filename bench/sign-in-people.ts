import { Agent } from "node:https";
import { Client } from "ldapts";
import { ApiClient, type TestGateway } from "../tests/support/gateway.ts";
import { labPasswords } from "../tests/support/lab.ts";
import { slapdConfig } from "../tests/support/ldap.ts";
import { codeNow, enrolPerson, type TestPerson } from "../tests/support/people.ts";

/** How many are made at a time. */
const ENROLLING = 6;
const DIRECTORY_BASE = "ou=people,dc=lab,dc=test";

/** Somebody who can sign in with name, password and authenticator application. */
export interface BenchPerson {
  readonly login: string;
  readonly password: string;
  readonly totpSecret: string;
}

interface State {
  readonly state: string;
  readonly csrfToken?: string;
}

/** Local people and people of the lab's OpenLDAP, as many of each, all with a second factor; and the directory itself. */
export async function makePeople(
  gateway: TestGateway,
  chief: TestPerson,
  countOfEach: number,
): Promise<{ readonly local: readonly BenchPerson[]; readonly directory: readonly BenchPerson[] }> {
  await connectDirectory(chief);
  const entries = await fillDirectory(countOfEach);
  const local = await inParallel(countOfEach, (index) =>
    enrolPerson(gateway, chief, { login: `l${index}`, name: `Locale ${index}`, roles: ["user"] }),
  );
  const directory = await inParallel(countOfEach, (index) =>
    enrolFromDirectory(gateway, entries[index] ?? ""),
  );
  return { local, directory };
}

/** Name, password and code, over a connection of its own; resolves with milliseconds. Throws when any step is refused. */
export async function signInOnce(gateway: TestGateway, person: BenchPerson): Promise<number> {
  const api = new ApiClient(gateway);
  api.agent = new Agent({ keepAlive: true });
  try {
    const startedAt = performance.now();
    const { login, password, totpSecret } = person;
    const asked = await api.must<State>("POST", "/api/v1/sign-in/password", { login, password });
    api.csrfToken = asked.csrfToken ?? "";
    // One step ahead is within the drift, and never a code that enrolling used up.
    const proof = { code: codeNow(totpSecret, 1) };
    const done = await api.must<State>("POST", "/api/v1/sign-in/totp", proof);
    if (done.state !== "signed-in") throw new Error(`not signed in: ${done.state}`);
    return performance.now() - startedAt;
  } finally {
    api.agent.destroy();
  }
}

async function connectDirectory({ api }: TestPerson): Promise<void> {
  const { providerId } = await api.must<{ providerId: string }>("POST", "/api/v1/identity-providers", {
    name: "slapd",
    config: slapdConfig(),
  });
  const url = `/api/v1/identity-providers/${providerId}`;
  const { revision } = await api.must<{ revision: number }>("POST", `${url}/secret`, {
    secret: labPasswords.bob,
  });
  await api.must("PATCH", url, { revision, isEnabled: true });
}

async function fillDirectory(count: number): Promise<readonly string[]> {
  const client = new Client({ url: "ldap://127.0.0.1:1389" });
  await client.bind("cn=admin,dc=lab,dc=test", "admin-pass");
  const logins = Array.from({ length: count }, (_, index) => `d${index}`);
  for (const login of logins) {
    const dn = `uid=${login},${DIRECTORY_BASE}`;
    await client.del(dn).catch(() => {});
    const userPassword = directoryPassword(login);
    await client.add(dn, { objectClass: "inetOrgPerson", cn: `Annuaire ${login}`, sn: "Lab", userPassword });
  }
  await client.unbind();
  return logins;
}

function directoryPassword(login: string): string {
  return `Quai-des-Brumes-${login}`;
}

async function enrolFromDirectory(gateway: TestGateway, login: string): Promise<BenchPerson> {
  const api = new ApiClient(gateway);
  const password = directoryPassword(login);
  const state = await api.must<State>("POST", "/api/v1/sign-in/password", { login, password });
  if (state.state !== "enrolment-needed") throw new Error(`${login}: ${state.state}`);
  api.csrfToken = state.csrfToken ?? "";
  const { factorId, secret } = await api.must<{ factorId: string; secret: string }>(
    "POST",
    "/api/v1/me/totp",
    {},
  );
  const confirmation = { code: codeNow(secret), name: "bench" };
  await api.must("POST", `/api/v1/me/totp/${factorId}/confirm`, confirmation);
  return { login, password, totpSecret: secret };
}

async function inParallel<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: ENROLLING }, work));
  return made;
}
