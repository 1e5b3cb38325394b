import type { AccountState } from "./identity-provider.ts";

/** What a domain's KDC says of a password. */
export type DomainVerdict =
  /** `account` is told only to who is signed in: a KDC may say it before it looked at the password. */
  | { readonly result: "right"; readonly account: AccountState }
  | { readonly result: "wrong"; readonly reason: string }
  | { readonly result: "away"; readonly reason: string };

/**
 * Proof of a password by the domain's KDC, for members of Protected Users: their directory refuses every simple bind,
 * whatever the password (`52f`, ERROR_ACCOUNT_RESTRICTION).
 */
export interface DomainProof {
  /**
   * `account` is `carol@LAB.TEST`. With `forSignIn` a ticket for the gateway's own key must follow, so that nobody who
   * answers in the KDC's place can vouch for a password; without a keytab such a password is `wrong`, with that reason.
   */
  prove(account: string, password: string, options: { readonly forSignIn: boolean }): Promise<DomainVerdict>;
}
