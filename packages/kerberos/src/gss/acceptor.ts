import { DecodeError } from "@poterne/bytes";
import { wipe } from "../crypto.ts";
import { decrypt, type EncryptionTools, encrypt, IntegrityError } from "../encryption/encryption.ts";
import { profileOf } from "../encryption/profiles.ts";
import { failureOfException, type KerberosFailure, makeFailure } from "../exchange/failure.ts";
import { MAX_CLOCK_SKEW_MS } from "../limits.ts";
import {
  type ApRequest,
  type Authenticator,
  decodeApRequest,
  decodeAuthenticator,
  encodeApReply,
  encodeEncApReplyPart,
} from "../messages/ap-messages.ts";
import { encodeKrbError } from "../messages/krb-error.ts";
import { ApOption, ErrorCode, KeyUsage, TicketFlag } from "../messages/numbers.ts";
import { isSameName, isSameNameInAnyCase, type Principal } from "../messages/principal.ts";
import { decodeEncTicketPart, type EncTicketPart, type Ticket } from "../messages/ticket.ts";
import { readFlagsChecksum } from "./flags.ts";
import type { KeytabEntry } from "./keytab.ts";
import type { ReplayCache } from "./replay-cache.ts";
import { GssSession } from "./session.ts";
import { readContextToken, TokenId, writeContextToken } from "./token.ts";

/** What an acceptor needs. One replay cache serves all acceptors of the same keys. */
export interface GssAcceptorOptions extends EncryptionTools {
  readonly keytab: readonly KeytabEntry[];
  readonly replayCache: ReplayCache;
}

/** Who came in. */
export interface Accepted {
  readonly client: Principal;
  readonly service: Principal;
  /** End of the ticket, Unix milliseconds: nothing should rest on it for longer. */
  readonly endtimeMs: number;
  readonly session: GssSession;
}

/** What came of an initiator's token. `token` is for the initiator, empty where it awaits none. */
export type AcceptorOutcome =
  | { readonly type: "established"; readonly token: Uint8Array; readonly accepted: Accepted }
  | { readonly type: "refused"; readonly token: Uint8Array; readonly failure: KerberosFailure };

/** The most keys tried on one ticket whose service the keytab does not name. */
const MAX_KEYS_TRIED = 32;
const NOTHING = new Uint8Array(0);

/** The accepting side of a Kerberos context (RFC 4120 §3.2.3, RFC 4121 §4.1). Keeps nothing of one context. */
export class GssAcceptor {
  readonly #options: GssAcceptorOptions;

  constructor(options: GssAcceptorOptions) {
    this.#options = options;
  }

  /** Takes an initiator's first token. */
  accept(token: Uint8Array, nowMs: number): AcceptorOutcome {
    try {
      const { id, message } = readContextToken(token);
      if (id !== TokenId.KRB_AP_REQ) throw new DecodeError("invalid", "context token", 0, "token id");
      return this.#acceptRequest(decodeApRequest(message), nowMs);
    } catch (error) {
      return { type: "refused", token: NOTHING, failure: failureOfException(error) };
    }
  }

  #acceptRequest(request: ApRequest, nowMs: number): AcceptorOutcome {
    const { ticket } = request;
    const service: Principal = { realm: ticket.realm, name: ticket.sname };
    if ((request.options & ApOption["use-session-key"]) !== 0)
      return refuse(makeFailure("service-restricted", "user-to-user is not spoken here"));
    const opened = this.#openTicket(ticket);
    if ("failure" in opened) return refuse(opened.failure);
    const { part } = opened;
    const authenticator = this.#openAuthenticator(request, part);
    const failure =
      findFault(part, authenticator, nowMs, ticket.realm) ?? this.#findReplay(request, authenticator, nowMs);
    if (failure === undefined) return this.#establish({ request, part, authenticator, service });
    wipe(part.key.bytes, authenticator.subkey?.bytes ?? NOTHING);
    if (failure.reason !== "clock-skew") return refuse(failure);
    const error = encodeKrbError(ErrorCode.KRB_AP_ERR_SKEW, service, nowMs);
    return { type: "refused", token: writeContextToken(TokenId.KRB_ERROR, error), failure };
  }

  /** Opens a ticket with the key of its service, type and version, or, where the service has another name, with any. */
  #openTicket(ticket: Ticket): { readonly part: EncTicketPart } | { readonly failure: KerberosFailure } {
    const { etype, kvno, cipher } = ticket.encPart;
    const ofType = this.#options.keytab.filter(({ key }) => key.etype === etype);
    const named = ofType.filter(({ principal }) => isSameNameInAnyCase(principal.name, ticket.sname));
    const sameVersion = (entry: KeytabEntry) => kvno === undefined || (entry.kvno & 0xff) === (kvno & 0xff);
    const candidates = (named.length > 0 ? named : ofType).filter(sameVersion).slice(0, MAX_KEYS_TRIED);
    const about = `${ticket.sname.parts.join("/")}, encryption type ${etype}, key version ${kvno ?? "any"}`;
    if (candidates.length === 0) return { failure: makeFailure("unknown-service-key", about) };
    for (const { key } of candidates) {
      try {
        const plain = decrypt(this.#options.crypto, key, KeyUsage.KDC_REP_TICKET, cipher);
        return { part: readAndWipe(plain, decodeEncTicketPart) };
      } catch (error) {
        if (!(error instanceof IntegrityError)) throw error;
      }
    }
    return { failure: makeFailure(named.length > 0 ? "wrong-service-key" : "unknown-service-key", about) };
  }

  #openAuthenticator(request: ApRequest, part: EncTicketPart): Authenticator {
    const { cipher } = request.authenticator;
    const plain = decrypt(this.#options.crypto, part.key, KeyUsage.AP_REQ_AUTH, cipher);
    return readAndWipe(plain, (bytes) => {
      const authenticator = decodeAuthenticator(bytes);
      readFlagsChecksum(authenticator.checksum);
      return authenticator;
    });
  }

  #findReplay(request: ApRequest, authenticator: Authenticator, nowMs: number): KerberosFailure | undefined {
    const { cipher } = request.authenticator;
    const isNew = this.#options.replayCache.takeNew(cipher, authenticator.ctimeMs, nowMs);
    return isNew
      ? undefined
      : makeFailure("replay", "this authenticator was seen before or cannot be judged");
  }

  #establish(context: {
    readonly request: ApRequest;
    readonly part: EncTicketPart;
    readonly authenticator: Authenticator;
    readonly service: Principal;
  }): AcceptorOutcome {
    const { part, authenticator, service } = context;
    const { crypto, randomBytes } = this.#options;
    const isMutual = (context.request.options & ApOption["mutual-required"]) !== 0;
    const theirs = authenticator.subkey ?? part.key;
    const sequence = randomBytes(4).reduce((value, octet) => value * 256 + octet, 0) & 0x3fff_ffff;
    const subkey = isMutual
      ? { etype: theirs.etype, bytes: randomBytes(profileOf(theirs).keyBytes) }
      : undefined;
    const token = subkey === undefined ? NOTHING : this.#writeReply(context, subkey, sequence);
    const session = new GssSession({
      crypto,
      randomBytes,
      role: "acceptor",
      key: subkey ?? theirs,
      hasAcceptorSubkey: subkey !== undefined,
      sendSequence: isMutual ? sequence : (authenticator.sequenceNumber ?? 0),
      receiveSequence: authenticator.sequenceNumber ?? 0,
    });
    // Without mutual authentication the session may own one of these keys.
    if (subkey !== undefined) wipe(part.key.bytes, theirs.bytes);
    const client = { realm: part.crealm, name: part.cname };
    return { type: "established", token, accepted: { client, service, endtimeMs: part.endtimeMs, session } };
  }

  #writeReply(
    { part, authenticator }: { readonly part: EncTicketPart; readonly authenticator: Authenticator },
    subkey: { readonly etype: number; readonly bytes: Uint8Array },
    sequenceNumber: number,
  ): Uint8Array {
    const { ctimeMs, cusec } = authenticator;
    const plain = encodeEncApReplyPart({ ctimeMs, cusec, subkey, sequenceNumber });
    const cipher = encrypt(this.#options, part.key, KeyUsage.AP_REP_ENC_PART, plain);
    wipe(plain);
    const reply = encodeApReply({ etype: part.key.etype, kvno: undefined, cipher });
    return writeContextToken(TokenId.KRB_AP_REP, reply);
  }
}

/** What is read of an opened part; the part itself, which holds a key, is wiped whether it could be read or not. */
function readAndWipe<Part>(plain: Uint8Array, read: (bytes: Uint8Array) => Part): Part {
  try {
    return read(plain);
  } finally {
    wipe(plain);
  }
}

function refuse(failure: KerberosFailure): AcceptorOutcome {
  return { type: "refused", token: NOTHING, failure };
}

/** RFC 4120 §3.2.3: the authenticator is the ticket's, all times are good, and the realms on the way were checked. */
function findFault(
  part: EncTicketPart,
  authenticator: Authenticator,
  nowMs: number,
  serviceRealm: string,
): KerberosFailure | undefined {
  if (part.crealm !== authenticator.crealm || !isSameName(part.cname, authenticator.cname))
    return makeFailure("bad-answer", "the authenticator is another person's");
  if (Math.abs(authenticator.ctimeMs - nowMs) > MAX_CLOCK_SKEW_MS)
    return makeFailure("clock-skew", `${Math.round((authenticator.ctimeMs - nowMs) / 1000)} s apart`);
  if ((part.flags & TicketFlag.invalid) !== 0 || part.starttimeMs > nowMs + MAX_CLOCK_SKEW_MS)
    return makeFailure("ticket-not-yet-valid", "the ticket's time has not begun");
  if (part.endtimeMs < nowMs - MAX_CLOCK_SKEW_MS)
    return makeFailure("ticket-expired", "the ticket's time is over");
  const isChecked = (part.flags & TicketFlag["transited-policy-checked"]) !== 0;
  if (part.crealm !== serviceRealm && part.hasTransited && !isChecked)
    return makeFailure("unknown-realm", "the KDC did not check the realms the person came through");
  return undefined;
}
