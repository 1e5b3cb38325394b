import { FurtherCodecs } from "@poterne/picture/further";
import { VideoDecoders } from "./video-decoders.ts";
import { WasmKernel } from "./wasm-kernel.ts";

/** The codecs beyond those of RFB with this browser's H.264, calculated in WebAssembly as soon as that is there. */
export function makeFurtherCodecs(): FurtherCodecs {
  const codecs = new FurtherCodecs(new VideoDecoders());
  // Until it is there, and where it cannot be, tiles are calculated in TypeScript: the same pixels, slower.
  loadKernel(codecs).catch(() => undefined);
  return codecs;
}

async function loadKernel(codecs: FurtherCodecs): Promise<void> {
  const response = await fetch(new URL("../../dist/tile-kernel.wasm", import.meta.url));
  if (response.ok) codecs.useKernel(await WasmKernel.load(await response.arrayBuffer()));
}
