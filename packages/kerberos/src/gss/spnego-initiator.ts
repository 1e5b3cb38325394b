import { DecodeError } from "@poterne/bytes";
import {
  failureOfException,
  type KerberosFailure,
  type KerberosFailureReason,
  makeFailure,
} from "../exchange/failure.ts";
import { GssInitiator, type GssInitiatorOptions } from "./initiator.ts";
import type { GssSession } from "./session.ts";
import {
  NegState,
  type NegTokenResp,
  readNegTokenResp,
  writeMechTypeList,
  writeNegTokenInit,
  writeNegTokenResp,
} from "./spnego-messages.ts";
import { isKerberosOid, Oid } from "./token.ts";

/** What to do after the acceptor's token: send one more and await its answer, be done (with a last token to send, maybe), or stop. */
export type SpnegoStep =
  | { readonly type: "send"; readonly token: Uint8Array }
  | { readonly type: "established"; readonly session: GssSession; readonly token: Uint8Array | undefined }
  | { readonly type: "failed"; readonly failure: KerberosFailure };

/** More rounds than any acceptor needs. */
const MAX_ROUNDS = 4;
/** Both spellings, Windows' first; no other mechanism is ever offered, so nobody can talk this side down to NTLM. */
const MECH_TYPES = [Oid.msKrb5, Oid.krb5];

/** The initiating side of SPNEGO (RFC 4178, [MS-SPNG]) for Kerberos, with the first token sent along at once. */
export class SpnegoInitiator {
  readonly #initiator: GssInitiator;
  readonly #mechTypeList = writeMechTypeList(MECH_TYPES);
  #session: GssSession | undefined;
  #isMicNeeded = false;
  #isMicSent = false;
  #isMicGood = false;
  #isRestarted = false;
  #roundCount = 0;

  constructor(options: GssInitiatorOptions) {
    this.#initiator = new GssInitiator(options);
  }

  /** The first token. */
  start(nowMs: number): Uint8Array {
    return writeNegTokenInit(this.#mechTypeList, this.#initiator.start(nowMs));
  }

  /** Takes the acceptor's token. */
  receive(token: Uint8Array, nowMs: number): SpnegoStep {
    try {
      this.#roundCount++;
      if (this.#roundCount > MAX_ROUNDS) return this.#fail("bad-answer", "the negotiation does not end");
      return this.#take(readNegTokenResp(token), nowMs);
    } catch (error) {
      return this.#stop(failureOfException(error));
    }
  }

  #take(resp: NegTokenResp, nowMs: number): SpnegoStep {
    const { supportedMech: mech } = resp;
    if (mech !== undefined && !isKerberosOid(mech)) return this.#fail("kerberos-not-offered", "SPNEGO");
    if (resp.negState === NegState["request-mic"]) this.#isMicNeeded = true;
    if (this.#session === undefined && resp.responseToken !== undefined) {
      const outcome = this.#initiator.receive(resp.responseToken);
      if (outcome.type === "failed") return outcome;
      this.#session = outcome.session;
    }
    if (resp.negState === NegState.reject) return this.#fail("refused", "SPNEGO: rejected");
    if (this.#session === undefined) return this.#startAgain(resp, nowMs);
    if (resp.mechListMic !== undefined && !this.#isMicGood) {
      this.#session.verify(this.#mechTypeList, resp.mechListMic);
      this.#isMicGood = true;
    }
    return this.#conclude(this.#session, resp.negState === NegState["accept-completed"]);
  }

  /** An acceptor that chose another spelling drops the token sent along and awaits a fresh one (from the specification). */
  #startAgain(resp: NegTokenResp, nowMs: number): SpnegoStep {
    if (this.#isRestarted || resp.negState === NegState["accept-completed"])
      throw new DecodeError("invalid", "NegTokenResp", 0, "no Kerberos token");
    this.#isRestarted = true;
    return { type: "send", token: writeNegTokenResp({ responseToken: this.#initiator.start(nowMs) }) };
  }

  /**
   * RFC 4178 §5: the list must be signed both ways when the acceptor asks for it. It need not only because it took the
   * second spelling, as servers do: both mean Kerberos, so nothing was weakened. Who signs last has the last word.
   */
  #conclude(session: GssSession, isCompleted: boolean): SpnegoStep {
    if (isCompleted && this.#isMicNeeded && !this.#isMicGood)
      return this.#fail("bad-answer", "the list of mechanisms is not signed");
    if (isCompleted) return { type: "established", session, token: undefined };
    if (this.#isMicSent) throw new DecodeError("invalid", "NegTokenResp", 0, "nothing left to say");
    this.#isMicSent = true;
    const mechListMic = session.sign(this.#mechTypeList);
    if (!this.#isMicGood) return { type: "send", token: writeNegTokenResp({ mechListMic }) };
    const token = writeNegTokenResp({ negState: NegState["accept-completed"], mechListMic });
    return { type: "established", session, token };
  }

  #fail(reason: KerberosFailureReason, detail: string): SpnegoStep {
    return this.#stop(makeFailure(reason, detail));
  }

  #stop(failure: KerberosFailure): SpnegoStep {
    this.#session?.wipe();
    return { type: "failed", failure };
  }
}
