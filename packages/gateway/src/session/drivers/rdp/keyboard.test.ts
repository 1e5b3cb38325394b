import assert from "node:assert/strict";
import { test } from "node:test";
import { type KeyInput, keysymOfCharacter } from "@poterne/wire";
import { positionOfCharacter, RdpKeyboard } from "./keyboard.ts";

/** What a client was told, in words. */
function record(hasMessageChannel = true) {
  const told: string[] = [];
  const nothing = new Uint8Array(0);
  const client = {
    hasMessageChannel,
    key: (isDown: boolean, scancode: number) => {
      told.push(`${scancode.toString(16)} ${isDown ? "down" : "up"}`);
      return nothing;
    },
    text: (text: string) => {
      if (text !== "") told.push(text);
      return nothing;
    },
  };
  return { told, client };
}

const CONTROL = 0x1d;
const key = (isDown: boolean, keysym: number, scancode = 0): KeyInput => ({
  type: "key",
  isDown,
  keysym,
  scancode,
});
const typed = (isDown: boolean, character: string) => key(isDown, keysymOfCharacter(character));

test("positions go as they are, characters as Unicode, once", () => {
  const { told, client } = record();
  const keyboard = new RdpKeyboard("fr");
  keyboard.key(client, key(true, 0x61, 0x10));
  keyboard.key(client, key(false, 0x61, 0x10));
  for (const character of "é€œ") {
    keyboard.key(client, typed(true, character));
    keyboard.key(client, typed(false, character));
  }
  assert.deepEqual(told, ["10 down", "10 up", "é", "€", "œ"]);
});

test("a shortcut goes as the position its letter has on the target's layout, down and up", () => {
  for (const [layout, position] of [
    ["fr", "10"],
    ["us", "1e"],
  ] as const) {
    const { told, client } = record();
    const keyboard = new RdpKeyboard(layout);
    keyboard.key(client, key(true, 0xffe3, CONTROL));
    keyboard.key(client, typed(true, "a"));
    keyboard.key(client, key(false, 0xffe3, CONTROL));
    keyboard.key(client, typed(false, "a"));
    keyboard.key(client, typed(true, "a"));
    assert.deepEqual(told, ["1d down", `${position} down`, "1d up", `${position} up`, "a"]);
  }
});

test("keys of a soft keyboard, which have no position, get the one they have everywhere", () => {
  const { told, client } = record();
  const keyboard = new RdpKeyboard("fr");
  for (const keysym of [0xff0d, 0xff08, 0xffff]) {
    keyboard.key(client, key(true, keysym));
    keyboard.key(client, key(false, keysym));
  }
  keyboard.key(client, key(true, 0xffd0));
  assert.deepEqual(told, ["1c down", "1c up", "e down", "e up", "e053 down", "e053 up"]);
});

/** Types characters as a viewer composed them. */
function type(layout: "fr" | "us" | "es", text: string): string {
  const { told, client } = record(false);
  const keyboard = new RdpKeyboard(layout);
  for (const character of text) {
    keyboard.key(client, typed(true, character));
    keyboard.key(client, typed(false, character));
  }
  return told.join(", ");
}

test("for a server that looks Unicode up on its layout, dead keys are pressed", () => {
  assert.equal(type("fr", "éê"), "é, 1a down, 1a up, e");
  assert.equal(type("fr", "Ï"), "2a down, 1a down, 1a up, 2a up, I");
  assert.equal(type("fr", "À"), "e038 down, 2b down, 2b up, e038 up, A");
  assert.equal(type("fr", "^"), "1a down, 1a up,  ");
  assert.equal(
    type("fr", "¨"),
    ["2a down, 1a down, 1a up, 2a up", "2a down, 1a down, 1a up, 2a up"].join(", "),
  );
  assert.equal(type("es", "ñá"), "ñ, 28 down, 28 up, a");
  assert.equal(type("us", "ê^"), "ê, ^");
});

test("such a server does not see Shift while a character goes, and sees it again after", () => {
  const { told, client } = record(false);
  const keyboard = new RdpKeyboard("fr");
  keyboard.key(client, key(true, 0xffe1, 0x2a));
  keyboard.key(client, typed(true, ";"));
  keyboard.key(client, typed(false, ";"));
  keyboard.key(client, key(false, 0xffe1, 0x2a));
  keyboard.key(client, typed(true, "a"));
  assert.deepEqual(told, ["2a down", "2a up", ";", "2a down", "2a up", "a"]);
});

test("the numeric pad's characters go as characters, whatever the target's Num Lock says", () => {
  const { told, client } = record();
  const keyboard = new RdpKeyboard("fr");
  for (const keysym of [0xffb5, 0xffae, 0xffaf]) {
    keyboard.key(client, key(true, keysym));
    keyboard.key(client, key(false, keysym));
  }
  assert.deepEqual(told, ["5", ".", "/"]);
});

test("after a release no modifier counts as held", () => {
  const { told, client } = record();
  const keyboard = new RdpKeyboard("fr");
  keyboard.key(client, key(true, 0xffe3, CONTROL));
  keyboard.release();
  keyboard.key(client, typed(true, "a"));
  assert.deepEqual(told, ["1d down", "a"]);
});

test("letters stand where their layout has them", () => {
  assert.equal(positionOfCharacter("fr", "M"), 0x27);
  assert.equal(positionOfCharacter("fr", "w"), 0x2c);
  assert.equal(positionOfCharacter("de", "y"), 0x2c);
  assert.equal(positionOfCharacter("gb", "z"), 0x2c);
  assert.equal(positionOfCharacter("us", "0"), 0x0b);
  assert.equal(positionOfCharacter("us", "é"), 0);
});
