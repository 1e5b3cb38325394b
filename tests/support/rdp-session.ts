import { policyRules } from "../../packages/contract/src/index.ts";
import type { KerberosAccess } from "../../packages/gateway/src/kerberos/kerberos-access.ts";
import type {
  Credentials,
  DriverHop,
  SessionFolders,
  TargetIdentity,
} from "../../packages/gateway/src/session/driver.ts";
import { RdpDriver } from "../../packages/gateway/src/session/drivers/rdp/driver.ts";
import { Channel, FrameFlag } from "../../packages/wire/src/index.ts";
import { labPasswords } from "./lab.ts";
import { makeViewer, TestHost } from "./vnc-peer.ts";
import { findXrdpDisplay } from "./xrdp-desktop.ts";

/** The lab's RDP servers. */
export const RDP_PORT = { xrdp: 23890, xrdp10: 23891, shadow2: 23892, shadow3: 23893, grd: 23897 } as const;

/** The X display a lab server shows, once it is there. */
export async function displayOf(name: Exclude<keyof typeof RDP_PORT, "grd">): Promise<string> {
  if (name === "shadow2") return ":41";
  return name === "shadow3" ? ":42" : findXrdpDisplay(name);
}

/** What a test decides about a way in; the rest is alice with her password and a target's defaults. */
export interface RdpWish {
  readonly port: number;
  readonly address?: string;
  readonly credentials?: Credentials;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly identities?: readonly TargetIdentity[];
  readonly policy?: Parameters<typeof policyRules.parse>[0];
  readonly answers?: readonly string[];
  /** Whether the controller's browser decodes H.264; not unless told, since the test's viewer does not. */
  readonly decodesH264?: boolean;
  /** The same of Opus. */
  readonly decodesOpus?: boolean;
  /** The machine's name in its domain. */
  readonly kerberosName?: string;
  readonly kerberos?: KerberosAccess;
  /** Where files of the session may lie; absent: nowhere. */
  readonly folders?: SessionFolders;
}

/** A way in to a lab server. */
export function rdpHop(wish: RdpWish): DriverHop {
  return {
    name: "bureau",
    address: wish.address ?? "127.0.0.1",
    port: wish.port,
    credentials: wish.credentials ?? { kind: "password", username: "alice", password: labPasswords.alice },
    identities: wish.identities ?? [],
    options: wish.options ?? {},
    ...(wish.kerberosName === undefined ? {} : { kerberosName: wish.kerberosName }),
  };
}

/** A driver as the gateway makes it, with a viewer that shows its frames and acknowledges them at once. */
export function makeRdpSession(wish: RdpWish) {
  const host = new TestHost();
  host.answers = wish.answers ?? null;
  host.decodesH264 = wish.decodesH264 ?? false;
  host.decodesOpus = wish.decodesOpus ?? false;
  host.viewerSize = { columns: 0, rows: 0, widthPx: 1024, heightPx: 768 };
  const viewer = makeViewer();
  const policy = policyRules.parse(wish.policy ?? {});
  const driver = new RdpDriver(
    {
      sessionId: "0",
      hops: [rdpHop(wish)],
      policy,
      ...(wish.folders === undefined ? {} : { folders: wish.folders }),
      ...(wish.kerberos === undefined ? {} : { kerberos: wish.kerberos }),
    },
    host,
  );
  let entryEnds = 0;
  host.onFrame = (frame) => {
    if ((frame.flags & FrameFlag.entryEnd) !== 0) entryEnds++;
    if (frame.channel === Channel.picture || frame.channel === Channel.pointer)
      viewer.decoder.push(frame.payload);
    queueMicrotask(() => driver.flow({ queuedBytes: 0, isWatched: true, decodesH264: host.decodesH264 }));
  };
  return { host, viewer, driver, entryEnds: () => entryEnds };
}
