import { ApiClient, TestGateway } from "./gateway.ts";

/** One of the demo person's targets. */
export interface DemoTarget {
  readonly targetId: string;
  readonly name: string;
  readonly protocol: string;
}

/** A demo gateway with its person signed in over the API. */
export interface Demo {
  readonly gateway: TestGateway;
  readonly api: ApiClient;
  readonly targets: Readonly<Record<"ssh" | "telnet" | "vnc", DemoTarget>>;
}

/** Starts a gateway with the demo's inventory (the lab's servers must be up) and signs its person in by the link. */
export async function startDemo(options: readonly string[] = [], dataDir?: string): Promise<Demo> {
  const gateway = await TestGateway.start(["--demo", ...options], dataDir);
  const api = await signInByLink(gateway, gateway.link);
  const { items } = await api.must<{ items: { targets: DemoTarget[] }[] }>("GET", "/api/v1/my/machines");
  const all = items.flatMap(({ targets }) => targets);
  const find = (protocol: string): DemoTarget => {
    const target = all.find((candidate) => candidate.protocol === protocol);
    if (target === undefined) throw new Error(`no ${protocol} target in the demo`);
    return target;
  };
  return { gateway, api, targets: { ssh: find("ssh"), telnet: find("telnet"), vnc: find("vnc") } };
}

/** Signs in by a one-time link, as the page does. */
export async function signInByLink(gateway: TestGateway, link: string): Promise<ApiClient> {
  const api = new ApiClient(gateway);
  const token = new URL(link).hash.replace(/^#link=/, "");
  const state = await api.must<{ state: string; csrfToken?: string }>("POST", "/api/v1/sign-in/link", {
    token,
  });
  if (state.state !== "signed-in") throw new Error(`the link did not sign in: ${JSON.stringify(state)}`);
  api.csrfToken = state.csrfToken ?? "";
  return api;
}

/** Opens a session on a target; resolves with its id. */
export async function openSession(api: ApiClient, target: DemoTarget): Promise<string> {
  const { sessionId } = await api.must<{ sessionId: string }>("POST", "/api/v1/sessions", {
    targetId: target.targetId,
  });
  return sessionId;
}
