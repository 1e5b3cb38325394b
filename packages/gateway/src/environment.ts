/** What the outside world gives the gateway's rules: time and randomness. Tests bring their own. */
export interface Environment {
  /** Unix milliseconds, UTC; may jump. */
  now(): number;
  /** Milliseconds that never go back, since some moment before the process began. */
  monotonicMs(): number;
  /** Cryptographically random bytes. */
  randomBytes(count: number): Uint8Array;
}
