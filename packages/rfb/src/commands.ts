/** Why an RFB connection cannot go on. */
export type RfbFailureCode =
  /** What answered does not speak RFB. */
  | "not-rfb"
  /** The server turned the connection away before or after log-in, with its own words in `detail`. */
  | "refused"
  /** No security type both sides know. */
  | "no-common-security"
  /** The server offers only security below what the target's options demand. */
  | "security-too-weak"
  | "wrong-password"
  /** The server blocks log-ins for a while. */
  | "too-many-attempts"
  /** Something came that the specification does not allow, or over a limit; `detail` says which. */
  | "protocol-error";

/** What an `RfbClient` asks of its host, to be carried out in order. */
export type RfbCommand =
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** Start TLS now, then call `tlsStarted`. Anonymous: the server has no certificate (TLS* types). */
  | { readonly type: "startTls"; readonly isAnonymous: boolean }
  /** Call `authenticate`. */
  | { readonly type: "credentials"; readonly needsUsername: boolean }
  | { readonly type: "open"; readonly width: number; readonly height: number; readonly name: string }
  /** Commands of the picture language; the payload belongs to the host. */
  | {
      readonly type: "frame";
      readonly channel: "picture" | "pointer";
      readonly entry: "start" | "end" | null;
      readonly payload: Uint8Array;
    }
  /** A framebuffer update ended: what it took on the wire, and its pictures in each of `PART_COUNT` bands. */
  | { readonly type: "update"; readonly sizeBytes: number; readonly partBytes: readonly number[] }
  | { readonly type: "resized"; readonly width: number; readonly height: number }
  /** The server does continuous updates: `enableContinuousUpdates` may be used. */
  | { readonly type: "continuousUpdates" }
  /** Answer to `sendFence`: what was sent with it. */
  | { readonly type: "fence"; readonly payload: Uint8Array }
  | { readonly type: "title"; readonly title: string }
  | { readonly type: "bell" }
  /** Lock lamps: bit 0 scroll, 1 num, 2 caps. */
  | { readonly type: "locks"; readonly locks: number }
  /** Text the server's clipboard holds, UTF-8 with LF. */
  | { readonly type: "clipboard"; readonly text: Uint8Array }
  /** The server's clipboard is over the limit and was not taken. */
  | { readonly type: "clipboardTooLarge"; readonly sizeBytes: number }
  | { readonly type: "fail"; readonly code: RfbFailureCode; readonly detail: string };
