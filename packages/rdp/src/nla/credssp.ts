import { concatBytes, DecodeError, encodeUtf8 } from "@poterne/bytes";
import type { Credentials } from "../connect/client-info.ts";
import type { RdpCrypto } from "../crypto.ts";
import { failureOfStatus, type RdpFailure } from "../failures.ts";
import type { SecurityMechanism } from "./mechanism.ts";
import { isSame } from "./ntlm.ts";
import { decodeTsRequest, encodeTsCredentials, encodeTsRequest, type TsRequest } from "./ts-request.ts";

/** The newest version spoken ([MS-CSSP] 2.2.1 version). */
export const CREDSSP_VERSION = 6;
/** From here on the public key is bound by a hash with a nonce, which CVE-2018-0886 made necessary. */
const FIRST_HASHED_VERSION = 5;
const OLDEST_VERSION = 2;
const NONCE_BYTES = 32;
/** Token exchanges before it is given up: SPNEGO needs three at most. */
const MAX_ROUNDS = 8;

/** What CredSSP needs besides messages. */
export interface CredSspOptions {
  readonly mechanism: SecurityMechanism;
  readonly credentials: Credentials;
  /** The server's public key of the TLS connection: the content of SubjectPublicKey. */
  readonly publicKey: Uint8Array;
  readonly crypto: RdpCrypto;
  /** The oldest version of the server taken, 2 to 6. */
  readonly minimumVersion: number;
}

/** What came of a message: bytes to send, success, or why not. */
export type CredSspResult =
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** Send these last bytes: the credentials are in them. */
  | { readonly type: "done"; readonly bytes: Uint8Array }
  | { readonly type: "fail"; readonly failure: RdpFailure };

/**
 * [MS-CSSP] 3.1.5 on the client's side. The server proves that it holds the key of the TLS connection before any
 * credential leaves; a mechanism's tokens hold none.
 */
export class CredSsp {
  readonly #options: CredSspOptions;
  readonly #nonce: Uint8Array;
  #version = CREDSSP_VERSION;
  #rounds = 0;
  #step: "tokens" | "publicKey" | "over" = "tokens";

  constructor(options: CredSspOptions) {
    this.#options = options;
    this.#nonce = options.crypto.random(NONCE_BYTES);
  }

  /** Whether the proof of the person went out: a server that closes now does not want it. */
  get hasSentProof(): boolean {
    return this.#step !== "tokens";
  }

  /** The first TSRequest. */
  start(): Uint8Array {
    return encodeTsRequest({ version: CREDSSP_VERSION, negoToken: this.#options.mechanism.start() });
  }

  /** Takes one whole TSRequest of the server; throws `DecodeError`. */
  receive(bytes: Uint8Array): CredSspResult {
    const request = decodeTsRequest(bytes);
    if (request.errorCode !== undefined && request.errorCode !== 0)
      return this.#fail(this.#failureOf(request.errorCode));
    const tooOld = this.#takeVersion(request.version);
    if (tooOld !== null) return this.#fail(tooOld);
    if (this.#step === "tokens") return this.#takeToken(request);
    if (this.#step === "publicKey" && request.pubKeyAuth !== undefined)
      return this.#takePublicKey(request.pubKeyAuth);
    // SPNEGO may close the exchange with one more token before the key's proof.
    if (this.#step === "publicKey" && request.negoToken !== undefined && ++this.#rounds < MAX_ROUNDS) {
      this.#options.mechanism.step(request.negoToken);
      return { type: "send", bytes: new Uint8Array(0) };
    }
    throw new DecodeError("invalid", "TSRequest", 0, "unexpected fields");
  }

  /** FreeRDP's servers send whatever error their thread had last: a refusal of the proof is one of the account. */
  #failureOf(status: number): RdpFailure {
    const failure = failureOfStatus(status);
    if (failure.code !== "refused" || !this.hasSentProof) return failure;
    return { code: "wrong-password", detail: `${failure.detail} after the log-in` };
  }

  #fail(failure: RdpFailure): CredSspResult {
    this.#step = "over";
    return { type: "fail", failure };
  }

  #takeVersion(version: number): RdpFailure | null {
    const minimum = Math.max(OLDEST_VERSION, this.#options.minimumVersion);
    if (version < minimum)
      return { code: "credssp-too-old", detail: `version ${version}, at least ${minimum} is wanted` };
    this.#version = Math.min(CREDSSP_VERSION, version);
    return null;
  }

  #takeToken(request: TsRequest): CredSspResult {
    if (request.negoToken === undefined || ++this.#rounds > MAX_ROUNDS)
      throw new DecodeError("invalid", "TSRequest", 0, "no token");
    const { mechanism } = this.#options;
    const { token, isComplete } = mechanism.step(request.negoToken);
    const reply = { version: CREDSSP_VERSION, ...(token === null ? {} : { negoToken: token }) };
    if (!isComplete) return { type: "send", bytes: encodeTsRequest(reply) };
    this.#step = "publicKey";
    const proof = mechanism.wrap(this.#binding("Client-To-Server"));
    const nonce = this.#version >= FIRST_HASHED_VERSION ? { clientNonce: this.#nonce } : {};
    return { type: "send", bytes: encodeTsRequest({ ...reply, pubKeyAuth: proof, ...nonce }) };
  }

  /** [MS-CSSP] 3.1.5.1: from version 5 a hash, before it the key itself, to be returned with its first byte plus one. */
  #binding(direction: "Client-To-Server" | "Server-To-Client"): Uint8Array {
    const { publicKey, crypto } = this.#options;
    if (this.#version >= FIRST_HASHED_VERSION)
      return crypto.sha256(
        concatBytes([encodeUtf8(`CredSSP ${direction} Binding Hash\0`), this.#nonce, publicKey]),
      );
    if (direction === "Client-To-Server") return publicKey;
    const answer = publicKey.slice();
    answer[0] = ((answer[0] ?? 0) + 1) & 255;
    return answer;
  }

  #takePublicKey(pubKeyAuth: Uint8Array): CredSspResult {
    const { mechanism, credentials } = this.#options;
    if (!isSame(mechanism.unwrap(pubKeyAuth), this.#binding("Server-To-Client")))
      return this.#fail({ code: "public-key-mismatch", detail: "the server's proof is for another key" });
    this.#step = "over";
    const authInfo = mechanism.wrap(encodeTsCredentials(credentials));
    return { type: "done", bytes: encodeTsRequest({ version: CREDSSP_VERSION, authInfo }) };
  }
}
