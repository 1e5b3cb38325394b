import { DecodeError, encodeUtf8, equalBytes } from "@poterne/bytes";
import { wipe } from "../crypto.ts";
import { encrypt, IntegrityError, isChecksumGood } from "../encryption/encryption.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { finishDerivation, makeDerivation, type PasswordDerivation } from "../encryption/password-key.ts";
import { MAX_CLOCK_SKEW_MS, MAX_REFERRALS } from "../limits.ts";
import { readChecksum, writeEncryptedData } from "../messages/encrypted-data.ts";
import { decodeKdcReply, type EncKdcReplyPart, type KdcReply } from "../messages/kdc-reply.ts";
import { writeKdcRequest, writeKdcRequestBody } from "../messages/kdc-request.ts";
import { decodeKrbError, isKrbError, type KrbError } from "../messages/krb-error.ts";
import { ErrorCode, KdcOption, KeyUsage, MessageType, PaType, TicketFlag } from "../messages/numbers.ts";
import {
  decodeEtypeInfo2,
  type EtypeInfo,
  type PaData,
  readMethodData,
  writeEncTimestamp,
} from "../messages/pa-data.ts";
import { grantedRealm, type Principal, ticketGrantingName } from "../messages/principal.ts";
import type { Credential } from "./credential.ts";
import { failureOf, failureOfException, type KerberosFailureReason, makeFailure } from "./failure.ts";
import {
  type KdcCommand,
  type KdcExchangeOptions,
  makeCredential,
  makeNonce,
  openReplyPart,
} from "./kdc-exchange.ts";

/** The longest PA-FX-COOKIE sent back. */
const MAX_COOKIE_BYTES = 16 * 1024;
/** Differences below this are the rounding of tickets' times and the network's. */
const NO_OFFSET_MS = 2000;

/** A person's AS exchange. */
export interface AsExchangeOptions extends KdcExchangeOptions {
  readonly client: Principal;
}

/** The password's key as it was derived last. */
interface PasswordKey {
  readonly derivation: PasswordDerivation;
  readonly key: EncryptionKey;
}

/**
 * AS exchange (RFC 4120 §3.1): a person's password for a ticket-granting ticket. Asks without pre-authentication first,
 * to learn salt and iterations (ETYPE-INFO2), then with PA-ENC-TIMESTAMP; follows the KDC's clock and referrals to the
 * person's realm (RFC 6806 §7). The password itself stays with the host, who answers `derive`.
 *
 * INVARIANT: nothing is believed of a person who "signed in" this way until a service ticket of theirs opens with a key
 * of this machine's keytab: whoever answers in the KDC's place knows the password that was typed into his own form.
 */
export class AsExchange {
  readonly #options: AsExchangeOptions;
  #realm: string;
  #referrals = 0;
  #clockOffsetMs = 0;
  #hasFollowedClock = false;
  #nonce = 0;
  #request: Uint8Array = new Uint8Array(0);
  #cookie: PaData | undefined;
  #password: PasswordKey | undefined;
  #isProven = false;
  #waiting: { readonly derivation: PasswordDerivation; readonly reply: KdcReply | undefined } | undefined;

  constructor(options: AsExchangeOptions) {
    this.#options = options;
    this.#realm = options.client.realm;
  }

  /** Begins; also asks a referred realm anew. */
  start(nowMs: number): KdcCommand {
    const { client, etypes, lifetimeMs, crypto } = this.#options;
    const kdcNowMs = nowMs + this.#clockOffsetMs;
    this.#nonce = makeNonce(this.#options);
    const body = writeKdcRequestBody({
      options: KdcOption.canonicalize,
      cname: client.name,
      realm: this.#realm,
      sname: ticketGrantingName(this.#realm),
      tillMs: kdcNowMs + lifetimeMs,
      nonce: this.#nonce,
      etypes,
    });
    const padata: PaData[] = [{ type: PaType.PA_REQ_ENC_PA_REP, value: new Uint8Array(0) }];
    if (this.#cookie !== undefined) padata.unshift(this.#cookie);
    if (this.#password !== undefined) {
      const { key } = this.#password;
      const cipher = encrypt(
        { crypto, randomBytes: this.#options.randomBytes },
        key,
        KeyUsage.AS_REQ_PA_ENC_TIMESTAMP,
        writeEncTimestamp(kdcNowMs),
      );
      const value = writeEncryptedData({ etype: key.etype, kvno: undefined, cipher });
      padata.push({ type: PaType.PA_ENC_TIMESTAMP, value });
      this.#isProven = true;
    }
    this.#request = writeKdcRequest(MessageType.AS_REQ, padata, body);
    return { type: "send", realm: this.#realm, message: this.#request };
  }

  /** Takes the KDC's answer. */
  receive(message: Uint8Array, nowMs: number): KdcCommand {
    try {
      if (isKrbError(message)) return this.#handleError(decodeKrbError(message), nowMs);
      return this.#handleReply(decodeKdcReply(message, MessageType.AS_REP), nowMs);
    } catch (error) {
      return this.#end({ type: "fail", failure: failureOfException(error) });
    }
  }

  /** Takes PBKDF2's output, asked for by `derive`, and wipes it. */
  derived(bytes: Uint8Array, nowMs: number): KdcCommand {
    const waiting = this.#waiting;
    if (waiting === undefined) throw new Error("no key was asked for");
    this.#waiting = undefined;
    this.#forgetPassword();
    const key = finishDerivation(this.#options.crypto, waiting.derivation, bytes);
    this.#password = { derivation: waiting.derivation, key };
    wipe(bytes);
    return waiting.reply === undefined ? this.start(nowMs) : this.#finish(waiting.reply, key, nowMs);
  }

  #handleError(error: KrbError, nowMs: number): KdcCommand {
    const { code } = error;
    if (code === ErrorCode.KDC_ERR_PREAUTH_REQUIRED && this.#password === undefined)
      return this.#prepareProof(error.edata ?? new Uint8Array(0));
    if (code === ErrorCode.KDC_ERR_WRONG_REALM && error.crealm !== undefined)
      return this.#followReferral(error.crealm, nowMs);
    const isAboutTime = code === ErrorCode.KRB_AP_ERR_SKEW || code === ErrorCode.KDC_ERR_NEVER_VALID;
    const offsetMs = error.stimeMs - nowMs;
    const isNews = Math.abs(offsetMs - this.#clockOffsetMs) > MAX_CLOCK_SKEW_MS / 2;
    if (isAboutTime && isNews && !this.#hasFollowedClock) {
      this.#hasFollowedClock = true;
      this.#clockOffsetMs = offsetMs;
      return this.start(nowMs);
    }
    return this.#end({ type: "fail", failure: failureOf(error) });
  }

  #prepareProof(edata: Uint8Array): KdcCommand {
    const methods = readMethodData(edata, "METHOD-DATA");
    if (!methods.some(({ type }) => type === PaType.PA_ENC_TIMESTAMP))
      return this.#fail(
        "preauthentication-unsupported",
        `methods ${methods.map(({ type }) => type).join(" ")}`,
      );
    this.#cookie = methods.find(
      ({ type, value }) => type === PaType.PA_FX_COOKIE && value.length <= MAX_COOKIE_BYTES,
    );
    const info = findEtypeInfo(methods, (etype) => this.#options.etypes.includes(etype));
    if (info === undefined) return this.#fail("encryption-unsupported", "no AES in ETYPE-INFO2");
    return this.#derive(this.#derivationOf(info), undefined);
  }

  /** RFC 6806 §7: the person belongs to another realm. Nobody signs that, so the realm is only asked, not believed. */
  #followReferral(realm: string, nowMs: number): KdcCommand {
    this.#referrals++;
    if (this.#referrals > MAX_REFERRALS || realm === this.#realm)
      return this.#fail("unknown-realm", "referrals go round");
    this.#realm = realm;
    this.#cookie = undefined;
    this.#forgetPassword();
    return this.start(nowMs);
  }

  #handleReply(reply: KdcReply, nowMs: number): KdcCommand {
    const { etype } = reply.encPart;
    if (!this.#options.etypes.includes(etype))
      return this.#fail("encryption-unsupported", `a reply in encryption type ${etype}`);
    const known = this.#password;
    const info = findEtypeInfo(reply.padata, (offered) => offered === etype);
    if (info === undefined && known?.key.etype === etype) return this.#finish(reply, known.key, nowMs);
    const derivation = this.#derivationOf(info ?? { etype, salt: undefined, iterations: undefined });
    if (known !== undefined && isSameDerivation(known.derivation, derivation))
      return this.#finish(reply, known.key, nowMs);
    return this.#derive(derivation, reply);
  }

  #finish(reply: KdcReply, key: EncryptionKey, nowMs: number): KdcCommand {
    try {
      const sealed = { key, usage: KeyUsage.AS_REP_ENC_PART, cipher: reply.encPart.cipher };
      const credential = openReplyPart(this.#options.crypto, sealed, (part) => {
        this.#checkRequestArrived(part, key);
        return this.#credentialOf(reply, part, nowMs);
      });
      return this.#end({ type: "done", credential });
    } catch (error) {
      // Without proof asked for, opening the reply is where a wrong password shows.
      if (error instanceof IntegrityError && !this.#isProven)
        return this.#fail("wrong-password", error.message);
      return this.#end({ type: "fail", failure: failureOfException(error) });
    }
  }

  #credentialOf(reply: KdcReply, part: EncKdcReplyPart, nowMs: number): Credential {
    const driftMs = part.authtimeMs - nowMs;
    // The nonce makes the reply fresh, so its time is the KDC's now.
    const clockOffsetMs = Math.abs(driftMs) < NO_OFFSET_MS ? 0 : driftMs;
    const granted = grantedRealm(part.sname);
    if (granted === undefined || granted !== reply.crealm || part.srealm !== reply.crealm)
      throw new DecodeError("invalid", "AS-REP", 0, "not a ticket-granting ticket of this realm");
    if (part.endtimeMs <= part.authtimeMs) throw new DecodeError("invalid", "AS-REP", 0, "an expired ticket");
    return makeCredential(reply, part, { nonce: this.#nonce, clockOffsetMs });
  }

  /** RFC 6806 §11: the KDC signs the request it got, so that nobody weakens it on the way. */
  #checkRequestArrived(part: EncKdcReplyPart, key: EncryptionKey): void {
    if ((part.flags & TicketFlag["enc-pa-rep"]) === 0) return;
    const proof = part.encryptedPaData.find(({ type }) => type === PaType.PA_REQ_ENC_PA_REP);
    if (proof === undefined) throw new DecodeError("invalid", "EncKDCRepPart", 0, "no PA-REQ-ENC-PA-REP");
    const found = readChecksum(proof.value, "PA-REQ-ENC-PA-REP").bytes;
    if (!isChecksumGood(this.#options.crypto, key, KeyUsage.AS_REQ, { data: this.#request, found }))
      throw new DecodeError("invalid", "PA-REQ-ENC-PA-REP", 0, "the KDC got another request");
  }

  #derivationOf(info: EtypeInfo): PasswordDerivation {
    const defaultSalt = encodeUtf8(this.#realm + this.#options.client.name.parts.join(""));
    return makeDerivation(info.etype, info.salt ?? defaultSalt, info.iterations);
  }

  #derive(derivation: PasswordDerivation, reply: KdcReply | undefined): KdcCommand {
    this.#waiting = { derivation, reply };
    return { type: "derive", derivation };
  }

  #fail(reason: KerberosFailureReason, detail: string): KdcCommand {
    return this.#end({ type: "fail", failure: makeFailure(reason, detail) });
  }

  #end(command: KdcCommand): KdcCommand {
    this.#forgetPassword();
    return command;
  }

  #forgetPassword(): void {
    if (this.#password !== undefined) wipe(this.#password.key.bytes);
    this.#password = undefined;
  }
}

function findEtypeInfo(
  padata: readonly PaData[],
  isWanted: (etype: number) => boolean,
): EtypeInfo | undefined {
  const info = padata.find(({ type }) => type === PaType.PA_ETYPE_INFO2);
  return info === undefined ? undefined : decodeEtypeInfo2(info.value).find(({ etype }) => isWanted(etype));
}

function isSameDerivation(left: PasswordDerivation, right: PasswordDerivation): boolean {
  return (
    left.etype === right.etype && left.iterations === right.iterations && equalBytes(left.salt, right.salt)
  );
}
