import { DecodeError } from "@poterne/bytes";
import { type KerberosCrypto, wipe } from "../crypto.ts";
import { decrypt, type EncryptionTools } from "../encryption/encryption.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import type { PasswordDerivation } from "../encryption/password-key.ts";
import { decodeEncKdcReplyPart, type EncKdcReplyPart, type KdcReply } from "../messages/kdc-reply.ts";
import { isSameName } from "../messages/principal.ts";
import type { Credential } from "./credential.ts";
import type { KerberosFailure } from "./failure.ts";

/** What an exchange with KDCs needs of the host. */
export interface KdcExchangeOptions extends EncryptionTools {
  /** Encryption types to ask for, best first; only supported ones. */
  readonly etypes: readonly number[];
  /** How long the ticket is asked for, in milliseconds; the KDC may give less. */
  readonly lifetimeMs: number;
}

/**
 * What the host does next. After `send` it calls `receive` with the KDC's answer, after `derive` it runs PBKDF2 over the
 * password and calls `derived`. `done` and `fail` are the end.
 */
export type KdcCommand =
  | { readonly type: "send"; readonly realm: string; readonly message: Uint8Array }
  | { readonly type: "derive"; readonly derivation: PasswordDerivation }
  | { readonly type: "done"; readonly credential: Credential }
  | { readonly type: "fail"; readonly failure: KerberosFailure };

/** A fresh nonce, 0 to 2^31 - 1 (some KDCs take no more, RFC 4120 §5.4.1). */
export function makeNonce({ randomBytes }: EncryptionTools): number {
  return randomBytes(4).reduce((value, octet) => value * 256 + octet, 0) & 0x7fff_ffff;
}

/**
 * What `look` makes of a reply's secret part. What was readable of it is wiped afterwards, whatever comes, and so is the
 * key in it when the look throws.
 */
export function openReplyPart<Result>(
  crypto: KerberosCrypto,
  sealed: { readonly key: EncryptionKey; readonly usage: number; readonly cipher: Uint8Array },
  look: (part: EncKdcReplyPart) => Result,
): Result {
  const plain = decrypt(crypto, sealed.key, sealed.usage, sealed.cipher);
  let part: EncKdcReplyPart | undefined;
  try {
    part = decodeEncKdcReplyPart(plain);
    return look(part);
  } catch (error) {
    if (part !== undefined) wipe(part.key.bytes);
    throw error;
  } finally {
    wipe(plain);
  }
}

/**
 * Makes a credential of an opened reply (RFC 4120 §3.1.5, §3.3.4): the nonce is the request's, and the secret part speaks
 * of the ticket beside it, or it is a `DecodeError` `invalid`.
 */
export function makeCredential(
  reply: KdcReply,
  part: EncKdcReplyPart,
  wanted: { readonly nonce: number; readonly clockOffsetMs: number },
): Credential {
  const { ticket } = reply;
  if (part.nonce !== wanted.nonce) throw new DecodeError("invalid", "EncKDCRepPart", 0, "another nonce");
  if (part.srealm !== ticket.realm || !isSameName(part.sname, ticket.sname))
    throw new DecodeError("invalid", "EncKDCRepPart", 0, "another ticket's");
  return {
    client: { realm: reply.crealm, name: reply.cname },
    service: { realm: part.srealm, name: part.sname },
    ticket: ticket.der,
    key: part.key,
    ticketEtype: ticket.encPart.etype,
    flags: part.flags,
    starttimeMs: part.starttimeMs,
    endtimeMs: part.endtimeMs,
    clockOffsetMs: wanted.clockOffsetMs,
  };
}
