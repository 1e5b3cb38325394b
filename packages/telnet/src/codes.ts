/** RFC 854 "TELNET command structure": the commands, each after IAC. */
export const Command = {
  SE: 240,
  NOP: 241,
  DM: 242,
  BRK: 243,
  IP: 244,
  AO: 245,
  AYT: 246,
  EC: 247,
  EL: 248,
  GA: 249,
  SB: 250,
  WILL: 251,
  WONT: 252,
  DO: 253,
  DONT: 254,
  IAC: 255,
} as const;

/** The options this client knows; all others are refused. */
export const Option = {
  /** RFC 856. */
  BINARY: 0,
  /** RFC 857. */
  ECHO: 1,
  /** RFC 858, suppress go ahead. */
  SGA: 3,
  /** RFC 1091, terminal type. */
  TTYPE: 24,
  /** RFC 1073, window size. */
  NAWS: 31,
} as const;

/** RFC 1091: the parts of a terminal type subnegotiation. */
export const TerminalType = { IS: 0, SEND: 1 } as const;
