import { ByteReader, DecodeError, decodeUtf8 } from "@poterne/bytes";
import { type Credential, GssInitiator, type KerberosFailure, wipeCredential } from "@poterne/kerberos";
import type { Environment } from "../../environment.ts";
import { nodeKerberosCrypto } from "../../kerberos/node-crypto.ts";
import { type ForeignMethod, type ForeignStep, sshString } from "./ssh-extension.ts";
import { shorten } from "./ssh-failures.ts";

/** The method's name (RFC 4462 §3). */
export const GSSAPI_WITH_MIC = "gssapi-with-mic";

/** Messages of the method (RFC 4462 §3.10). */
const Message = {
  SSH_MSG_USERAUTH_REQUEST: 50,
  SSH_MSG_USERAUTH_GSSAPI_RESPONSE: 60,
  SSH_MSG_USERAUTH_GSSAPI_TOKEN: 61,
  SSH_MSG_USERAUTH_GSSAPI_ERROR: 64,
  SSH_MSG_USERAUTH_GSSAPI_ERRTOK: 65,
  SSH_MSG_USERAUTH_GSSAPI_MIC: 66,
} as const;

/** Kerberos' object identifier with its DER header, as RFC 4462 §3.2 wants it. */
const KERBEROS_OID = Buffer.from("06092a864886f712010202", "hex");

/** What one log-in by ticket takes. */
export interface SshGssapiOptions {
  /** Ticket for `host/NAME`; owned and wiped here. */
  readonly credential: Credential;
  readonly environment: Environment;
  /** The name on the target. */
  readonly username: string;
}

/**
 * RFC 4462 §3: log-in by a Kerberos ticket, with mutual authentication, and a signature over this very connection. One
 * use; `close` forgets the keys and may be called at any time.
 */
export class SshGssapi implements ForeignMethod {
  readonly name = GSSAPI_WITH_MIC;
  readonly #options: SshGssapiOptions;
  readonly #initiator: GssInitiator;
  #step: "response" | "token" | "over" = "response";
  #failure: KerberosFailure | null = null;
  #serverWords = "";

  constructor(options: SshGssapiOptions) {
    this.#options = options;
    this.#initiator = new GssInitiator({
      credential: options.credential,
      crypto: nodeKerberosCrypto,
      randomBytes: (count) => options.environment.randomBytes(count),
    });
  }

  /** Why the context failed, null while it did not: set when `receive` said `stop`. */
  get failure(): KerberosFailure | null {
    return this.#failure;
  }

  /** What the target said of its own trouble, cleaned; empty for nothing. */
  get serverWords(): string {
    return this.#serverWords;
  }

  /** One mechanism: Kerberos. */
  get request(): Uint8Array {
    return Buffer.concat([Buffer.of(0, 0, 0, 1), sshString(KERBEROS_OID)]);
  }

  /** Takes a message of the method, from its number on. */
  receive(message: Uint8Array, sessionId: Uint8Array): ForeignStep {
    try {
      return this.#take(message, sessionId);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#stop({
        reason: "bad-answer",
        detail: error.message,
        code: undefined,
        ntStatus: undefined,
      });
    }
  }

  #take(message: Uint8Array, sessionId: Uint8Array): ForeignStep {
    const reader = new ByteReader(message, "GSSAPI message");
    const type = reader.u8();
    if (type === Message.SSH_MSG_USERAUTH_GSSAPI_ERROR) {
      reader.take(8);
      this.#serverWords = shorten(decodeUtf8(reader.take(reader.u32())));
      return { type: "wait" };
    }
    // The target's refusal follows as SSH_MSG_USERAUTH_FAILURE.
    if (type === Message.SSH_MSG_USERAUTH_GSSAPI_ERRTOK) return { type: "wait" };
    if (type === Message.SSH_MSG_USERAUTH_GSSAPI_RESPONSE && this.#step === "response") {
      if (!KERBEROS_OID.equals(reader.take(reader.u32()))) throw reader.fail("invalid", "mechanism");
      this.#step = "token";
      return this.#send(Message.SSH_MSG_USERAUTH_GSSAPI_TOKEN, this.#initiator.start(this.#nowMs));
    }
    if (type !== Message.SSH_MSG_USERAUTH_GSSAPI_TOKEN || this.#step !== "token")
      throw reader.fail("invalid", "message out of turn");
    const outcome = this.#initiator.receive(reader.take(reader.u32()));
    if (outcome.type === "failed") return this.#stop(outcome.failure);
    this.#step = "over";
    const { session } = outcome;
    const mic = session.sign(this.#signedData(sessionId));
    session.wipe();
    this.close();
    return this.#send(Message.SSH_MSG_USERAUTH_GSSAPI_MIC, mic);
  }

  get #nowMs(): number {
    return this.#options.environment.now();
  }

  /** RFC 4462 §3.5: the session and the request it is for. */
  #signedData(sessionId: Uint8Array): Uint8Array {
    return Buffer.concat([
      sshString(sessionId),
      Buffer.of(Message.SSH_MSG_USERAUTH_REQUEST),
      sshString(this.#options.username),
      sshString("ssh-connection"),
      sshString(GSSAPI_WITH_MIC),
    ]);
  }

  #send(type: number, content: Uint8Array): ForeignStep {
    return { type: "send", message: Buffer.concat([Buffer.of(type), sshString(content)]) };
  }

  #stop(failure: KerberosFailure): ForeignStep {
    this.#step = "over";
    this.#failure = failure;
    this.close();
    return { type: "stop" };
  }

  /** Forgets the ticket's key. */
  close(): void {
    wipeCredential(this.#options.credential);
  }
}
