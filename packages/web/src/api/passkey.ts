import { askPasskey, beginPasskey, type PasskeyAnswer } from "@poterne/contract";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { type CallInput, call } from "./call.ts";

/** What a passkey dialogue came to: an answer for the gateway, or the person or the browser declined. */
export type PasskeyOutcome<Answer> =
  | { readonly isDone: true; readonly answer: Answer }
  | { readonly isDone: false };

/** What `confirmPasskey` wants beside the device's name. */
export type NewPasskey = Pick<
  NonNullable<CallInput<typeof import("@poterne/contract").confirmPasskey>["body"]>,
  "challengeId" | "credential"
>;

/** Whether this browser can do passkeys at all. */
export function canUsePasskeys(): boolean {
  return typeof window.PublicKeyCredential === "function";
}

/** Asks the person for a passkey they have; throws only when the gateway refuses the question. */
export async function answerPasskey(): Promise<PasskeyOutcome<PasskeyAnswer>> {
  const { startAuthentication } = await import("@simplewebauthn/browser");
  const { challengeId, options } = await call(askPasskey);
  try {
    const credential = await startAuthentication({
      optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON,
    });
    return { isDone: true, answer: { challengeId, credential } as PasskeyAnswer };
  } catch {
    return { isDone: false };
  }
}

/** Lets the person create a passkey; throws only when the gateway refuses the question. */
export async function createPasskey(): Promise<PasskeyOutcome<NewPasskey>> {
  const { startRegistration } = await import("@simplewebauthn/browser");
  const { challengeId, options } = await call(beginPasskey);
  try {
    const credential = await startRegistration({
      optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON,
    });
    return { isDone: true, answer: { challengeId, credential } as NewPasskey };
  } catch {
    return { isDone: false };
  }
}
