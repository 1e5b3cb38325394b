import type { ProviderTestStep } from "@poterne/contract";

/** What a provider vouches for. Everything is bounded by the provider before it comes out. */
export interface Identity {
  /** What the provider calls the person for ever, and never calls anybody else; 1–190 characters. */
  readonly subject: string;
  /** 1–128 characters. */
  readonly login: string;
  /** 1–200 characters, without control characters. */
  readonly name: string;
  /** At most 254 characters, may be empty. */
  readonly email: string;
  /**
   * Groups, those they are in through others too; each with every spelling a rule of the mapping may use (an LDAP
   * group's DN and its name). At most `MAX_GROUPS`.
   */
  readonly groups: readonly (readonly string[])[];
  /** Whether the provider lets the person in today. `must-change-password` and `locked` pass by themselves. */
  readonly account: AccountState;
}

/** Most groups of one person that are followed. */
export const MAX_GROUPS = 2000;

/** What a provider says of an account. */
export type AccountState = "usable" | "disabled" | "expired" | "locked" | "must-change-password";

/**
 * What came of a proof. The reason of a refusal is for the journal alone; the person is told `sign-in-refused`, whatever
 * it was. INVARIANT: `proven` with another account state than `usable` only after a right proof, since it is told.
 */
export type ProofOutcome =
  | {
      readonly result: "proven";
      readonly identity: Identity;
      /** Whether the provider says that a second factor was given there, as its settings name it. */
      readonly hasFactor?: boolean;
    }
  /** The provider knows nobody of that name: the next one is asked. */
  | { readonly result: "unknown" }
  | { readonly result: "refused"; readonly reason: string }
  /** It could not be found out: nobody failed, nobody is charged. */
  | { readonly result: "away"; readonly reason: string };

/** Proof by name and password: the local store, LDAP; RADIUS later. */
export interface PasswordProof {
  prove(typed: { readonly login: string; readonly password: string }): Promise<ProofOutcome>;
  /** The same for somebody who is signed in already as this person: where a weaker proof is enough. */
  confirm?(typed: { readonly login: string; readonly password: string }): Promise<ProofOutcome>;
}

/** Proof by going there and coming back: OpenID Connect; SAML and CAS later. */
export interface RedirectProof {
  /**
   * Where the browser goes. `state` is a fresh secret the answer must carry (`RelayState` for SAML); `memory` is kept and given
   * back to `end`, once.
   */
  begin(wish: {
    readonly state: string;
    readonly redirectUri: string;
  }): Promise<
    { readonly url: string; readonly memory: string } | { readonly url: null; readonly reason: string }
  >;
  end(answer: {
    /** The query (or form) the browser came back with, not trusted. */
    readonly parameters: URLSearchParams;
    readonly state: string;
    readonly redirectUri: string;
    readonly memory: string;
  }): Promise<ProofOutcome>;
  /** Where the browser goes to sign out there too, null for nowhere. */
  endSessionUrl(returnUri: string): Promise<string | null>;
}

/**
 * Proof by what a request brings along: certificates, headers of a trusted proxy, Negotiate. `continue` asks the browser
 * for more with a `WWW-Authenticate` value; `absent` means that the request brings nothing of the sort.
 */
export interface PresentedProof {
  prove(request: {
    readonly authorization: string | null;
    readonly headers: Readonly<Record<string, string>>;
    /** The client's certificate, DER; null without one. */
    readonly certificate: Uint8Array | null;
    readonly sourceAddress: string;
  }): Promise<
    ProofOutcome | { readonly result: "absent" } | { readonly result: "continue"; readonly challenge: string }
  >;
}

/** Whom a Kerberos ticket names, proven already by the gateway's own key: the directory says the rest. */
export interface TicketProof {
  /** Realms this provider answers for. */
  readonly realms: readonly string[];
  /** The person of a principal `name@realm`. */
  resolve(name: string, realm: string): Promise<ProofOutcome>;
}

/** What came of looking somebody up without a proof of theirs. `gone` only when the directory itself says so. */
export type LookupOutcome =
  | { readonly result: "found"; readonly identity: Identity }
  | { readonly result: "gone" }
  | { readonly result: "away"; readonly reason: string };

/** A provider that can be asked about people who are not there. */
export interface Directory {
  /** Asks about many over one connection; the outcomes are in the order of the subjects. */
  lookup(subjects: readonly string[]): Promise<readonly LookupOutcome[]>;
}

/**
 * One place that says who somebody is. It proves in one way or in several, and only reads: nothing is ever written to a
 * directory. The suites in `testing` say what holds for all of them, by their way of proving.
 */
export interface IdentityProvider {
  readonly password?: PasswordProof;
  readonly redirect?: RedirectProof;
  readonly presented?: PresentedProof;
  readonly ticket?: TicketProof;
  readonly directory?: Directory;
  /** Tries the settings out, step by step; `login`, when not empty, is looked up. Never throws. */
  test(login: string): Promise<readonly ProviderTestStep[]>;
}
