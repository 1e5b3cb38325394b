import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, DecodeError, fromHex, toHex } from "@poterne/bytes";
import { oneMonitor } from "../monitors.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { Framer } from "./framing.ts";
import { encodeConferenceRequest } from "./gcc-client.ts";
import { decodeConferenceResponse } from "./gcc-server.ts";
import { decodeConnectResponse, decodeMcsPdu, encodeChannelJoin, encodeSendData } from "./mcs.ts";
import { decodeConnectionConfirm, decodeData, encodeConnectionRequest } from "./x224.ts";

/** [MS-RDPBCGR] 4.1.4, the random and the certificate of 236 bytes replaced by zeros. */
const CONNECT_RESPONSE = fromHex(
  `7f66 820145 0a0100 020100 301a 020122 020103 020100 020101 020100 020101 020300fff8 020102
   0482011f 000500147c00012a14760a01010001c0004d63446e8108
   010c0c00 04000800 00000000 030c1000 eb030300ec03ed03ee030000
   020cec00 00000000 00000000 ${"00".repeat(224)}`,
);

test("a connection request is the specification's example", () => {
  // [MS-RDPBCGR] 4.1.1
  const expected = "0300002c27e00000000000436f6f6b69653a206d737473686173683d656c746f6e730d0a0100080000000000";
  assert.equal(toHex(encodeConnectionRequest(0, "eltons")), expected);
});

test("a cookie takes nothing that would end its line", () => {
  const text = String.fromCharCode(...encodeConnectionRequest(3, "a\r\nb c"));
  assert.match(text, /Cookie: mstshash=abc\r\n/);
  assert.doesNotMatch(String.fromCharCode(...encodeConnectionRequest(3, "")), /Cookie/);
});

test("a connection confirm tells the protocol, a failure, or RDP's own security", () => {
  // [MS-RDPBCGR] 4.1.2
  const confirm = fromHex("0ed000001234000200080000000000");
  assert.deepEqual(decodeConnectionConfirm(confirm), { type: "selected", protocol: 0, flags: 0 });
  const nla = fromHex("0ed00000123400021f080002000000");
  assert.deepEqual(decodeConnectionConfirm(nla), { type: "selected", protocol: 2, flags: 0x1f });
  const failure = fromHex("0ed000001234000300080005000000");
  assert.deepEqual(decodeConnectionConfirm(failure), { type: "failure", code: 5 });
  const old = fromHex("06d00000123400");
  assert.deepEqual(decodeConnectionConfirm(old), { type: "selected", protocol: 0, flags: 0 });
  assert.throws(() => decodeConnectionConfirm(fromHex("0ee000001234000200080000000000")), DecodeError);
});

test("a connect response gives the channels", () => {
  const { result, conference } = decodeConnectResponse(CONNECT_RESPONSE);
  assert.equal(result, 0);
  assert.deepEqual(decodeConferenceResponse(conference), {
    earlyCapabilityFlags: 0,
    encryptionMethod: 0,
    ioChannelId: 1003,
    channelIds: [1004, 1005, 1006],
    messageChannelId: 0,
  });
});

test("what is kept of a packet is the keeper's own, though the socket's memory is used again", () => {
  const memory = Buffer.from("0300000b02f0806405f7ee", "hex");
  const framer = new Framer();
  framer.push(memory);
  const kept = framer.next("pdu")?.bytes.slice();
  memory.fill(0);
  assert.equal(toHex(kept ?? new Uint8Array(0)), "02f0806405f7ee");
});

test("domain PDUs are read and written as in the specification", () => {
  // [MS-RDPBCGR] 4.1.7 to 4.1.8.1.2
  assert.deepEqual(decodeMcsPdu(fromHex("2e000006")), { type: "attachUserConfirm", userId: 1007 });
  assert.equal(toHex(encodeChannelJoin(1007, 1007)), "0300000c02f08038000603ef");
  assert.deepEqual(decodeMcsPdu(fromHex("3e00000603ef03ef")), {
    type: "channelJoinConfirm",
    channelId: 1007,
  });
  assert.throws(() => decodeMcsPdu(fromHex("2e010006")), /attach user refused with result 1/);
  assert.deepEqual(decodeMcsPdu(fromHex("2180")), { type: "ultimatum", reason: 3 });
  const data = decodeMcsPdu(fromHex("68000103eb7080050102030405"));
  assert.ok(data.type === "data");
  assert.equal(toHex(data.payload), "0102030405");
  assert.equal(toHex(encodeSendData(1007, 1003, Uint8Array.of(9))), "0300000f02f08064000603eb700109");
});

test("a conference request carries what the client tells", () => {
  const request = toHex(
    encodeConferenceRequest({
      monitors: oneMonitor({ width: 1280, height: 800 }),
      isExtendedDataTaken: true,
      keyboardLayout: 0x40c,
      clientName: "a-name-that-is-too-long",
      selectedProtocol: 1,
      hasGraphicsPipeline: true,
      channels: ["drdynvc", "cliprdr"],
    }),
  );
  assert.match(request, /000500147c0001/);
  assert.match(request, /01c0[0-9a-f]{4}1100080000052003/);
  assert.ok(request.includes(toHex(new TextEncoder().encode("drdynvc\0"))));
  assert.match(request, /03c0200002000000/);
});

test("packets are cut alike however they come", () => {
  const stream = concatBytes([
    fromHex("0300000c02f08038000603ef"),
    fromHex("0005010203"),
    fromHex("008006090909"),
    fromHex("0300000702f080"),
  ]);
  for (const step of [1, 2, 3, 5, stream.length]) {
    const framer = new Framer();
    const seen: string[] = [];
    for (let at = 0; at < stream.length; at += step) {
      const chunk = stream.slice(at, at + step);
      framer.push(chunk);
      for (let packet = framer.next("pdu"); packet !== null; packet = framer.next("pdu"))
        seen.push(`${packet.type} ${toHex(packet.bytes)}`);
      framer.keep();
      // What it holds of a packet in part is its own.
      chunk.fill(0xee);
    }
    assert.deepEqual(seen, ["tpdu 02f08038000603ef", "fastPath 010203", "fastPath 090909", "tpdu 02f080"]);
    assert.equal(framer.heldBytes, 0);
  }
});

test("a slice of a packet is a copy, whatever kind of array it came in", () => {
  const framer = new Framer();
  const chunk = Buffer.from("0300000702f080", "hex");
  framer.push(chunk);
  const kept = framer.next("pdu")?.bytes.slice();
  chunk.fill(0);
  assert.equal(toHex(kept ?? new Uint8Array(0)), "02f080");
});

test("a stream that is no RDP, is encrypted or lies about lengths is refused", () => {
  const next = (hex: string, mode: "pdu" | "tsRequest" = "pdu") => {
    const framer = new Framer();
    framer.push(fromHex(hex));
    return framer.next(mode);
  };
  assert.throws(() => next("5353482d32"), /invalid/);
  assert.throws(() => next("8005010203"), /unsupported.*RDP encryption/);
  assert.throws(() => next("03000005"), /invalid/);
  assert.throws(() => next("000100"), /invalid/);
  assert.throws(() => next("3083200000", "tsRequest"), /limit/);
  assert.throws(() => next("0400", "tsRequest"), /invalid/);
  assert.equal(next("30", "tsRequest"), null);
});

test("damaged connection messages are refused, never more", () => {
  assertWithstands(fromHex("0ed000001234000200080000000000"), decodeConnectionConfirm);
  assertWithstands(CONNECT_RESPONSE, (bytes) =>
    decodeConferenceResponse(decodeConnectResponse(bytes).conference),
  );
  assertWithstands(fromHex("68000103eb7080050102030405"), decodeMcsPdu);
  assertWithstands(fromHex("02f0802e000006"), (bytes) => decodeMcsPdu(decodeData(bytes)));
  assertWithstands(fromHex("0300000c02f08038000603ef00050102030300000702f080"), (bytes) => {
    const framer = new Framer();
    framer.push(bytes);
    while (framer.next("pdu") !== null);
  });
});
