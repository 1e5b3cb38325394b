import { ByteReader, ByteWriter } from "@poterne/bytes";

/** Record types and the one class asked for (RFC 1035 §3.2, RFC 2782). */
const TYPE_CNAME = 5;
const TYPE_SRV = 33;
const CLASS_IN = 1;
/** A query, with recursion desired (RFC 1035 §4.1.1). */
const FLAGS_QUERY = 0x0100;
const FLAG_RESPONSE = 0x8000;
const MASK_OPCODE = 0x7800;
const FLAG_TRUNCATED = 0x0200;
const MASK_RCODE = 0x000f;
/** Labels and names (RFC 1035 §2.3.4). */
const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 253;
/** The first two bits of a pointer to an earlier name (RFC 1035 §4.1.4), and of its offset. */
const POINTER = 0xc0;
/** Records read from one answer: a forest's every controller stands in one. */
const MAX_RECORDS = 512;
/** Pointers followed in one name. */
const MAX_POINTERS = 16;
/** What names of hosts and services are made of; nothing else is ever connected to. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/** One SRV record (RFC 2782). The name is in lower case, without its last dot; `.` alone means "no such service". */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  /** Lower is asked first. */
  readonly priority: number;
  /** The share among those of one priority. */
  readonly weight: number;
}

/** What a DNS server's answer says. */
export interface SrvAnswer {
  /** 0 no error, 2 the server failed, 3 no such name, 5 refused (RFC 1035 §4.1.1). */
  readonly rcode: number;
  /** Cut off: to be asked again over TCP; the records are not to be used. */
  readonly isTruncated: boolean;
  readonly records: readonly SrvRecord[];
  /** The shortest life of the records, in seconds; 0 without any. */
  readonly ttlSeconds: number;
}

/** Writes a question for a name's SRV records; null for a name the DNS cannot have. */
export function encodeSrvQuestion(id: number, name: string): Uint8Array | null {
  const labels = name.toLowerCase().split(".");
  if (name.length > MAX_NAME_BYTES || !labels.every(isLabel)) return null;
  const writer = new ByteWriter();
  for (const field of [id, FLAGS_QUERY, 1, 0, 0, 0]) writer.u16(field);
  for (const label of labels) {
    writer.u8(label.length);
    writer.utf8(label);
  }
  writer.u8(0);
  writer.u16(TYPE_SRV);
  writer.u16(CLASS_IN);
  return writer.finish();
}

const isLabel = (label: string): boolean => label.length <= MAX_LABEL_BYTES && LABEL.test(label);

/**
 * Reads the answer to such a question. An answer to another question, with another id, or that is no answer at all is a
 * `DecodeError`. Names may be shortened also inside SRV records, which RFC 2782 forbids and Samba's server does.
 */
export function decodeSrvAnswer(message: Uint8Array, id: number, name: string): SrvAnswer {
  const reader = new ByteReader(message, "DNS answer");
  if (reader.u16() !== id) throw reader.fail("invalid", "another question's id");
  const flags = reader.u16();
  if ((flags & FLAG_RESPONSE) === 0 || (flags & MASK_OPCODE) !== 0) throw reader.fail("invalid", "no answer");
  const questionCount = reader.u16();
  const answerCount = reader.u16();
  reader.advance(4);
  if (questionCount !== 1) throw reader.fail("invalid", `${questionCount} questions`);
  const asked = readName(reader);
  if (asked !== name.toLowerCase() || reader.u16() !== TYPE_SRV || reader.u16() !== CLASS_IN)
    throw reader.fail("invalid", "another question");
  const isTruncated = (flags & FLAG_TRUNCATED) !== 0;
  const rcode = flags & MASK_RCODE;
  if (isTruncated) return { rcode, isTruncated, records: [], ttlSeconds: 0 };
  if (answerCount > MAX_RECORDS) throw reader.fail("limit", `${answerCount} records`);
  return { rcode, isTruncated, ...readRecords(reader, answerCount, asked) };
}

/** The SRV records of a name, or of the name it is another one's alias for. */
function readRecords(
  reader: ByteReader,
  count: number,
  asked: string,
): Pick<SrvAnswer, "records" | "ttlSeconds"> {
  const records: SrvRecord[] = [];
  let wanted = asked;
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const owner = readName(reader);
    const type = reader.u16();
    const recordClass = reader.u16();
    const lifeSeconds = reader.i32();
    const data = new ByteReader(reader.bytes, "DNS record", reader.offset);
    const sizeBytes = reader.u16();
    reader.advance(sizeBytes);
    data.advance(2);
    if (owner !== wanted || recordClass !== CLASS_IN) continue;
    if (type === TYPE_CNAME) wanted = readName(data);
    else if (type === TYPE_SRV) records.push(readSrv(data));
    else continue;
    if (data.offset !== reader.offset) throw data.fail("invalid", "length of a record");
    // RFC 2181 §8: a number with its highest bit set counts as none.
    ttlSeconds = Math.min(ttlSeconds, Math.max(0, lifeSeconds));
  }
  return { records, ttlSeconds: records.length === 0 ? 0 : ttlSeconds };
}

function readSrv(data: ByteReader): SrvRecord {
  const [priority, weight, port] = [data.u16(), data.u16(), data.u16()];
  return { priority, weight, port, name: readName(data) || "." };
}

/** A name in lower case, empty for the root. Pointers only lead backwards, so that none goes round. */
function readName(reader: ByteReader): string {
  const labels: string[] = [];
  let lengthBytes = 0;
  let place = reader;
  let before = reader.offset;
  let pointerCount = 0;
  for (;;) {
    const length = place.u8();
    if (length === 0) return labels.join(".");
    if ((length & POINTER) === POINTER) {
      const target = ((length & ~POINTER) << 8) | place.u8();
      if (target >= before) throw place.fail("invalid", "a pointer forwards");
      if (++pointerCount > MAX_POINTERS) throw place.fail("limit", "pointers of a name");
      before = target;
      place = new ByteReader(reader.bytes, "DNS name", target);
      continue;
    }
    if (length > MAX_LABEL_BYTES) throw place.fail("invalid", "kind of a label");
    lengthBytes += length + 1;
    if (lengthBytes > MAX_NAME_BYTES + 1) throw place.fail("limit", "length of a name");
    const label = Buffer.from(place.take(length)).toString("latin1").toLowerCase();
    if (!isLabel(label)) throw place.fail("invalid", "letters of a name");
    labels.push(label);
  }
}
