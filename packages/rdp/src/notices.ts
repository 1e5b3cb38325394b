import { ByteReader } from "@poterne/bytes";
import type { RdpCommand } from "./commands.ts";
import { DataPdu } from "./connect/share.ts";
import { readMonitors } from "./monitors.ts";
import { decodeSessionInfo } from "./session-info.ts";

/** What a server tells besides pictures; nothing for a PDU that tells nothing of interest. Throws `DecodeError`. */
export function decodeNotice(pduType2: number, body: Uint8Array): RdpCommand[] {
  switch (pduType2) {
    case DataPdu.PDUTYPE2_MONITOR_LAYOUT_PDU:
      return [{ type: "monitors", places: readMonitors(new ByteReader(body, "monitor layout")) }];
    case DataPdu.PDUTYPE2_PLAY_SOUND:
      return [{ type: "bell" }];
    case DataPdu.PDUTYPE2_SET_KEYBOARD_INDICATORS:
      return [{ type: "locks", locks: new ByteReader(body, "keyboard indicators", 2).u16le() & 7 }];
    case DataPdu.PDUTYPE2_SAVE_SESSION_INFO: {
      const { username, reconnectCookie } = decodeSessionInfo(body);
      return [
        ...(username === null ? [] : [{ type: "signedIn", username } as const]),
        ...(reconnectCookie === null ? [] : [{ type: "reconnectCookie", bytes: reconnectCookie } as const]),
      ];
    }
    default:
      return [];
  }
}
