import { DecodeError } from "@poterne/bytes";
import { wipe } from "../crypto.ts";
import { checksum, encrypt } from "../encryption/encryption.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { profileOf } from "../encryption/profiles.ts";
import { MAX_REFERRALS } from "../limits.ts";
import { encodeApRequest, encodeAuthenticator, makeStamp } from "../messages/ap-messages.ts";
import { decodeKdcReply } from "../messages/kdc-reply.ts";
import { writeKdcRequest, writeKdcRequestBody } from "../messages/kdc-request.ts";
import { decodeKrbError, isKrbError } from "../messages/krb-error.ts";
import { KdcOption, KeyUsage, MessageType, PaType } from "../messages/numbers.ts";
import { grantedRealm, isSameName, isSameNameInAnyCase, type PrincipalName } from "../messages/principal.ts";
import { type Credential, wipeCredential } from "./credential.ts";
import { failureOf, failureOfException, makeFailure } from "./failure.ts";
import {
  type KdcCommand,
  type KdcExchangeOptions,
  makeCredential,
  makeNonce,
  openReplyPart,
} from "./kdc-exchange.ts";

/** A TGS exchange for one service. */
export interface TgsExchangeOptions extends KdcExchangeOptions {
  /** A ticket-granting ticket; it stays its owner's. */
  readonly ticketGranting: Credential;
  readonly service: PrincipalName;
}

/**
 * TGS exchange (RFC 4120 §3.3): a ticket-granting ticket for a service's ticket. Follows referrals from realm to realm
 * (RFC 6806 §8), at most `MAX_REFERRALS` and never to a realm twice.
 */
export class TgsExchange {
  readonly #options: TgsExchangeOptions;
  readonly #asked = new Set<string>();
  #granting: Credential;
  #nonce = 0;
  #subkey: EncryptionKey;

  constructor(options: TgsExchangeOptions) {
    this.#options = options;
    this.#granting = options.ticketGranting;
    this.#subkey = { etype: options.ticketGranting.key.etype, bytes: new Uint8Array(0) };
  }

  /** Begins; also asks the next realm. */
  start(nowMs: number): KdcCommand {
    const realm = grantedRealm(this.#granting.service.name);
    if (realm === undefined) throw new Error("not a ticket-granting ticket");
    this.#asked.add(realm);
    const { lifetimeMs, etypes, service, randomBytes } = this.#options;
    const { key, clockOffsetMs } = this.#granting;
    const kdcNowMs = nowMs + clockOffsetMs;
    this.#nonce = makeNonce(this.#options);
    this.#subkey = { etype: key.etype, bytes: randomBytes(profileOf(key).keyBytes) };
    const body = writeKdcRequestBody({
      options: KdcOption.canonicalize,
      cname: undefined,
      realm,
      sname: service,
      tillMs: kdcNowMs + lifetimeMs,
      nonce: this.#nonce,
      etypes,
    });
    const value = this.#requestWith(body, kdcNowMs);
    const message = writeKdcRequest(MessageType.TGS_REQ, [{ type: PaType.PA_TGS_REQ, value }], body);
    return { type: "send", realm, message };
  }

  /** PA-TGS-REQ (RFC 4120 §5.2.7.1): an AP-REQ whose authenticator is over the request's body. */
  #requestWith(body: Uint8Array, kdcNowMs: number): Uint8Array {
    const { client, key, ticket } = this.#granting;
    const authenticator = encodeAuthenticator({
      crealm: client.realm,
      cname: client.name,
      checksum: {
        type: profileOf(key).checksumType,
        bytes: checksum(this.#options.crypto, key, KeyUsage.TGS_REQ_AUTH_CKSUM, body),
      },
      ...makeStamp(this.#options, kdcNowMs),
      subkey: this.#subkey,
      sequenceNumber: undefined,
    });
    const cipher = encrypt(this.#options, key, KeyUsage.TGS_REQ_AUTH, authenticator);
    wipe(authenticator);
    return encodeApRequest({
      options: 0,
      ticket,
      authenticator: { etype: key.etype, kvno: undefined, cipher },
    });
  }

  /** Takes the KDC's answer. */
  receive(message: Uint8Array, nowMs: number): KdcCommand {
    try {
      if (isKrbError(message))
        return this.#end({ type: "fail", failure: failureOf(decodeKrbError(message)) });
      const credential = this.#open(message);
      if (isSameNameInAnyCase(credential.service.name, this.#options.service))
        return this.#end({ type: "done", credential });
      return this.#followReferral(credential, nowMs);
    } catch (error) {
      return this.#end({ type: "fail", failure: failureOfException(error) });
    }
  }

  #open(message: Uint8Array): Credential {
    const reply = decodeKdcReply(message, MessageType.TGS_REP);
    const { crypto } = this.#options;
    const sealed = {
      key: this.#subkey,
      usage: KeyUsage.TGS_REP_ENC_PART_SUBKEY,
      cipher: reply.encPart.cipher,
    };
    const { client, clockOffsetMs } = this.#granting;
    const credential = openReplyPart(crypto, sealed, (part) => {
      if (reply.crealm !== client.realm || !isSameName(reply.cname, client.name))
        throw new DecodeError("invalid", "TGS-REP", 0, "another person's ticket");
      return makeCredential(reply, part, { nonce: this.#nonce, clockOffsetMs });
    });
    wipe(this.#subkey.bytes);
    return credential;
  }

  #followReferral(credential: Credential, nowMs: number): KdcCommand {
    const realm = grantedRealm(credential.service.name);
    if (realm === undefined) {
      wipeCredential(credential);
      throw new DecodeError("invalid", "TGS-REP", 0, "a ticket for another service");
    }
    this.#forgetGranting();
    this.#granting = credential;
    if (this.#asked.has(realm) || this.#asked.size > MAX_REFERRALS)
      return this.#end({ type: "fail", failure: makeFailure("unknown-realm", "referrals go round") });
    return this.start(nowMs);
  }

  #end(command: KdcCommand): KdcCommand {
    wipe(this.#subkey.bytes);
    this.#forgetGranting();
    return command;
  }

  /** The tickets of realms on the way are this exchange's own; the first is not. */
  #forgetGranting(): void {
    if (this.#granting !== this.#options.ticketGranting) wipeCredential(this.#granting);
  }
}
