import { ByteReader } from "@poterne/bytes";
import { readPerLength } from "../encoding/per.ts";
import { MAX_STATIC_CHANNELS } from "./gcc-client.ts";

/** What the server tells before anybody is signed in. */
export interface ServerConference {
  /** `RNS_UD_SC_` flags, 0 when the server sent none. */
  readonly earlyCapabilityFlags: number;
  /** Not 0: the server wants RDP's own RC4 security. */
  readonly encryptionMethod: number;
  readonly ioChannelId: number;
  /** Ids of the static channels in the order asked for; 0 for one refused. */
  readonly channelIds: readonly number[];
  /** Of the message channel, 0 where the server has none. */
  readonly messageChannelId: number;
}

const SC_CORE = 0x0c01;
const SC_SECURITY = 0x0c02;
const SC_NET = 0x0c03;
const SC_MCS_MSGCHANNEL = 0x0c04;
/** "McDn", the key of servers' user data (T.124, H.221). */
const SERVER_KEY = 0x4d63446e;
const MAX_BLOCKS = 16;

/** [MS-RDPBCGR] 2.2.1.4 server data blocks from a GCC Conference Create Response. */
export function decodeConferenceResponse(conference: Uint8Array): ServerConference {
  const reader = new ByteReader(conference, "GCC conference response");
  // T.124's object identifier, the (often wrong) length of the connect PDU, choice and node id.
  reader.advance(7);
  readPerLength(reader);
  reader.advance(3);
  reader.advance(readPerLength(reader));
  const result = reader.u8();
  if (result !== 0) throw reader.fail("invalid", `conference result ${result}`);
  reader.advance(2);
  if (reader.u8() !== 0 || reader.u32() !== SERVER_KEY) throw reader.fail("invalid", "server key");
  const userData = reader.take(readPerLength(reader));
  return decodeBlocks(userData);
}

function decodeBlocks(userData: Uint8Array): ServerConference {
  const reader = new ByteReader(userData, "GCC server data");
  let earlyCapabilityFlags = 0;
  let encryptionMethod = 0;
  let messageChannelId = 0;
  let network: { ioChannelId: number; channelIds: number[] } | null = null;
  for (let count = 0; reader.remaining > 0; count++) {
    if (count >= MAX_BLOCKS) throw reader.fail("limit", "data blocks");
    const type = reader.u16le();
    const length = reader.u16le();
    if (length < 4) throw reader.fail("invalid", "data block length");
    const block = new ByteReader(reader.take(length - 4), "GCC server data");
    if (type === SC_CORE && block.remaining >= 12) {
      block.advance(8);
      earlyCapabilityFlags = block.u32le();
    } else if (type === SC_SECURITY) encryptionMethod = block.u32le();
    else if (type === SC_NET) network = decodeNetwork(block);
    else if (type === SC_MCS_MSGCHANNEL) messageChannelId = block.u16le();
  }
  if (network === null) throw reader.fail("invalid", "no network data");
  return { earlyCapabilityFlags, encryptionMethod, messageChannelId, ...network };
}

function decodeNetwork(block: ByteReader): { ioChannelId: number; channelIds: number[] } {
  const ioChannelId = block.u16le();
  const count = block.u16le();
  if (count > MAX_STATIC_CHANNELS) throw block.fail("limit", "static channels");
  const channelIds: number[] = [];
  for (let index = 0; index < count; index++) channelIds.push(block.u16le());
  return { ioChannelId, channelIds };
}
