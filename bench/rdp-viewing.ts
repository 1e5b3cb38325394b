import { type Demo, openSession } from "../tests/support/demo.ts";
import { type GrantedTarget, grantTarget, personIdOf } from "../tests/support/inventory.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { GatewayViewer } from "./gateway-viewer.ts";

const PICTURE_LIMIT_MS = 60_000;
const END_LIMIT_MS = 10_000;

/** Makes an RDP target on a port of this machine that the demo's person may open, always recorded. */
export async function grantRdp(
  { api }: Pick<Demo, "api">,
  port: number,
  password = "nothing",
): Promise<GrantedTarget> {
  const personId = await personIdOf(api);
  return grantTarget(api, { protocol: "rdp", port, personId, password, rules: { recording: "must" } });
}

/** Opens sessions on a target one after the other; resolves when each has shown a picture. */
export async function openDesktops(
  { api }: Pick<Demo, "api">,
  target: GrantedTarget,
  count: number,
): Promise<GatewayViewer[]> {
  const viewers: GatewayViewer[] = [];
  for (let index = 0; index < count; index++)
    viewers.push(await GatewayViewer.attach(api, await openSession(api, target)));
  await untilPictures(viewers);
  return viewers;
}

/** Resolves when each viewer has shown a picture. */
export async function untilPictures(viewers: readonly { readonly updates: number }[]): Promise<void> {
  const endAt = performance.now() + PICTURE_LIMIT_MS;
  while (!viewers.every(({ updates }) => updates > 0)) {
    if (performance.now() > endAt) throw new Error("not every session showed a picture");
    await sleep(50);
  }
}

/** Resolves when no session runs any more: one that is ending still costs. */
export async function untilEnded({ api }: Pick<Demo, "api">): Promise<void> {
  const endAt = performance.now() + END_LIMIT_MS;
  for (;;) {
    const url = "/api/v1/sessions?limit=200";
    const { items } = await api.must<{ items: { endCode: string | null }[] }>("GET", url);
    if (items.every(({ endCode }) => endCode !== null)) return;
    if (performance.now() > endAt) throw new Error("a session did not end");
    await sleep(100);
  }
}
