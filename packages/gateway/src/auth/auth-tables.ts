/** How a person proves who they are. One row per authenticator application. */
export interface CredentialTotpRow {
  id: string;
  person_id: string;
  name: string;
  /** The keeper's envelope of the 20-byte secret; its context is `factor:ID`. */
  envelope: Uint8Array;
  /** 0 until the first code was right. */
  is_confirmed: number;
  /** The last time step whose code was accepted; codes of it and of earlier ones are refused. */
  last_step: number;
  created_at_ms: number;
  last_used_at_ms: number | null;
}

/** One row per passkey. */
export interface CredentialPasskeyRow {
  id: string;
  person_id: string;
  name: string;
  /** SHA-256 of the credential id in hex: what is searched, since the id itself may be longer than an index allows. */
  credential_hash: string;
  /** The credential id, base64url. */
  credential_id: string;
  /** COSE public key. */
  public_key: Uint8Array;
  counter: number;
  /** JSON list of transports. */
  transports: string;
  created_at_ms: number;
  last_used_at_ms: number | null;
}

/** One row per recovery code left; a used one is deleted. */
export interface CredentialRecoveryRow {
  id: string;
  person_id: string;
  /** SHA-256 of person and code, hex. */
  code_hash: string;
}

/** A question to a passkey that waits for its answer; deleted when answered. */
export interface CredentialChallengeRow {
  id: string;
  challenge: string;
  purpose: "sign-in" | "factor" | "enrol";
  /** Null for a sign-in without a name. */
  person_id: string | null;
  expires_at_ms: number;
}

/** A browser's sign-in, under way or complete. */
export interface SignInRow {
  id: string;
  /** SHA-256 of the cookie's token, hex. */
  token_hash: string;
  /** For the first administrator, the id the person will have. */
  person_id: string;
  /** The one-time link it began with, empty for none. */
  link_kind: LinkKind | "";
  link_id: string | null;
  password_at_ms: number | null;
  factor_at_ms: number | null;
  /** What stood for the factor at this sign-in, and for nothing else; null or empty: nothing did. */
  factor_by: FactorStandIn | "" | null;
  /** Null while under way. */
  completed_at_ms: number | null;
  source_address: string;
  user_agent: string;
  created_at_ms: number;
  last_seen_at_ms: number;
  ends_at_ms: number;
}

/**
 * What a one-time link opens. `first`: a new person chooses a password. `first-administrator`: the same, and the person
 * does not exist yet. `password`: factor, then a new password. `factor`: password, then a new device. `both`: neither is
 * asked, both are chosen anew. `demo`: signed in at once.
 */
export type LinkKind = "first" | "first-administrator" | "password" | "factor" | "both" | "demo";

/** A one-time link. */
export interface OneTimeLinkRow {
  id: string;
  /** SHA-256 of the token, hex. */
  token_hash: string;
  person_id: string;
  kind: LinkKind;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

/** What stands for the gateway's own factor: a rule that asks none, the federation's, a remembered browser. */
export type FactorStandIn = "rule" | "provider" | "remembered";

/** All rules of the second factor; one row. */
export interface FactorRuleSetRow {
  id: string;
  revision: number;
  /** JSON of the contract's `factorRule`s. */
  rules: string;
}

/** A remembered browser. */
export interface RememberedDeviceRow {
  id: string;
  person_id: string;
  /** SHA-256 of the cookie's token, hex; and of the one before, empty for none. */
  token_hash: string;
  previous_hash: string;
  source_address: string;
  user_agent: string;
  created_at_ms: number;
  last_used_at_ms: number;
  ends_at_ms: number;
}

/** A script's token. */
export interface ApiTokenRow {
  id: string;
  /** SHA-256 of the token, hex. */
  token_hash: string;
  prefix: string;
  person_id: string;
  name: string;
  /** JSON list of rights. */
  scopes: string;
  /** JSON list of networks, empty for anywhere. */
  source_networks: string;
  created_at_ms: number;
  expires_at_ms: number;
  last_used_at_ms: number | null;
  last_source_address: string;
}

/** Failures counted per login, per person's factor and per source network, with the wait they brought. */
export interface SignInGuardRow {
  /** `login:HASH`, `factor:PERSONID` or `source:NETWORK`. */
  guard_key: string;
  failures: number;
  updated_at_ms: number;
  blocked_until_ms: number;
}
