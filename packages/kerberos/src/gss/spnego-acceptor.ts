import { DecodeError, decodeUtf8, equalBytes } from "@poterne/bytes";
import { failureOfException, type KerberosFailure, makeFailure } from "../exchange/failure.ts";
import { type Accepted, type AcceptorOutcome, GssAcceptor, type GssAcceptorOptions } from "./acceptor.ts";
import { NegState, readNegTokenInit, readNegTokenResp, writeNegTokenResp } from "./spnego-messages.ts";
import { isKerberosOid, Oid, readInitialToken } from "./token.ts";

/** What came of an initiator's token; `continue` awaits another one. */
export type NegotiationOutcome = AcceptorOutcome | { readonly type: "continue"; readonly token: Uint8Array };

const NTLM_SIGNATURE = "NTLMSSP\0";
const REJECT = writeNegTokenResp({ negState: NegState.reject });

/**
 * The accepting side of one SPNEGO negotiation (RFC 4178, [MS-SPNG]) that knows Kerberos only; bare Kerberos tokens are
 * taken too. NTLM is refused as `kerberos-not-offered`, so that the caller can offer another way in.
 */
export class SpnegoAcceptor {
  readonly #acceptor: GssAcceptor;
  /** What was chosen, while its first token is awaited. */
  #chosen: { readonly mechTypeList: Uint8Array } | undefined;
  /** Who came in, while the signed list is awaited. */
  #unsigned: { readonly accepted: Accepted; readonly mechTypeList: Uint8Array } | undefined;
  #isOver = false;

  constructor(options: GssAcceptorOptions) {
    this.#acceptor = new GssAcceptor(options);
  }

  /** Takes the initiator's next token. After `established` or `refused` no more are taken. */
  accept(token: Uint8Array, nowMs: number): NegotiationOutcome {
    try {
      if (this.#isOver) throw new DecodeError("invalid", "SPNEGO", 0, "the negotiation is over");
      const outcome = this.#take(token, nowMs);
      this.#isOver = outcome.type !== "continue";
      return outcome;
    } catch (error) {
      return this.#refuse(failureOfException(error));
    }
  }

  #take(token: Uint8Array, nowMs: number): NegotiationOutcome {
    if (this.#unsigned !== undefined) return this.#checkSignature(token, this.#unsigned);
    if (this.#chosen !== undefined) return this.#takeChosen(token, this.#chosen, nowMs);
    if (decodeUtf8(token.subarray(0, NTLM_SIGNATURE.length)) === NTLM_SIGNATURE)
      return this.#refuse(makeFailure("kerberos-not-offered", "NTLM"));
    const { mechanism, body } = readInitialToken(token);
    if (!equalBytes(mechanism, Oid.spnego)) return this.#acceptor.accept(token, nowMs);
    return this.#choose(body, nowMs);
  }

  #choose(body: Uint8Array, nowMs: number): NegotiationOutcome {
    const { mechTypes, mechTypeList, mechToken } = readNegTokenInit(body);
    const at = mechTypes.findIndex(isKerberosOid);
    const mech = mechTypes[at];
    if (mech === undefined)
      return this.#refuse(makeFailure("kerberos-not-offered", `${mechTypes.length} other mechanisms`));
    if (at === 0 && mechToken !== undefined) {
      const outcome = this.#acceptor.accept(mechToken, nowMs);
      return outcome.type === "refused" ? this.#wrapRefusal(outcome) : this.#complete(outcome, mech);
    }
    this.#chosen = { mechTypeList };
    const negState = at === 0 ? NegState["accept-incomplete"] : NegState["request-mic"];
    return { type: "continue", token: writeNegTokenResp({ negState, supportedMech: mech }) };
  }

  #complete(outcome: Extract<AcceptorOutcome, { type: "established" }>, mech: Uint8Array): AcceptorOutcome {
    const token = writeNegTokenResp({
      negState: NegState["accept-completed"],
      supportedMech: mech,
      responseToken: outcome.token.length === 0 ? undefined : outcome.token,
    });
    return { ...outcome, token };
  }

  /** The first token of a mechanism that was not the initiator's first choice: the list must be signed both ways. */
  #takeChosen(
    token: Uint8Array,
    { mechTypeList }: { readonly mechTypeList: Uint8Array },
    nowMs: number,
  ): NegotiationOutcome {
    const { responseToken, mechListMic } = readNegTokenResp(token);
    if (responseToken === undefined) throw new DecodeError("invalid", "NegTokenResp", 0, "no Kerberos token");
    const outcome = this.#acceptor.accept(responseToken, nowMs);
    if (outcome.type === "refused") return this.#wrapRefusal(outcome);
    const { accepted } = outcome;
    this.#unsigned = { accepted, mechTypeList };
    if (mechListMic !== undefined) accepted.session.verify(mechTypeList, mechListMic);
    const isSigned = mechListMic !== undefined;
    const answer = writeNegTokenResp({
      negState: isSigned ? NegState["accept-completed"] : NegState["accept-incomplete"],
      responseToken: outcome.token.length === 0 ? undefined : outcome.token,
      mechListMic: accepted.session.sign(mechTypeList),
    });
    return isSigned ? { type: "established", token: answer, accepted } : { type: "continue", token: answer };
  }

  #checkSignature(
    token: Uint8Array,
    { accepted, mechTypeList }: { readonly accepted: Accepted; readonly mechTypeList: Uint8Array },
  ): NegotiationOutcome {
    const { mechListMic } = readNegTokenResp(token);
    if (mechListMic === undefined) throw new DecodeError("invalid", "NegTokenResp", 0, "no mechListMIC");
    accepted.session.verify(mechTypeList, mechListMic);
    // The initiator signed last and awaits nothing.
    return { type: "established", token: new Uint8Array(0), accepted };
  }

  #wrapRefusal(outcome: Extract<AcceptorOutcome, { type: "refused" }>): AcceptorOutcome {
    const responseToken = outcome.token.length === 0 ? undefined : outcome.token;
    return { ...outcome, token: writeNegTokenResp({ negState: NegState.reject, responseToken }) };
  }

  #refuse(failure: KerberosFailure): AcceptorOutcome {
    this.#isOver = true;
    this.#unsigned?.accepted.session.wipe();
    return { type: "refused", token: REJECT, failure };
  }
}
