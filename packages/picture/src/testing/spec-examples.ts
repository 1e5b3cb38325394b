import { fromHex } from "@poterne/bytes";

/** A picture coded in an example of a specification. */
export interface SpecExample {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** [MS-RDPEGFX] 4.1.1.1 example 2: ClearCodec, one part in RLEX. */
export const CLEAR_CODEC_EXAMPLE: SpecExample = {
  width: 78,
  height: 17,
  data: fromHex(
    [
      "000d00000000000000008200000000000000",
      "4e00110075000000020effffff000000dbffff003a90ffb66666b6ffb6660090dbff00003adb903a3a90db660000ffffb6",
      "64646411041 14c114c114c114c114c00471300010104000100004716001102004729001101",
      "00490a00010004000100004a0a00090001000047050001011c00010011 4c114c114c00470d4d004d",
    ]
      .join("")
      .replaceAll(" ", ""),
  ),
};

/** [MS-RDPNSC] 4: chroma halved, three bits of colour lost. */
export const NSCODEC_EXAMPLE: SpecExample = {
  width: 15,
  height: 10,
  data: fromHex(
    [
      "71000000070000000b0000000700000003010000",
      "63630164640063630264640063630064640163630164640163630164640063630064640163630064640c",
      "63630064640c63630064640c63630064640c63646404636463630064640363646403636300646363006464",
      "0365636464016364640065646406636464006363006464046465656522222222222222",
      "37371936373706373737 37ffff90ffffffff",
    ]
      .join("")
      .replaceAll(" ", ""),
  ),
};
