import { DecodeError } from "@poterne/bytes";
import { wipe } from "../crypto.ts";
import { decrypt, type EncryptionTools, encrypt } from "../encryption/encryption.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { profileOf } from "../encryption/profiles.ts";
import type { Credential } from "../exchange/credential.ts";
import { failureOf, failureOfException, type KerberosFailure } from "../exchange/failure.ts";
import {
  decodeApReply,
  decodeEncApReplyPart,
  encodeApRequest,
  encodeAuthenticator,
  makeStamp,
  type Stamp,
} from "../messages/ap-messages.ts";
import { decodeKrbError } from "../messages/krb-error.ts";
import { ApOption, KeyUsage } from "../messages/numbers.ts";
import { GssFlag, writeFlagsChecksum } from "./flags.ts";
import { GssSession } from "./session.ts";
import { readContextToken, TokenId, writeContextToken } from "./token.ts";

/** What an initiator needs. */
export interface GssInitiatorOptions extends EncryptionTools {
  /** The service's ticket; it stays its owner's. */
  readonly credential: Credential;
}

/** What came of the acceptor's token. */
export type InitiatorOutcome =
  | { readonly type: "established"; readonly session: GssSession }
  | { readonly type: "failed"; readonly failure: KerberosFailure };

/** Everything but delegation: the service gets no ticket of the person's. */
const FLAGS =
  GssFlag.GSS_C_MUTUAL_FLAG |
  GssFlag.GSS_C_REPLAY_FLAG |
  GssFlag.GSS_C_SEQUENCE_FLAG |
  GssFlag.GSS_C_CONF_FLAG |
  GssFlag.GSS_C_INTEG_FLAG;

/** The initiating side of a Kerberos context (RFC 4121 §4.1), always with mutual authentication. */
export class GssInitiator {
  readonly #options: GssInitiatorOptions;
  #stamp: Stamp = { ctimeMs: 0, cusec: 0 };
  #subkey: EncryptionKey | undefined;
  #sequence = 0;

  constructor(options: GssInitiatorOptions) {
    this.#options = options;
  }

  /** The first token: an AP-REQ for now. */
  start(nowMs: number): Uint8Array {
    const { credential, randomBytes } = this.#options;
    const { key, client, clockOffsetMs } = credential;
    this.#forgetSubkey();
    this.#stamp = makeStamp(this.#options, nowMs + clockOffsetMs);
    this.#subkey = { etype: key.etype, bytes: randomBytes(profileOf(key).keyBytes) };
    // Below 2^30: some peers take sequence numbers for signed ones (RFC 4120 §5.5.1).
    this.#sequence = randomBytes(4).reduce((value, octet) => value * 256 + octet, 0) & 0x3fff_ffff;
    const authenticator = encodeAuthenticator({
      crealm: client.realm,
      cname: client.name,
      checksum: writeFlagsChecksum(FLAGS),
      ...this.#stamp,
      subkey: this.#subkey,
      sequenceNumber: this.#sequence,
    });
    const cipher = encrypt(this.#options, key, KeyUsage.AP_REQ_AUTH, authenticator);
    wipe(authenticator);
    const request = encodeApRequest({
      options: ApOption["mutual-required"],
      ticket: credential.ticket,
      authenticator: { etype: key.etype, kvno: undefined, cipher },
    });
    return writeContextToken(TokenId.KRB_AP_REQ, request);
  }

  /** Takes the acceptor's token: its AP-REP proves that it could open the ticket. */
  receive(token: Uint8Array): InitiatorOutcome {
    try {
      const { id, message } = readContextToken(token);
      if (id === TokenId.KRB_ERROR) return this.#fail(failureOf(decodeKrbError(message)));
      if (id !== TokenId.KRB_AP_REP) throw new DecodeError("invalid", "context token", 0, "token id");
      return { type: "established", session: this.#establish(message) };
    } catch (error) {
      return this.#fail(failureOfException(error));
    }
  }

  #establish(message: Uint8Array): GssSession {
    const { credential, crypto } = this.#options;
    const ownSubkey = this.#subkey;
    if (ownSubkey === undefined) throw new DecodeError("invalid", "AP-REP", 0, "not asked for");
    const { cipher } = decodeApReply(message);
    const plain = decrypt(crypto, credential.key, KeyUsage.AP_REP_ENC_PART, cipher);
    const part = decodeEncApReplyPart(plain);
    wipe(plain);
    if (part.ctimeMs !== this.#stamp.ctimeMs || part.cusec !== this.#stamp.cusec)
      throw new DecodeError("invalid", "EncAPRepPart", 0, "the answer to another request");
    this.#subkey = undefined;
    if (part.subkey !== undefined) wipe(ownSubkey.bytes);
    return new GssSession({
      crypto,
      randomBytes: this.#options.randomBytes,
      role: "initiator",
      key: part.subkey ?? ownSubkey,
      hasAcceptorSubkey: part.subkey !== undefined,
      sendSequence: this.#sequence,
      receiveSequence: part.sequenceNumber ?? 0,
    });
  }

  #fail(failure: KerberosFailure): InitiatorOutcome {
    this.#forgetSubkey();
    return { type: "failed", failure };
  }

  #forgetSubkey(): void {
    if (this.#subkey !== undefined) wipe(this.#subkey.bytes);
    this.#subkey = undefined;
  }
}
