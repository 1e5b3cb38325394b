export type { HashName, KerberosCrypto, RandomBytes } from "./crypto.ts";
export { wipe } from "./crypto.ts";
export { type EncryptionTools, IntegrityError } from "./encryption/encryption.ts";
export type { EncryptionKey } from "./encryption/key.ts";
export {
  finishDerivation,
  makeDerivation,
  type PasswordDerivation,
} from "./encryption/password-key.ts";
export { etypeName, SUPPORTED_ETYPES } from "./encryption/profiles.ts";
export { AsExchange, type AsExchangeOptions } from "./exchange/as-exchange.ts";
export { type Credential, isUsable, wipeCredential } from "./exchange/credential.ts";
export {
  FAILURE_MEANINGS,
  failureOf,
  type KerberosFailure,
  type KerberosFailureReason,
  makeFailure,
} from "./exchange/failure.ts";
export type { KdcCommand, KdcExchangeOptions } from "./exchange/kdc-exchange.ts";
export { TgsExchange, type TgsExchangeOptions } from "./exchange/tgs-exchange.ts";
export { type Accepted, type AcceptorOutcome, GssAcceptor, type GssAcceptorOptions } from "./gss/acceptor.ts";
export { GssInitiator, type GssInitiatorOptions, type InitiatorOutcome } from "./gss/initiator.ts";
export { type KeytabEntry, readKeytab, wipeKeytab } from "./gss/keytab.ts";
export { ReplayCache } from "./gss/replay-cache.ts";
export { GssSession, type Unwrapped } from "./gss/session.ts";
export { type NegotiationOutcome, SpnegoAcceptor } from "./gss/spnego-acceptor.ts";
export { SpnegoInitiator, type SpnegoStep } from "./gss/spnego-initiator.ts";
export { MAX_CLOCK_SKEW_MS, MAX_KEYTAB_BYTES, MAX_MESSAGE_BYTES } from "./limits.ts";
export {
  decodeKdcProxyMessage,
  encodeKdcProxyMessage,
  frameMessage,
} from "./messages/kdc-proxy-message.ts";
export { decodeKrbError, encodeKrbError, isKrbError, type KrbError } from "./messages/krb-error.ts";
export { ErrorCode, TicketFlag } from "./messages/numbers.ts";
export {
  formatPrincipal,
  type Principal,
  type PrincipalName,
  personName,
  serviceName,
  ticketGrantingName,
} from "./messages/principal.ts";
