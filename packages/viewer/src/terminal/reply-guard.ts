import type { IDisposable, Terminal } from "@xterm/xterm";

// What a program on the target prints must never type anything back: a file's content shown by `cat` could otherwise
// enter text at the shell's prompt. Two fences: the sequences that make xterm answer never reach its own handlers, and
// what still looks like an answer is not sent.

/** CSI sequences that xterm answers: device attributes, status reports, mode requests, window operations. */
const ANSWERED_CSI = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { final: "t" },
  { prefix: ">", final: "t" },
  { prefix: ">", final: "q" },
  { final: "x" },
  { prefix: "?", final: "u" },
] as const;

/** OSC sequences that answer when their text holds a `?`: palette, foreground, background, cursor colours. */
const COLOUR_OSC = [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const;

/** DCS sequences that xterm answers: DECRQSS, XTGETTCAP. */
const ANSWERED_DCS = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
] as const;

/**
 * An answer of a terminal, none of which any key produces: device attributes, status, mode and window reports, focus
 * reports, DCS and OSC strings. `CSI … R` is missing since F3 with a modifier is written the same way.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const ANSWER = /^\x1b(?:[P\]]|\[[?>=]?[0-9;]*(?:\$y|[cntIO]))/;

/** Makes a terminal swallow every sequence that would make it answer; other uses of colour sequences stay. */
export function installReplyGuard(terminal: Terminal): IDisposable {
  const handlers: IDisposable[] = [];
  for (const id of ANSWERED_CSI) handlers.push(terminal.parser.registerCsiHandler(id, () => true));
  for (const id of ANSWERED_DCS) handlers.push(terminal.parser.registerDcsHandler(id, () => true));
  for (const code of COLOUR_OSC)
    handlers.push(terminal.parser.registerOscHandler(code, (text) => text.includes("?")));
  return {
    dispose: () => {
      for (const handler of handlers) handler.dispose();
    },
  };
}

/** Whether what the terminal wants to send is an answer to the target and not something a person did. */
export function isAnswer(data: string): boolean {
  return ANSWER.test(data);
}
