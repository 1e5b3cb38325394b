import { RDP_LAYOUTS, type RdpOptions } from "@poterne/contract";
import { GfxVersion, type Monitor, makeReconnectCookie, RDPSND, type RdpClientOptions } from "@poterne/rdp";
import type { Credentials } from "../../driver.ts";
import { giveScratch, takeScratch } from "../picture-scratch.ts";
import { splitLogin } from "./credentials.ts";
import { rdpCrypto } from "./crypto.ts";
import type { RdpLicences } from "./licences.ts";
import type { RdpSound } from "./sound.ts";

/** What the target sees as its client's computer. */
export const CLIENT_NAME = "poterne";
/** CredSSP from this version on binds the server's key by a hash with a nonce (CVE-2018-0886). */
const SAFE_CREDSSP_VERSION = 5;
const OLDEST_CREDSSP_VERSION = 2;
/** [MS-RDPBCGR] 2.2.1.11.1.1.1 PERF_ENABLE_FONT_SMOOTHING. */
const PERFORMANCE_FLAGS = 0x80;

/** What one connection of a session is to offer. */
export interface RdpOffer {
  readonly settings: RdpOptions;
  readonly credentials: Credentials;
  readonly monitors: readonly Monitor[];
  /** Static channels that policy allows, sound not counted. */
  readonly channels: readonly string[];
  /** Null where policy wants none. */
  readonly sound: RdpSound | null;
  readonly licences: RdpLicences;
  /** The server's packet to come back with after a cut, null without. */
  readonly serverCookie: Uint8Array | null;
  readonly hasAvc: boolean;
}

/** The core's options for a connection. */
export function makeClientOptions(offer: RdpOffer): RdpClientOptions {
  const { settings, credentials, sound, licences, serverCookie } = offer;
  const { security, kerberos, allowsOldNla, keyboardLayout } = settings;
  const login = credentials.kind === "ssh-key" ? "" : (credentials.username ?? "");
  return {
    monitors: offer.monitors,
    keyboardLayout: RDP_LAYOUTS[keyboardLayout],
    clientName: CLIENT_NAME,
    security: {
      // INVARIANT: *Kerberos only* sends no password to a server that did not ask for a ticket first.
      minimum: security === "nla" || kerberos === "only" ? "nla" : "tls",
      offersNla: security !== "tls" || kerberos === "only",
      minimumCredSspVersion: allowsOldNla ? OLDEST_CREDSSP_VERSION : SAFE_CREDSSP_VERSION,
    },
    cookieName: splitLogin(login, "").username.replace(/[^\w.-]/g, ""),
    // INVARIANT: a channel that is not allowed is not offered.
    channels: [...offer.channels, ...(sound === null ? [] : [RDPSND])],
    hasSound: sound !== null,
    ...(sound === null ? {} : { dynamicChannels: sound.dynamicChannels }),
    performanceFlags: PERFORMANCE_FLAGS,
    findLicence: (wish) => licences.find(wish),
    hardwareId: licences.hardwareId,
    reconnectCookie: serverCookie === null ? null : makeReconnectCookie(serverCookie, rdpCrypto),
    crypto: rdpCrypto,
    allocate: takeScratch,
    giveBack: giveScratch,
    hasRemoteFx: true,
    graphics: { hasAvc: offer.hasAvc, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 },
  };
}
