import type { Rectangle } from "@poterne/picture";
import type { IssuedLicence } from "./connect/licence-index.ts";
import type { RdpFailureCode } from "./failures.ts";

/** What an `RdpClient` asks of its host, to be carried out in order. */
export type RdpCommand =
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** Start TLS now, check the certificate, then call `tlsStarted`. */
  | { readonly type: "startTls" }
  /** Call `authenticate`. With NLA a mechanism is needed; without, the server shows its own log-in to a wrong password. */
  | { readonly type: "credentials"; readonly isNla: boolean }
  /** A licence for the next connection to this server: to be kept like a secret, in place of the one like it. */
  | { readonly type: "licence"; readonly licence: IssuedLicence }
  /** The desktop is there. */
  | { readonly type: "open"; readonly width: number; readonly height: number }
  | { readonly type: "resized"; readonly width: number; readonly height: number }
  /** How many monitors the server takes from now on; 0 where it takes no layout at all (any more). */
  | { readonly type: "monitorLimit"; readonly count: number }
  /** The server's desktop is made of these monitors, by the desktop's top left corner. */
  | { readonly type: "monitors"; readonly places: readonly Rectangle[] }
  /** Commands of the picture language; the payload belongs to the host. */
  | {
      readonly type: "frame";
      readonly channel: "picture" | "pointer";
      readonly entry: "start" | "end" | null;
      readonly payload: Uint8Array;
    }
  /** A frame of the target is whole: call `acknowledge` once the controller's viewer has it. */
  | { readonly type: "frameEnd"; readonly frameId: number }
  /** Somebody is signed in, with what the server says of him where it does. */
  | { readonly type: "signedIn"; readonly username: string }
  /** For `reconnectCookie` of the next connection after a cut; a secret. */
  | { readonly type: "reconnectCookie"; readonly bytes: Uint8Array }
  /** What the server measured of the network; the bandwidth null where it does not say. */
  | { readonly type: "network"; readonly roundTripMs: number; readonly bandwidthKbits: number | null }
  /** A server that sends heartbeats has sent nothing for so long: the connection is lost. */
  | { readonly type: "silent"; readonly seconds: number }
  /** Lock lamps: bit 0 scroll, 1 num, 2 caps. */
  | { readonly type: "locks"; readonly locks: number }
  | { readonly type: "bell" }
  /** A message on a static channel that was asked for by name. */
  | { readonly type: "channel"; readonly name: string; readonly data: Uint8Array }
  /** A message on such a channel was over the limit and is left out. */
  | { readonly type: "channelTooLong"; readonly name: string; readonly sizeBytes: number }
  /** The connection cannot go on, or the server ends it; nothing comes after it. */
  | { readonly type: "fail"; readonly code: RdpFailureCode; readonly detail: string };
