/** Output a hostile target may send, which must do nothing outside the terminal's own picture. */
export interface HostileOutput {
  /** What it tries, as a test's name. */
  readonly name: string;
  readonly output: Uint8Array;
}

function make(name: string, text: string): HostileOutput {
  return { name, output: Buffer.from(text, "latin1") };
}

const ESC = "\x1b";
const ST = `${ESC}\\`;
const BEL = "\x07";

/**
 * Escape sequences that make some terminals answer, write a clipboard, report or change things outside: none of them
 * may send a byte to the target, touch the clipboard (without the policy's leave), open, move or resize anything.
 * The test of the follower, of the gateway's answers and of the viewer's terminal walk this list.
 */
export const hostileOutput: readonly HostileOutput[] = [
  make("writes the clipboard (OSC 52)", `${ESC}]52;c;cm0gLXJmIC8K${BEL}`),
  make("writes the clipboard, ended by ST", `${ESC}]52;p;cm0gLXJmIC8K${ST}`),
  make("reads the clipboard (OSC 52 ?)", `${ESC}]52;c;?${BEL}`),
  make("reports the title it has just set (CSI 21 t)", `${ESC}]2;\nrm -rf /\n${BEL}${ESC}[21t`),
  make("reports the icon's title (CSI 20 t)", `${ESC}]1;;id${BEL}${ESC}[20t`),
  make("asks for a setting (DECRQSS)", `${ESC}P$qm${ST}`),
  make("asks for an invalid setting that is echoed (DECRQSS)", `${ESC}P$q\nid\n${ST}`),
  make("asks for a termcap value (XTGETTCAP)", `${ESC}P+q544e${ST}`),
  make("asks for a mode (DECRQM)", `${ESC}[?2004$p`),
  make("asks for an ANSI mode (DECRQM)", `${ESC}[4$p`),
  make("asks for the version (XTVERSION)", `${ESC}[>q`),
  make("asks for tertiary attributes", `${ESC}[=c`),
  make("asks for an extended cursor report", `${ESC}[?6n`),
  make("asks for the printer's, keys' and locator's state", `${ESC}[?15n${ESC}[?25n${ESC}[?26n${ESC}[?55n`),
  make("asks for terminal parameters (DECREQTPARM)", `${ESC}[x${ESC}[1x`),
  make("asks for a checksum of the screen (DECRQCRA)", `${ESC}[1;1;1;1;24;80*y`),
  make("asks for the presentation state (DECRQPSR)", `${ESC}[1$w${ESC}[2$w`),
  make("asks for the terminal's state (DECRQTSR)", `${ESC}[1$u`),
  make("asks for a palette colour (OSC 4)", `${ESC}]4;1;?${BEL}`),
  make(
    "asks for text and background colours (OSC 10, 11, 12)",
    `${ESC}]10;?${BEL}${ESC}]11;?${BEL}${ESC}]12;?${BEL}`,
  ),
  make("asks for the keyboard protocol", `${ESC}[?u`),
  make("answers ENQ", "\x05"),
  make(
    "moves, resizes, raises and minimises the window",
    `${ESC}[3;0;0t${ESC}[4;9999;9999t${ESC}[5t${ESC}[2t${ESC}[9;1t`,
  ),
  make("reports window state, place and size", `${ESC}[11t${ESC}[13t${ESC}[14t${ESC}[18t${ESC}[19t`),
  make("resizes the terminal (CSI 8 t)", `${ESC}[8;500;500t`),
  make("switches to 132 columns (DECCOLM)", `${ESC}[?40h${ESC}[?3h`),
  make("prints (media copy)", `${ESC}[5i id ${ESC}[4i${ESC}[i`),
  make("defines function keys (DECUDK)", `${ESC}P1;1|17/69640d${ST}`),
  make("sends a file to the terminal (iTerm2)", `${ESC}]1337;File=name=YQ==;inline=0:AAAA${BEL}`),
  make("shows a notification (OSC 9, 777)", `${ESC}]9;hello${BEL}${ESC}]777;notify;a;b${BEL}`),
  make("makes a link with a script (OSC 8)", `${ESC}]8;;javascript:alert(1)${BEL}click${ESC}]8;;${BEL}`),
  make("makes a link to a file (OSC 8)", `${ESC}]8;;file:///etc/passwd${BEL}click${ESC}]8;;${BEL}`),
  make("names another working directory (OSC 7)", `${ESC}]7;file://evil/etc${BEL}`),
  make("opens a string and never ends it", `${ESC}]0;${"A".repeat(10_000)}`),
  make("opens a device control string and never ends it", `${ESC}P${"A".repeat(10_000)}`),
  make("passes sequences through a multiplexer (tmux)", `${ESC}Ptmux;${ESC}${ESC}]52;c;cm0=${BEL}${ST}`),
  make("repeats one character without end (REP)", `a${ESC}[2147483647b`),
  make("moves the cursor out of all bounds", `${ESC}[2147483647;2147483647H${ESC}[99999999999999999999A`),
  make(
    "inserts and scrolls without end",
    `${ESC}[2147483647L${ESC}[2147483647S${ESC}[2147483647T${ESC}[2147483647@`,
  ),
  make("gives far too many parameters", `${ESC}[${"1;".repeat(5000)}m`),
  make("uses C1 controls in UTF-8", "\xc2\x9b21t\xc2\x9d52;c;cm0=\xc2\x9c"),
  make("hides text in direction marks", "\xe2\x80\xae\xe2\x81\xa6evil\xe2\x81\xa9"),
];
