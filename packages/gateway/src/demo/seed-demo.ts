import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  listSites,
  setAccountPassword,
} from "@poterne/contract";
import type { Gateway } from "../app.ts";
import { InternalCaller } from "../http/run-handler.ts";

/** The lab's servers that `npm run demo` starts (lab/README.md), as an inventory. */
const machines = [
  {
    name: "SRV-LINUX-01",
    protocol: "ssh",
    port: 2201,
    account: { name: "alice", username: "alice", password: "alice-Passw0rd" },
  },
  {
    name: "SW-COMMUTATEUR-01",
    protocol: "telnet",
    port: 2302,
    account: { name: "admin (commutateur)", username: "admin", password: "switch-pass" },
  },
  {
    name: "SRV-BUREAU-01",
    protocol: "rdp",
    port: 23890,
    account: { name: "alice (bureau)", username: "alice", password: "alice-Passw0rd" },
  },
  {
    name: "PC-BUREAU-01",
    protocol: "vnc",
    port: 5945,
    account: { name: "bureau VNC", username: "", password: "vnc-pass" },
  },
] as const;

/**
 * Fills an empty store with the demo's site, machines, accounts, policy and grants, and resolves with a one-time link
 * that signs the demo person in. Called with `--demo` only. Repeating it only makes a new link.
 */
export async function seedDemo({
  services,
  handlers,
}: Pick<Gateway, "services" | "handlers">): Promise<string> {
  const { personId, link } = await services.auth.createDemoPerson({ login: "demo", name: "Camille Démo" });
  const caller = new InternalCaller(handlers, { personId, name: "Camille Démo" });
  const sites = await caller.call(listSites, {});
  if (sites.items.length === 0) await fill(caller, personId);
  return link.url;
}

async function fill(caller: InternalCaller, personId: string): Promise<void> {
  const site = await caller.call(createSite, {
    body: { name: "Démonstration", parentId: null, priority: 1 },
  });
  const policy = await caller.call(createPolicy, {
    body: {
      name: "Démonstration : enregistrée, fichiers permis",
      rules: {
        filesToTarget: true,
        filesFromTarget: true,
        clipboardToTarget: "text",
        clipboardFromTarget: "text",
      },
    },
  });
  for (const { name, protocol, port, account } of machines) {
    const machine = await caller.call(createMachine, {
      body: { name, siteId: site.siteId, addresses: ["127.0.0.1"], targets: [{ name, protocol, port }] },
    });
    const { accountId } = await caller.call(createAccount, {
      body: { name: account.name, kind: "password", username: account.username },
    });
    await caller.call(setAccountPassword, { params: { accountId }, body: { password: account.password } });
    await caller.call(createGrant, {
      body: {
        personId,
        machineIds: [machine.machineId],
        accountIds: [accountId],
        policyId: policy.policyId,
        note: "npm run demo",
      },
    });
  }
}
