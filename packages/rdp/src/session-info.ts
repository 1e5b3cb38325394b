import { ByteReader } from "@poterne/bytes";
import { cleanText, decodeUtf16 } from "./encoding/utf16.ts";

/** [MS-RDPBCGR] 2.2.10.1.1 infoType. */
const INFOTYPE_LOGON = 0;
const INFOTYPE_LOGON_LONG = 1;
const INFOTYPE_LOGON_PLAINNOTIFY = 2;
const INFOTYPE_LOGON_EXTENDED_INFO = 3;
const LOGON_EX_AUTORECONNECTCOOKIE = 1;
const COOKIE_BYTES = 28;
const NAME_CHARACTERS = 256;

/** What a Save Session Info PDU tells; null where it does not. */
export interface SessionInfo {
  /** `DOMAIN\name` as far as told, empty for "somebody signed in". */
  readonly username: string | null;
  /** ARC_SC_PRIVATE_PACKET, a secret. */
  readonly reconnectCookie: Uint8Array | null;
}

/** [MS-RDPBCGR] 2.2.10.1 Save Session Info PDU; throws `DecodeError`. */
export function decodeSessionInfo(body: Uint8Array): SessionInfo {
  const reader = new ByteReader(body, "session info");
  const type = reader.u32le();
  if (type === INFOTYPE_LOGON) {
    const domain = decodeUtf16(readField(reader, 52));
    const username = decodeUtf16(readField(reader, 512));
    return { username: joinName(domain, username), reconnectCookie: null };
  }
  if (type === INFOTYPE_LOGON_LONG) {
    // Version, size, session id, both lengths, padding.
    reader.advance(10);
    const domainBytes = reader.u32le();
    const nameBytes = reader.u32le();
    reader.advance(558);
    if (domainBytes > NAME_CHARACTERS * 2 || nameBytes > NAME_CHARACTERS * 2)
      throw reader.fail("limit", "name");
    const domain = decodeUtf16(reader.take(domainBytes));
    return { username: joinName(domain, decodeUtf16(reader.take(nameBytes))), reconnectCookie: null };
  }
  if (type === INFOTYPE_LOGON_PLAINNOTIFY) return { username: "", reconnectCookie: null };
  if (type === INFOTYPE_LOGON_EXTENDED_INFO) return { username: null, reconnectCookie: readCookie(reader) };
  throw reader.fail("unsupported", `type ${type}`);
}

/** A length, then a field of fixed size whose first bytes count. */
function readField(reader: ByteReader, sizeBytes: number): Uint8Array {
  const used = reader.u32le();
  return reader.take(sizeBytes).subarray(0, used);
}

function joinName(domain: string, username: string): string {
  return cleanText(domain === "" ? username : `${domain}\\${username}`);
}

/** [MS-RDPBCGR] 2.2.10.1.1.4 TS_LOGON_INFO_EXTENDED. */
function readCookie(reader: ByteReader): Uint8Array | null {
  reader.advance(2);
  if ((reader.u32le() & LOGON_EX_AUTORECONNECTCOOKIE) === 0) return null;
  reader.advance(4);
  return reader.take(COOKIE_BYTES).slice();
}
