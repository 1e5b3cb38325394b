/** Rectangle and pseudo encodings, RFC 6143 §7.7–7.8 and the community's registry. */
export const Encoding = {
  raw: 0,
  copyRect: 1,
  rre: 2,
  hextile: 5,
  tight: 7,
  zrle: 16,
  desktopSize: -223,
  lastRect: -224,
  pointerPosition: -232,
  cursor: -239,
  xCursor: -240,
  qemuExtendedKey: -258,
  qemuLedState: -261,
  desktopName: -307,
  extendedDesktopSize: -308,
  fence: -312,
  continuousUpdates: -313,
  cursorWithAlpha: -314,
  vmwareCursorPosition: 0x574d5666,
  vmwareLedState: 0x574d5668,
  extendedClipboard: 0xc0a1e5ce | 0,
  jpegQualityFirst: -32,
  compressLevelFirst: -256,
} as const;

/** Messages from the server, RFC 6143 §7.6 and extensions. */
export const ServerMessage = {
  framebufferUpdate: 0,
  setColourMapEntries: 1,
  bell: 2,
  serverCutText: 3,
  endOfContinuousUpdates: 150,
  fence: 248,
} as const;

/** Messages to the server, RFC 6143 §7.5 and extensions. */
export const ClientMessage = {
  setPixelFormat: 0,
  setEncodings: 2,
  framebufferUpdateRequest: 3,
  keyEvent: 4,
  pointerEvent: 5,
  clientCutText: 6,
  enableContinuousUpdates: 150,
  fence: 248,
  setDesktopSize: 251,
  qemu: 255,
} as const;

/** Security types, RFC 6143 §7.2; VeNCrypt's own numbers begin at 256. */
export const SecurityType = {
  none: 1,
  vncAuth: 2,
  veNCrypt: 19,
  plain: 256,
  tlsNone: 257,
  tlsVnc: 258,
  tlsPlain: 259,
  x509None: 260,
  x509Vnc: 261,
  x509Plain: 262,
} as const;

/** Rectangle encodings offered, best first: Tight before ZRLE, so that JPEG quality can follow the link. */
export const DEFAULT_ENCODINGS: readonly number[] = [
  Encoding.copyRect,
  Encoding.tight,
  Encoding.zrle,
  Encoding.hextile,
  Encoding.rre,
  Encoding.raw,
];

/** The versions of RFB this client speaks. */
export type RfbVersion = "3.3" | "3.7" | "3.8";

/** Bits of a fence's flags. */
export const FenceFlag = { blockBefore: 1, blockAfter: 2, syncNext: 4, request: 0x80000000 } as const;
