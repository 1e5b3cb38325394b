import { concatBytes, DecodeError } from "@poterne/bytes";
import type { RdpCommand } from "../commands.ts";
import type { RdpCrypto } from "../crypto.ts";
import type { RdpFailure } from "../failures.ts";
import { fitMonitors, type Monitor } from "../monitors.ts";
import { CredSsp } from "../nla/credssp.ts";
import type { SecurityMechanism } from "../nla/mechanism.ts";
import { type Credentials, encodeClientInfo, InfoFlag } from "./client-info.ts";
import type { FramingMode, Packet } from "./framing.ts";
import { encodeConferenceRequest } from "./gcc-client.ts";
import { decodeConferenceResponse } from "./gcc-server.ts";
import { Licensing } from "./licence.ts";
import type { LicenceWish } from "./licence-index.ts";
import {
  decodeConnectResponse,
  decodeMcsPdu,
  encodeChannelJoin,
  encodeConnectInitial,
  encodeErectAndAttach,
  encodeSendData,
  type McsPdu,
} from "./mcs.ts";
import type { Arrival, MessageChannel } from "./message-channel.ts";
import {
  decodeConnectionConfirm,
  decodeData,
  EXTENDED_CLIENT_DATA_SUPPORTED,
  encodeConnectionRequest,
  NegotiationFailure,
  Protocol,
} from "./x224.ts";

/** [MS-RDPBCGR] 2.2.10.2 AUTHZ_SUCCESS; anything else refuses. */
const AUTHZ_SUCCESS = 0;

/** What a connection needs besides bytes; everything of the outside world enters here. */
export interface ConnectionOptions {
  /** The desktop to begin with: one monitor at least. */
  readonly monitors: readonly Monitor[];
  /** Windows' number of the keyboard layout, such as 0x40c for French. */
  readonly keyboardLayout: number;
  readonly clientName: string;
  readonly security: SecurityRules;
  /** For load balancers and the server's log, known before anybody signs in; may be empty. */
  readonly cookieName: string;
  /** Static channels, the dynamic one included. */
  readonly channels: readonly string[];
  readonly hasGraphicsPipeline: boolean;
  /** Whether the server may send sound; it needs a channel for it too. */
  readonly hasSound?: boolean;
  /** [MS-RDPBCGR] 2.2.1.11.1.1.1 performanceFlags. */
  readonly performanceFlags: number;
  /** A licence that this server's licence server gave, null without: see `LicensingOptions`. */
  findLicence(wish: LicenceWish): Uint8Array | null;
  /** Sixteen bytes that name this client to licence servers, the same each time. */
  readonly hardwareId: Uint8Array;
  /** 28 bytes made from `reconnectCookie`, null without. */
  readonly reconnectCookie: Uint8Array | null;
  readonly crypto: RdpCrypto;
}

/** What the target's options demand of the way in. */
export interface SecurityRules {
  /** `nla` refuses servers that do without. */
  readonly minimum: "tls" | "nla";
  /** Whether NLA may be offered at all: it needs an account before the desktop shows. */
  readonly offersNla: boolean;
  /** The oldest CredSSP taken, 2 to 6. */
  readonly minimumCredSspVersion: number;
}

/** Facts of the TLS connection. */
export interface TlsFacts {
  /** The content of SubjectPublicKey of the server's certificate. */
  readonly publicKey: Uint8Array;
}

/** What later stages need. */
export interface Established {
  readonly userId: number;
  readonly ioChannelId: number;
  readonly channelIds: ReadonlyMap<string, number>;
  /** 0 where the server has none. */
  readonly messageChannelId: number;
}

type Step =
  | "negotiation"
  | "tls"
  | "credentials"
  | "nla"
  | "earlyAuthorization"
  | "conference"
  | "attach"
  | "join"
  | "licence"
  | "done";

/** [MS-RDPBCGR] 1.3.1.1 from the first byte to the end of licensing. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #commands: RdpCommand[];
  #step: Step = "negotiation";
  #selected = 0;
  #isExtendedDataTaken = false;
  #publicKey: Uint8Array = new Uint8Array(0);
  #credSsp: CredSsp | null = null;
  #credentials: Credentials | null = null;
  #licensing: Licensing | null = null;
  #conference = { ioChannelId: 0, channelIds: [] as readonly number[], messageChannelId: 0 };
  readonly #messages: MessageChannel;
  #userId = 0;
  #toJoin: number[] = [];
  #channelIds = new Map<string, number>();

  /** Commands are added to `commands`, which the host takes after each call. */
  constructor(commands: RdpCommand[], options: ConnectionOptions, messages: MessageChannel) {
    this.#commands = commands;
    this.#messages = messages;
    this.#options = options;
  }

  /** Null until licensing is over. */
  get established(): Established | null {
    if (this.#step !== "done") return null;
    return {
      userId: this.#userId,
      ioChannelId: this.#conference.ioChannelId,
      channelIds: this.#channelIds,
      messageChannelId: this.#conference.messageChannelId,
    };
  }

  /** See `RdpClient.hasMessageChannel`. */
  get hasMessageChannel(): boolean {
    return this.#conference.messageChannelId !== 0;
  }

  /** What the framer is to expect; null while the host has to do something first. */
  get framing(): FramingMode | null {
    if (this.#step === "tls" || this.#step === "credentials") return null;
    if (this.#step === "nla") return "tsRequest";
    return this.#step === "earlyAuthorization" ? "earlyAuthorization" : "pdu";
  }

  /** Sends the first packet. */
  start(): void {
    const { security, cookieName } = this.#options;
    const nla = security.offersNla ? Protocol.PROTOCOL_HYBRID | Protocol.PROTOCOL_HYBRID_EX : 0;
    this.#send(encodeConnectionRequest(Protocol.PROTOCOL_SSL | nla, cookieName));
  }

  /** TLS is up and the certificate is the target's. */
  tlsStarted(facts: TlsFacts): void {
    if (this.#step !== "tls") return;
    this.#publicKey = facts.publicKey;
    this.#step = "credentials";
    this.#commands.push({ type: "credentials", isNla: this.#isNla });
  }

  get #isNla(): boolean {
    return this.#selected !== Protocol.PROTOCOL_SSL;
  }

  /** Answers `credentials`. */
  authenticate(credentials: Credentials, mechanism: SecurityMechanism | null): void {
    if (this.#step !== "credentials") return;
    this.#credentials = credentials;
    if (!this.#isNla) {
      this.#beginConference();
      return;
    }
    if (mechanism === null) throw new RangeError("NLA needs a mechanism");
    const { crypto, security } = this.#options;
    this.#credSsp = new CredSsp({
      mechanism,
      credentials,
      publicKey: this.#publicKey,
      crypto,
      minimumVersion: security.minimumCredSspVersion,
    });
    this.#step = "nla";
    this.#send(this.#credSsp.start());
  }

  /** Takes one packet; throws `DecodeError`. */
  receive(packet: Packet, arrival: Arrival): void {
    if (packet.type === "tsRequest") this.#takeTsRequest(packet.bytes);
    else if (packet.type === "earlyAuthorization") this.#takeEarlyAuthorization(packet.bytes);
    else if (packet.type === "fastPath")
      throw new DecodeError("invalid", "connection", 0, "a fast-path update");
    else if (this.#step === "negotiation") this.#takeConfirm(packet.bytes);
    else if (this.#step === "conference") this.#takeConference(decodeData(packet.bytes));
    else this.#takeDomain(decodeMcsPdu(decodeData(packet.bytes)), arrival);
  }

  /** Nothing of the server has been understood yet: what comes may be no RDP at all. */
  get isNegotiating(): boolean {
    return this.#step === "negotiation";
  }

  /** Why a server that closes now does so. */
  failureOfClosing(): RdpFailure {
    if (this.#step === "negotiation") return { code: "not-rdp", detail: "closed during negotiation" };
    // FreeRDP's servers close without an error code when they do not accept the proof.
    if (this.#step === "nla" && this.#credSsp?.hasSentProof === true)
      return {
        code: "wrong-password",
        detail: "the server closed after the log-in: a wrong password, or not the server of this certificate",
      };
    return { code: "closed-by-target", detail: `closed in step ${this.#step}` };
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#commands.push({ type: "send", bytes });
  }

  #fail(failure: RdpFailure): void {
    this.#credentials = null;
    this.#commands.push({ type: "fail", ...failure });
  }

  #takeConfirm(tpdu: Uint8Array): void {
    const confirm = decodeConnectionConfirm(tpdu);
    if (confirm.type === "failure") {
      this.#fail(failureOfNegotiation(confirm.code));
      return;
    }
    this.#selected = confirm.protocol;
    this.#isExtendedDataTaken = (confirm.flags & EXTENDED_CLIENT_DATA_SUPPORTED) !== 0;
    const { security } = this.#options;
    const isKnown =
      confirm.protocol === Protocol.PROTOCOL_SSL ||
      (security.offersNla &&
        (confirm.protocol === Protocol.PROTOCOL_HYBRID || confirm.protocol === Protocol.PROTOCOL_HYBRID_EX));
    if (confirm.protocol === Protocol.PROTOCOL_RDP)
      this.#fail({ code: "rdp-security-only", detail: "the server offers only RDP's own RC4 security" });
    else if (!isKnown)
      throw new DecodeError("invalid", "X.224 connection confirm", 8, "protocol not asked for");
    else if (security.minimum === "nla" && !this.#isNla)
      this.#fail({ code: "nla-not-offered", detail: "the server does TLS without NLA" });
    else {
      this.#step = "tls";
      this.#commands.push({ type: "startTls" });
    }
  }

  #takeTsRequest(bytes: Uint8Array): void {
    const result = this.#credSsp?.receive(bytes);
    if (result === undefined) return;
    if (result.type === "fail") {
      this.#fail(result.failure);
      return;
    }
    this.#send(result.bytes);
    if (result.type === "send") return;
    this.#credSsp = null;
    if (this.#selected === Protocol.PROTOCOL_HYBRID_EX) this.#step = "earlyAuthorization";
    else this.#beginConference();
  }

  /** [MS-RDPBCGR] 2.2.10.2 Early User Authorization Result PDU. */
  #takeEarlyAuthorization(bytes: Uint8Array): void {
    const isGranted = bytes.every((byte) => byte === AUTHZ_SUCCESS);
    if (isGranted) this.#beginConference();
    else this.#fail({ code: "not-authorized", detail: "early user authorisation refused" });
  }

  #beginConference(): void {
    this.#step = "conference";
    const conference = encodeConferenceRequest({
      ...this.#options,
      monitors: fitMonitors(this.#options.monitors),
      isExtendedDataTaken: this.#isExtendedDataTaken,
      selectedProtocol: this.#selected,
    });
    this.#send(encodeConnectInitial(conference));
  }

  #takeConference(pdu: Uint8Array): void {
    const { result, conference } = decodeConnectResponse(pdu);
    if (result !== 0) {
      this.#fail({ code: "refused", detail: `MCS connect result ${result}` });
      return;
    }
    const server = decodeConferenceResponse(conference);
    if (server.encryptionMethod !== 0) {
      this.#fail({ code: "rdp-security-only", detail: "the server wants RC4 inside TLS" });
      return;
    }
    this.#conference = server;
    this.#options.channels.forEach((name, index) => {
      const id = server.channelIds[index] ?? 0;
      if (id !== 0) this.#channelIds.set(name, id);
    });
    this.#step = "attach";
    this.#send(concatBytes(encodeErectAndAttach()));
  }

  #takeDomain(pdu: McsPdu, arrival: Arrival): void {
    const { messageChannelId } = this.#conference;
    if (pdu.type === "ultimatum") {
      this.#fail({ code: "closed-by-target", detail: `MCS reason ${pdu.reason} in step ${this.#step}` });
    } else if (pdu.type === "attachUserConfirm" && this.#step === "attach") {
      this.#userId = pdu.userId;
      const messages = messageChannelId === 0 ? [] : [messageChannelId];
      this.#toJoin = [pdu.userId, this.#conference.ioChannelId, ...messages, ...this.#channelIds.values()];
      this.#step = "join";
      this.#joinNext();
    } else if (pdu.type === "channelJoinConfirm" && this.#step === "join") this.#joinNext();
    else if (pdu.type === "data" && messageChannelId !== 0 && pdu.channelId === messageChannelId) {
      const { answer } = this.#messages.receive(pdu.payload, arrival);
      if (answer !== null) this.#send(encodeSendData(this.#userId, messageChannelId, answer));
    } else if (pdu.type === "data" && this.#step === "licence") this.#takeLicensing(pdu);
    else throw new DecodeError("invalid", "MCS PDU", 0, `${pdu.type} in step ${this.#step}`);
  }

  #joinNext(): void {
    const channelId = this.#toJoin.shift();
    if (channelId === undefined) this.#sendClientInfo();
    else this.#send(encodeChannelJoin(this.#userId, channelId));
  }

  #sendClientInfo(): void {
    const { crypto, clientName, hardwareId, keyboardLayout, performanceFlags, reconnectCookie } =
      this.#options;
    const credentials = this.#credentials ?? { domain: "", username: "", password: "" };
    this.#credentials = null;
    this.#licensing = new Licensing({
      crypto,
      clientName,
      hardwareId,
      findLicence: (wish) => this.#options.findLicence(wish),
      username: credentials.username,
    });
    const info = encodeClientInfo({
      // After NLA the server has the password already: it need not travel twice.
      credentials: this.#isNla ? { ...credentials, password: "" } : credentials,
      flags:
        InfoFlag.INFO_MOUSE |
        InfoFlag.INFO_DISABLECTRLALTDEL |
        InfoFlag.INFO_UNICODE |
        InfoFlag.INFO_MAXIMIZESHELL |
        InfoFlag.INFO_LOGONNOTIFY |
        InfoFlag.INFO_LOGONERRORS |
        InfoFlag.INFO_ENABLEWINDOWSKEY |
        InfoFlag.INFO_MOUSE_HAS_WHEEL |
        (this.#options.hasSound === true ? 0 : InfoFlag.INFO_NOAUDIOPLAYBACK) |
        (credentials.username === "" ? 0 : InfoFlag.INFO_AUTOLOGON),
      keyboardLayout,
      performanceFlags,
      reconnectCookie,
    });
    this.#step = "licence";
    this.#send(encodeSendData(this.#userId, this.#conference.ioChannelId, info));
  }

  #takeLicensing(pdu: { readonly channelId: number; readonly payload: Uint8Array }): void {
    if (pdu.channelId !== this.#conference.ioChannelId) return;
    const result = this.#licensing?.receive(pdu.payload) ?? null;
    if (result === null) return;
    if (result.type === "fail") this.#fail(result.failure);
    else if (result.type === "send")
      this.#send(encodeSendData(this.#userId, this.#conference.ioChannelId, result.bytes));
    else {
      if (result.licence !== null) this.#commands.push({ type: "licence", licence: result.licence });
      this.#licensing = null;
      this.#step = "done";
    }
  }
}

/** [MS-RDPBCGR] 2.2.1.2.2 in our reasons. */
function failureOfNegotiation(code: number): RdpFailure {
  switch (code) {
    case NegotiationFailure.HYBRID_REQUIRED_BY_SERVER:
      return { code: "nla-required", detail: "HYBRID_REQUIRED_BY_SERVER" };
    case NegotiationFailure.SSL_NOT_ALLOWED_BY_SERVER:
      return { code: "rdp-security-only", detail: "SSL_NOT_ALLOWED_BY_SERVER" };
    case NegotiationFailure.SSL_CERT_NOT_ON_SERVER:
      return { code: "rdp-security-only", detail: "SSL_CERT_NOT_ON_SERVER" };
    case NegotiationFailure.SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER:
      return { code: "refused", detail: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER" };
    default:
      return { code: "refused", detail: `negotiation failure ${code}` };
  }
}
