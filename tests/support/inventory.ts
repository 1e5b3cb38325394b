import type { DemoTarget } from "./demo.ts";
import type { ApiClient } from "./gateway.ts";

/** A target with everything that lets one person open it. */
export interface GrantedTarget extends DemoTarget {
  readonly machineId: string;
  readonly accountId: string;
  readonly policyId: string;
  readonly grantId: string;
}

/** What a test decides about a target; the rest is as in the lab. */
export interface TargetWish {
  readonly protocol: "ssh" | "telnet" | "vnc" | "rdp";
  readonly port: number;
  readonly personId: string;
  readonly username?: string;
  readonly password?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** `as-me` opens with the person's own directory account. */
  readonly kind?: "password" | "as-me";
  /** The machine's name in its realm. */
  readonly kerberosName?: string;
  /** Rules of its policy, beside the defaults. */
  readonly rules?: Readonly<Record<string, unknown>>;
}

let count = 0;

/** The caller's own id. */
export async function personIdOf(api: ApiClient): Promise<string> {
  const { person } = await api.must<{ person: { personId: string } }>("GET", "/api/v1/sign-in");
  return person.personId;
}

/** Makes machine, target, account, policy and grant over the API, as an administrator. */
export async function grantTarget(api: ApiClient, wish: TargetWish): Promise<GrantedTarget> {
  const name = `${wish.protocol}-${wish.port}-${++count}`;
  const machine = await api.must<{ machineId: string; targets: { targetId: string }[] }>(
    "POST",
    "/api/v1/machines",
    {
      name,
      siteId: await someSite(api),
      addresses: ["127.0.0.1"],
      kerberosName: wish.kerberosName ?? "",
      targets: [{ name, protocol: wish.protocol, port: wish.port, options: wish.options ?? {} }],
    },
  );
  const { accountId } = await api.must<{ accountId: string }>("POST", "/api/v1/accounts", {
    name,
    kind: wish.kind ?? "password",
    username: wish.username ?? (wish.kind === "as-me" ? "" : "alice"),
  });
  if (wish.kind !== "as-me")
    await api.must("PUT", `/api/v1/accounts/${accountId}/password`, { password: wish.password ?? "nothing" });
  const { policyId } = await api.must<{ policyId: string }>("POST", "/api/v1/policies", {
    name,
    rules: wish.rules ?? {},
  });
  const targetId = machine.targets[0]?.targetId ?? "";
  const { grantId } = await api.must<{ grantId: string }>("POST", "/api/v1/grants", {
    personId: wish.personId,
    targetIds: [targetId],
    accountIds: [accountId],
    policyId,
  });
  return {
    targetId,
    name,
    protocol: wish.protocol,
    machineId: machine.machineId,
    accountId,
    policyId,
    grantId,
  };
}

async function someSite(api: ApiClient): Promise<string> {
  const { items } = await api.must<{ items: { siteId: string }[] }>("GET", "/api/v1/sites");
  const first = items[0];
  if (first !== undefined) return first.siteId;
  return (await api.must<{ siteId: string }>("POST", "/api/v1/sites", { name: "Site", parentId: null }))
    .siteId;
}
