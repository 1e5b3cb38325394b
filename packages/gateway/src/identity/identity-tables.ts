import type { barredReason, ProviderKind } from "@poterne/contract";
import type { z } from "zod";

/** Why a directory lets somebody in no longer. */
export type BarredReason = z.infer<typeof barredReason>;

/** An identity provider. */
export interface IdentityProviderTableRow {
  id: string;
  kind: ProviderKind;
  name: string;
  /** Lower is asked first. */
  position: number;
  is_enabled: number;
  /** JSON of the contract's `providerConfig`. */
  config: string;
  /** The keeper's envelope of the secret, its context is `provider:ID`; null without one. */
  envelope: Uint8Array | null;
  /** Counts changes. */
  revision: number;
  created_at_ms: number;
}

/** A person who comes from a provider and belongs to it; somebody without such a row is of this gateway. */
export interface IdentityBindingTableRow {
  person_id: string;
  provider_id: string;
  /** What the provider calls them, for ever. */
  subject: string;
  /** Why the provider bars them, empty while it does not; such a person is disabled here too. */
  barred: BarredReason | "";
  /** When the provider last vouched for them, or barred them. */
  checked_at_ms: number;
}

/** A sign-in at a federation that waits for its answer; taken once. */
export interface FederationRequestTableRow {
  /** SHA-256 of the `state` parameter, hex. */
  state_hash: string;
  provider_id: string;
  /** SHA-256 of the cookie's token: only the browser that began may end. */
  browser_hash: string;
  /** JSON of what the provider must remember: nonce, code verifier. */
  memory: string;
  expires_at_ms: number;
}
