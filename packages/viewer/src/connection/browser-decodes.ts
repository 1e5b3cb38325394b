import { DECODES_H264, DECODES_OPUS } from "@poterne/wire";

/** Profiles and levels that RDP's servers send, up to 4K: constrained baseline and high, level 5.1. */
const H264_CODECS = ["avc1.42e033", "avc1.640033"] as const;
/** Opus of RDP's servers, stereo; every decoder makes 48 000 samples a second of it. */
const OPUS_CONFIG = { codec: "opus", sampleRate: 48_000, numberOfChannels: 2 };
/** A browser that does not know by then is taken for one that cannot. */
const PROBE_LIMIT_MS = 1000;

let probe: Promise<readonly string[]> | null = null;

/**
 * What this browser decodes, by the names of the wire's `hello`. Asked once a page; the display's worker has the same
 * decoders (WebCodecs is the same in windows and dedicated workers). Never rejects.
 */
export function browserDecodes(): Promise<readonly string[]> {
  probe ??= Promise.all([within(probeH264()), within(probeOpus())]).then((found) => found.flat());
  return probe;
}

async function probeH264(): Promise<readonly string[]> {
  if (typeof VideoDecoder === "undefined") return [];
  try {
    const answers = await Promise.all(H264_CODECS.map((codec) => VideoDecoder.isConfigSupported({ codec })));
    return answers.every(({ supported }) => supported === true) ? [DECODES_H264] : [];
  } catch {
    return [];
  }
}

async function probeOpus(): Promise<readonly string[]> {
  if (typeof AudioDecoder === "undefined") return [];
  try {
    const { supported } = await AudioDecoder.isConfigSupported(OPUS_CONFIG);
    return supported === true ? [DECODES_OPUS] : [];
  } catch {
    return [];
  }
}

const within = (names: Promise<readonly string[]>): Promise<readonly string[]> =>
  Promise.race([names, sleep(PROBE_LIMIT_MS).then(() => [])]);

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
