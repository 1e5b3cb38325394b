import { ByteReader, ByteWriter } from "@poterne/bytes";

/** [MS-RDPBCGR] 2.2.8.1.1.2.1 flags of the basic security header on the message channel. */
const SEC_AUTODETECT_REQ = 0x1000;
const SEC_AUTODETECT_RSP = 0x2000;
const SEC_HEARTBEAT = 0x4000;
/** [MS-RDPBCGR] 2.2.14.1 and 2.2.14.2 headerTypeId. */
const TYPE_ID_AUTODETECT_REQUEST = 0;
const TYPE_ID_AUTODETECT_RESPONSE = 1;
/** [MS-RDPBCGR] 2.2.14.1 requestType: while connecting, and later over TCP. */
const Request = {
  rttConnecting: 0x1001,
  rtt: 0x0001,
  bandwidthStartConnecting: 0x1014,
  bandwidthStart: 0x0014,
  bandwidthPayload: 0x0002,
  bandwidthStopConnecting: 0x002b,
  bandwidthStop: 0x0429,
  resultRtt: 0x0840,
  resultBandwidth: 0x0880,
  resultBoth: 0x08c0,
} as const;
const RESPONSE_RTT = 0x0000;
const RESPONSE_BANDWIDTH_CONNECTING = 0x0003;
const RESPONSE_BANDWIDTH = 0x000b;

/** What the server told of itself, besides what was answered. */
export type MessageChannelEvent =
  /** [MS-RDPBCGR] 2.2.14.1.5: the round trip the server measured; the bandwidth null where it does not say. */
  | {
      readonly type: "network";
      readonly roundTripMs: number;
      readonly bandwidthKbits: number | null;
    }
  /** [MS-RDPBCGR] 2.2.16.1: one comes each period; without any for `silenceS` seconds the connection is lost. */
  | { readonly type: "heartbeat"; readonly silenceS: number };

/** What a message calls for. */
export interface MessageChannelResult {
  /** To be sent on the message channel, null for nothing. */
  readonly answer: Uint8Array | null;
  readonly event: MessageChannelEvent | null;
}

/** When a message came, and how many bytes came over the connection by then. */
export interface Arrival {
  readonly nowMs: number;
  readonly receivedBytes: number;
}

const NOTHING: MessageChannelResult = { answer: null, event: null };

/** The MCS message channel ([MS-RDPBCGR] 2.2.14, 2.2.16): the server measures the network, and says that it lives. */
export class MessageChannel {
  #start: Arrival | null = null;
  #payloadBytes = 0;

  /** Takes one message; throws `DecodeError`. What is neither is ignored. */
  receive(payload: Uint8Array, arrival: Arrival): MessageChannelResult {
    const reader = new ByteReader(payload, "message channel PDU");
    const flags = reader.u16le();
    reader.advance(2);
    if ((flags & SEC_HEARTBEAT) !== 0) return readHeartbeat(reader);
    if ((flags & SEC_AUTODETECT_REQ) !== 0) return this.#takeRequest(reader, arrival);
    return NOTHING;
  }

  #takeRequest(reader: ByteReader, arrival: Arrival): MessageChannelResult {
    reader.advance(1);
    if (reader.u8() !== TYPE_ID_AUTODETECT_REQUEST) return NOTHING;
    const sequence = reader.u16le();
    const type = reader.u16le();
    switch (type) {
      case Request.rtt:
      case Request.rttConnecting:
        return { answer: encodeResponse(sequence, RESPONSE_RTT), event: null };
      case Request.bandwidthStart:
      case Request.bandwidthStartConnecting:
        this.#start = arrival;
        this.#payloadBytes = 0;
        return NOTHING;
      case Request.bandwidthPayload:
        this.#payloadBytes += readPayload(reader);
        return NOTHING;
      case Request.bandwidthStopConnecting:
        this.#payloadBytes += readPayload(reader);
        return this.#answerBandwidth(sequence, arrival, true);
      case Request.bandwidthStop:
        return this.#answerBandwidth(sequence, arrival, false);
      default:
        return { answer: null, event: readResult(reader, type) };
    }
  }

  /** [MS-RDPBCGR] 2.2.14.2.2: what came since the start, in how long. */
  #answerBandwidth(sequence: number, arrival: Arrival, isConnecting: boolean): MessageChannelResult {
    const start = this.#start;
    this.#start = null;
    if (start === null) return NOTHING;
    const elapsedMs = Math.max(0, Math.round(arrival.nowMs - start.nowMs));
    const bytes = isConnecting ? this.#payloadBytes : arrival.receivedBytes - start.receivedBytes;
    const body = new ByteWriter(8).u32le(elapsedMs).u32le(bytes).finish();
    const type = isConnecting ? RESPONSE_BANDWIDTH_CONNECTING : RESPONSE_BANDWIDTH;
    return { answer: encodeResponse(sequence, type, body), event: null };
  }
}

/** A payload that has to be there as long as it says. */
function readPayload(reader: ByteReader): number {
  return reader.take(reader.u16le()).length;
}

/** [MS-RDPBCGR] 2.2.14.1.5 Network Characteristics Result. */
function readResult(reader: ByteReader, type: number): MessageChannelEvent | null {
  if (type === Request.resultRtt) {
    reader.advance(4);
    return { type: "network", roundTripMs: reader.u32le(), bandwidthKbits: null };
  }
  if (type !== Request.resultBandwidth && type !== Request.resultBoth) return null;
  if (type === Request.resultBoth) reader.advance(4);
  const bandwidthKbits = reader.u32le();
  return { type: "network", roundTripMs: reader.u32le(), bandwidthKbits };
}

/** [MS-RDPBCGR] 2.2.16.1 Heartbeat PDU: a period in seconds, misses that warn, misses that end. */
function readHeartbeat(reader: ByteReader): MessageChannelResult {
  reader.advance(1);
  const periodS = reader.u8();
  reader.advance(1);
  const misses = reader.u8();
  const silenceS = periodS * misses;
  return { answer: null, event: silenceS === 0 ? null : { type: "heartbeat", silenceS } };
}

function encodeResponse(sequence: number, type: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  return new ByteWriter(20)
    .u16le(SEC_AUTODETECT_RSP)
    .u16le(0)
    .u8(body.length + 6)
    .u8(TYPE_ID_AUTODETECT_RESPONSE)
    .u16le(sequence)
    .u16le(type)
    .put(body)
    .finish();
}
