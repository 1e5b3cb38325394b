import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, DecodeError, decodeUtf8, fromHex, toHex } from "@poterne/bytes";
import fc from "fast-check";
import { Command, Option } from "./codes.ts";
import { MAX_ANSWERS, MAX_SUBNEGOTIATION_BYTES, TelnetCore, type TelnetEvent } from "./telnet-core.ts";

function make(): TelnetCore {
  return new TelnetCore({ terminalType: "xterm", columns: 80, rows: 255 });
}

function sent(events: readonly TelnetEvent[]): string {
  return toHex(concatBytes(events.flatMap((event) => (event.type === "send" ? [event.bytes] : []))));
}

function shown(events: readonly TelnetEvent[]): Uint8Array {
  return concatBytes(events.flatMap((event) => (event.type === "data" ? [event.bytes] : [])));
}

/** A core that has heard the first negotiation already, so that answers stand alone. */
function begun(): TelnetCore {
  const core = make();
  core.receive(fromHex("fffb03"));
  return core;
}

test("a peer that sends text only is never sent a negotiation", () => {
  const core = make();
  const events = core.receive(new TextEncoder().encode("login: "));
  assert.equal(sent(events), "");
  assert.equal(decodeUtf8(shown(events)), "login: ");
  assert.equal(core.isTelnet, false);
});

test("the first negotiation of the peer is answered with what this side would like", () => {
  // WILL SGA from the peer: DO SGA and DO ECHO, WILL NAWS and WILL TTYPE from here.
  assert.equal(sent(make().receive(fromHex("fffb03"))), "fffd03fffd01fffb1ffffb18");
});

test("window size is sent when wanted, with 255 doubled, and again when it changes", () => {
  const core = begun();
  assert.equal(sent(core.receive(fromHex("fffd1f"))), "fffa1f005000fffffff0");
  assert.equal(toHex(core.resize(132, 50)), "fffa1f00840032fff0");
});

test("window size is not sent to a peer that does not want it", () => {
  assert.equal(toHex(begun().resize(132, 50)), "");
});

test("terminal type is told when asked for, and only then", () => {
  const core = begun();
  assert.equal(sent(core.receive(fromHex("fffa1801fff0"))), "");
  core.receive(fromHex("fffd18"));
  assert.equal(
    sent(core.receive(fromHex("fffa1801fff0"))),
    `fffa1800${toHex(new TextEncoder().encode("xterm"))}fff0`,
  );
});

test("echo follows what the peer does", () => {
  const core = begun();
  assert.equal(core.isEchoRemote, false);
  assert.deepEqual(core.receive(fromHex("fffb01")), [{ type: "echo", isRemote: true }]);
  assert.equal(core.isEchoRemote, true);
  core.receive(fromHex("fffc01"));
  assert.equal(core.isEchoRemote, false);
});

test("an unknown option is refused once, however often it is offered", () => {
  const core = begun();
  assert.equal(sent(core.receive(fromHex("fffd27"))), "fffc27");
  assert.equal(sent(core.receive(fromHex("fffd27fffd27fffb27"))), "fffe27");
});

test("doubled 255 is data, and the NUL after CR is not", () => {
  assert.equal(toHex(shown(make().receive(fromHex("61ffff620d00630d0a")))), "61ff620d630d0a");
});

test("what is typed doubles 255 and marks a lone CR, unless the target took BINARY", () => {
  const core = begun();
  assert.equal(toHex(core.encode(fromHex("61ff0d"))), "61ffff0d00");
  core.receive(fromHex("fffd00"));
  assert.equal(toHex(core.encode(fromHex("61ff0d"))), "61ffff0d");
});

test("a subnegotiation without end is read over in bounded memory", () => {
  const core = begun();
  core.receive(fromHex("fffa18"));
  for (let index = 0; index < 1000; index++) core.receive(new Uint8Array(MAX_SUBNEGOTIATION_BYTES));
  assert.equal(decodeUtf8(shown(core.receive(fromHex("fff06f6b")))), "ok");
});

test("negotiation without end is an error", () => {
  const core = make();
  const toggles = fromHex("fffb01fffc01".repeat(MAX_ANSWERS));
  assert.throws(
    () => core.receive(toggles),
    (error) => error instanceof DecodeError && error.code === "limit",
  );
});

test("where bytes are torn changes nothing", () => {
  const pieces = [
    "61",
    "ffff",
    "fffb01",
    "fffc01",
    "fffd1f",
    "fffa1801fff0",
    "0d00",
    "0d0a",
    "fff1",
    "fffa",
    "fff0",
    "00",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), fc.nat(), (parts, seed) => {
      const whole = fromHex(parts.join(""));
      const cut = whole.length === 0 ? 0 : seed % whole.length;
      const run = (chunks: readonly Uint8Array[]) => {
        const core = make();
        const events = chunks.flatMap((chunk) => core.receive(chunk));
        return [sent(events), toHex(shown(events))];
      };
      assert.deepEqual(run([whole.subarray(0, cut), whole.subarray(cut)]), run([whole]));
    }),
    { numRuns: 1000 },
  );
});

/** One valid message of each kind. */
const MESSAGES: Readonly<Record<string, string>> = {
  text: "6c6f67696e3a20",
  "escaped 255": "61ffff62",
  command: "fff1fff6fff9",
  WILL: "fffb01",
  WONT: "fffc01",
  DO: "fffd1f",
  DONT: "fffe1f",
  "terminal type": "fffd18fffa1801fff0",
  "window size": "fffd1ffffa1f00500018fff0",
  "carriage return": "0d000d0a0d",
};

for (const [name, hex] of Object.entries(MESSAGES))
  test(`1000 mutations of ${name} never do more than a DecodeError, nor answer more than they ask`, () => {
    const message = fromHex(hex);
    const mutation = fc.record({
      at: fc.nat(message.length),
      bytes: fc.uint8Array({ maxLength: 6 }),
      remove: fc.nat(3),
      repeats: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(mutation, ({ at, bytes, remove, repeats }) => {
        const mutated = concatBytes([message.subarray(0, at), bytes, message.subarray(at + remove)]);
        const core = make();
        let answered = 0;
        for (let round = 0; round < repeats; round++) {
          try {
            for (const event of core.receive(mutated))
              if (event.type === "send") answered += event.bytes.length;
          } catch (error) {
            assert.ok(error instanceof DecodeError);
            break;
          }
        }
        assert.ok(answered <= 64 + mutated.length * repeats * 12);
      }),
      { numRuns: 1000 },
    );
  });

test("the codes are those of the RFCs", () => {
  assert.deepEqual([Command.SE, Command.SB, Command.WILL, Command.IAC], [240, 250, 251, 255]);
  assert.deepEqual([Option.BINARY, Option.ECHO, Option.SGA, Option.TTYPE, Option.NAWS], [0, 1, 3, 24, 31]);
});
