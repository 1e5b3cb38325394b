export { ByteReader } from "./byte-reader.ts";
export { ByteWriter } from "./byte-writer.ts";
export { concatBytes, equalBytes } from "./concat.ts";
export { DecodeError, type DecodeErrorCode } from "./decode-error.ts";
export { fromHex, toHex } from "./hex.ts";
export { decodeUtf8, encodeUtf8 } from "./utf8.ts";
export { isUuid, makeUuidV7 } from "./uuid.ts";
