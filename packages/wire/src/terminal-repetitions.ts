/** Sequences that xterm.js repeats as often as their parameter says, and in what measure a sane program counts them. */
const REPEATED: readonly [
  sequence: { intermediates?: string; final: string },
  measure: "rows" | "columns",
][] = [
  [{ final: "L" }, "rows"],
  [{ final: "M" }, "rows"],
  [{ final: "S" }, "rows"],
  [{ final: "T" }, "rows"],
  [{ final: "^" }, "rows"],
  [{ final: "b" }, "columns"],
  [{ final: "@" }, "columns"],
  [{ final: "P" }, "columns"],
  [{ final: "X" }, "columns"],
  [{ final: "I" }, "columns"],
  [{ final: "Z" }, "columns"],
  [{ intermediates: " ", final: "@" }, "columns"],
  [{ intermediates: " ", final: "A" }, "columns"],
  [{ intermediates: "'", final: "}" }, "columns"],
  [{ intermediates: "'", final: "~" }, "columns"],
];

/** A repetition may go beyond the screen by this factor (lines wrap), but not by two thousand million. */
const MAX_SCREENS = 16;

/** The little of xterm.js, in the browser or headless, that this needs. */
export interface RepeatingTerminal {
  readonly rows: number;
  readonly cols: number;
  readonly parser: {
    registerCsiHandler(
      sequence: { intermediates?: string; final: string },
      callback: (parameters: (number | number[])[]) => boolean,
    ): { dispose(): void };
  };
}

/**
 * Makes a terminal ignore repetitions far beyond its screen: `CSI 2147483647 S` keeps xterm.js busy for hours, and with
 * it the page, or every terminal of the gateway's follower.
 */
export function ignoreEndlessRepetitions(terminal: RepeatingTerminal): void {
  for (const [sequence, measure] of REPEATED)
    terminal.parser.registerCsiHandler(sequence, (parameters) => {
      const [count] = parameters;
      const sane = measure === "rows" ? terminal.rows : terminal.cols * MAX_SCREENS;
      return typeof count === "number" && count > sane;
    });
}
