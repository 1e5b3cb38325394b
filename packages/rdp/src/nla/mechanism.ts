/**
 * How somebody proves who he is inside CredSSP: NTLM here, Kerberos or SPNEGO by another package. What needs the
 * network (a ticket) is done by the host before the mechanism is made. Methods throw `DecodeError` for bad tokens.
 */
export interface SecurityMechanism {
  /** The first token. */
  start(): Uint8Array;
  /** Takes the server's token; `token` null when nothing is to be sent, `isComplete` once messages can be wrapped. */
  step(token: Uint8Array): { readonly token: Uint8Array | null; readonly isComplete: boolean };
  /** Signs and encrypts a message for the server. */
  wrap(message: Uint8Array): Uint8Array;
  /** Decrypts and checks a message of the server. */
  unwrap(message: Uint8Array): Uint8Array;
}
