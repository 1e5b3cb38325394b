import assert from "node:assert/strict";
import { test } from "node:test";
import { type InputEvent, keysymOfCharacter } from "@poterne/wire";
import type { KeyFacts, KeyModifiers } from "./key-facts.ts";
import {
  FAKE_CONTROL_HOLD_MS,
  KeyboardMachine,
  type KeyboardOptions,
  MAX_COMPOSED_CHARACTERS,
} from "./keyboard-machine.ts";
import { keysymOfKey, scancodeOfPosition } from "./keysym.ts";

const none: KeyModifiers = {
  shift: false,
  control: false,
  alt: false,
  meta: false,
  altGraph: false,
  capsLock: false,
  numLock: false,
  scrollLock: false,
};

function facts(
  code: string,
  key: string,
  more: Partial<KeyFacts> & { with?: Partial<KeyModifiers> } = {},
): KeyFacts {
  const { with: held, ...rest } = more;
  return {
    code,
    key,
    location: code.endsWith("Right") ? 2 : code.startsWith("Numpad") ? 3 : 0,
    isRepeat: false,
    isComposing: false,
    timeMs: 1000,
    modifiers: { ...none, ...held },
    ...rest,
  };
}

function machine(options: Partial<KeyboardOptions> = {}): KeyboardMachine {
  return new KeyboardMachine({ mode: "positions", platform: "other", commandKeyAs: "control", ...options });
}

/** Keys only, as `+keysym/scancode` and `-keysym/scancode` in hexadecimal. */
function keys(events: readonly InputEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "key"
      ? [`${event.isDown ? "+" : "-"}${event.keysym.toString(16)}/${event.scancode.toString(16)}`]
      : [],
  );
}

test("keysyms are X11's: Latin-1 as it is, older ones where they exist, Unicode's for the rest", () => {
  assert.equal(keysymOfCharacter("a"), 0x61);
  assert.equal(keysymOfCharacter("é"), 0xe9);
  assert.equal(keysymOfCharacter("€"), 0x20ac);
  assert.equal(keysymOfCharacter("œ"), 0x13bd);
  assert.equal(keysymOfCharacter("😀"), 0x0101f600);
  assert.equal(keysymOfKey("Shift", 2), 0xffe2);
  assert.equal(keysymOfKey("5", 3), 0xffb5);
  assert.equal(keysymOfKey("toString", 0), 0);
});

test("scancodes are XT set 1, extended with 0xE0", () => {
  assert.equal(scancodeOfPosition("KeyA"), 0x1e);
  assert.equal(scancodeOfPosition("IntlBackslash"), 0x56);
  assert.equal(scancodeOfPosition("AltRight"), 0xe038);
  assert.equal(scancodeOfPosition("Pause"), 0xe11d);
  assert.equal(scancodeOfPosition("constructor"), 0);
});

test("positions: the A key of an AZERTY keyboard goes over as the place of Q", () => {
  const keyboard = machine();
  assert.deepEqual(keys(keyboard.keyDown(facts("KeyQ", "a")).events), ["+61/10"]);
  assert.deepEqual(keys(keyboard.keyUp(facts("KeyQ", "a")).events), ["-61/10"]);
});

test("positions: a dead key goes over by its place alone", () => {
  const outcome = machine().keyDown(facts("BracketLeft", "Dead"));
  assert.deepEqual(keys(outcome.events), ["+0/1a"]);
  assert.equal(outcome.isTaken, true);
});

test("characters: a dead key is left to the browser and the composed letter goes over", () => {
  const keyboard = machine({ mode: "characters" });
  const dead = keyboard.keyDown(facts("BracketLeft", "Dead"));
  assert.deepEqual([keys(dead.events), dead.isTaken], [[], false]);
  assert.deepEqual(keys(keyboard.keyDown(facts("KeyE", "ê")).events), ["+ea/0"]);
});

test("characters: the same letter told by key and by text goes over once", () => {
  const keyboard = machine({ mode: "characters" });
  keyboard.keyDown(facts("KeyE", "ê"));
  assert.deepEqual(keyboard.text("ê", 1010), []);
  assert.deepEqual(keys(keyboard.text("ê", 1200)), ["+ea/0", "-ea/0"]);
});

test("characters: text of an input method goes over letter by letter", () => {
  const keyboard = machine({ mode: "characters" });
  assert.equal(keyboard.keyDown(facts("KeyN", "Process", { isComposing: true })).isTaken, false);
  assert.deepEqual(keys(keyboard.text("日本", 1000)), [
    "+10065e5/0",
    "-10065e5/0",
    "+100672c/0",
    "-100672c/0",
  ]);
});

test("Windows: the fake left Control before AltGr is swallowed, down and up", () => {
  const keyboard = machine({ platform: "windows" });
  assert.deepEqual(keyboard.keyDown(facts("ControlLeft", "Control")).events, []);
  const altGr = facts("AltRight", "AltGraph", {
    timeMs: 1001,
    with: { control: true, alt: true, altGraph: true },
  });
  assert.deepEqual(keys(keyboard.keyDown(altGr).events), ["+fe03/e038"]);
  assert.deepEqual(keyboard.keyUp(facts("ControlLeft", "Control")).events, []);
  assert.deepEqual(keys(keyboard.keyUp(facts("AltRight", "AltGraph")).events), ["-fe03/e038"]);
});

test("Windows: a real Control goes over with the next key, or by itself after 50 ms", () => {
  const keyboard = machine({ platform: "windows" });
  keyboard.keyDown(facts("ControlLeft", "Control"));
  assert.deepEqual(keys(keyboard.keyDown(facts("KeyC", "c", { with: { control: true } })).events), [
    "+ffe3/1d",
    "+63/2e",
  ]);
  const alone = machine({ platform: "windows" });
  alone.keyDown(facts("ControlLeft", "Control"));
  assert.equal(alone.deadlineMs, 1000 + FAKE_CONTROL_HOLD_MS);
  assert.deepEqual(keys(alone.flush()), ["+ffe3/1d"]);
  assert.equal(alone.deadlineMs, null);
});

test("Windows: a Control tapped within the hold time goes down and up", () => {
  const keyboard = machine({ platform: "windows" });
  keyboard.keyDown(facts("ControlLeft", "Control"));
  assert.deepEqual(keys(keyboard.keyUp(facts("ControlLeft", "Control")).events), ["+ffe3/1d", "-ffe3/1d"]);
});

test("characters: what AltGr types goes over without AltGr", () => {
  const keyboard = machine({ mode: "characters" });
  assert.deepEqual(keyboard.keyDown(facts("AltRight", "AltGraph")).isTaken, true);
  const at = facts("Digit0", "@", { with: { altGraph: true } });
  assert.deepEqual(keys(keyboard.keyDown(at).events), ["+40/0"]);
});

test("characters: Control and Alt held as AltGr are let go before the character", () => {
  const keyboard = machine({ mode: "characters" });
  keyboard.keyDown(facts("ControlLeft", "Control", { with: { control: true } }));
  keyboard.keyDown(facts("AltLeft", "Alt", { with: { control: true, alt: true } }));
  const euro = facts("KeyE", "€", { with: { control: true, alt: true, altGraph: true } });
  assert.deepEqual(keys(keyboard.keyDown(euro).events), ["-ffe3/1d", "-ffe9/38", "+20ac/0"]);
});

test("a key goes up as what it went down as, though Shift has changed", () => {
  const keyboard = machine({ mode: "characters" });
  keyboard.keyDown(facts("Digit1", "1", { with: { shift: true } }));
  assert.deepEqual(keys(keyboard.keyUp(facts("Digit1", "&")).events), ["-31/0"]);
});

test("a modifier whose release went to another window is let go at the next key", () => {
  const keyboard = machine();
  keyboard.keyDown(facts("AltLeft", "Alt", { with: { alt: true } }));
  assert.deepEqual(keys(keyboard.keyDown(facts("KeyA", "a")).events), ["-ffe9/38", "+61/1e"]);
});

test("losing the keyboard releases everything", () => {
  const keyboard = machine();
  keyboard.keyDown(facts("KeyA", "a"));
  assert.deepEqual(keyboard.blur(), [{ type: "release" }]);
  assert.deepEqual(keys(keyboard.keyUp(facts("KeyA", "a")).events), []);
});

test("locks are told with the first key and when they changed elsewhere", () => {
  const keyboard = machine();
  const first = keyboard.keyDown(facts("KeyA", "a", { with: { numLock: true } }));
  assert.deepEqual(first.events[0], { type: "locks", locks: 2 });
  const second = keyboard.keyDown(facts("KeyB", "b", { with: { numLock: true } }));
  assert.equal(second.events.length, 1);
  const third = keyboard.keyDown(facts("KeyC", "C", { with: { numLock: true, capsLock: true } }));
  assert.deepEqual(third.events[0], { type: "locks", locks: 6 });
});

test("characters: Caps Lock is in the letters already and is not told, Num Lock is", () => {
  const keyboard = machine({ mode: "characters" });
  const outcome = keyboard.keyDown(facts("KeyA", "A", { with: { capsLock: true, numLock: true } }));
  assert.deepEqual(outcome.events[0], { type: "locks", locks: 2 });
  assert.deepEqual(keys(outcome.events), ["+41/0"]);
});

test("characters: the numeric pad types, but in a shortcut its keys go over by their place too", () => {
  const typing = machine({ mode: "characters" });
  assert.deepEqual(keys(typing.keyDown(facts("Numpad5", "5")).events), ["+ffb5/0"]);
  const held = { with: { control: true } };
  const shortcut = machine({ mode: "characters" });
  assert.deepEqual(keys(shortcut.keyDown(facts("NumpadAdd", "+", held)).events), ["+ffab/4e"]);
});

test("positions: Caps Lock goes over as a key and is not told a second time", () => {
  const keyboard = machine();
  keyboard.keyDown(facts("KeyA", "a"));
  assert.deepEqual(keys(keyboard.keyDown(facts("CapsLock", "CapsLock")).events), ["+ffe5/3a", "-ffe5/3a"]);
  const next = keyboard.keyDown(facts("KeyB", "B", { with: { capsLock: true } }));
  assert.deepEqual(
    next.events.filter((event) => event.type === "locks"),
    [],
  );
});

test("Mac: Command becomes what the person chose, and keys under it go up at once", () => {
  const keyboard = machine({ platform: "mac" });
  assert.deepEqual(keys(keyboard.keyDown(facts("MetaLeft", "Meta", { with: { meta: true } })).events), [
    "+ffe3/1d",
  ]);
  assert.deepEqual(keys(keyboard.keyDown(facts("KeyC", "c", { with: { meta: true } })).events), [
    "+63/2e",
    "-63/2e",
  ]);
});

test("Mac: Caps Lock is pressed and released at each change", () => {
  const keyboard = machine({ platform: "mac" });
  assert.equal(keys(keyboard.keyDown(facts("CapsLock", "CapsLock")).events).length, 2);
  assert.equal(keys(keyboard.keyUp(facts("CapsLock", "CapsLock")).events).length, 2);
});

test("Windows tells Print Screen only on release: it goes down and up", () => {
  const keyboard = machine({ platform: "windows" });
  assert.deepEqual(keys(keyboard.keyUp(facts("PrintScreen", "PrintScreen")).events), [
    "+ff61/e037",
    "-ff61/e037",
  ]);
});

test("positions: what the browser composes of the same keys is not sent again, a soft keyboard's text is", () => {
  const keyboard = machine();
  keyboard.keyDown(facts("BracketLeft", "Dead"));
  keyboard.keyDown(facts("KeyE", "ê"));
  assert.deepEqual(keyboard.text("ê", 1005), []);
  keyboard.keyDown(facts("", "Unidentified"));
  assert.deepEqual(keys(keyboard.text("ê", 2000)), ["+ea/0", "-ea/0"]);
});

test("composed text is bounded: longer is a paste and goes another way", () => {
  const events = machine({ mode: "characters" }).text("x".repeat(MAX_COMPOSED_CHARACTERS + 9), 0);
  assert.equal(events.length, MAX_COMPOSED_CHARACTERS * 2);
});
