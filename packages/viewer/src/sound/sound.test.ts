import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@poterne/bytes";
import { decodeSound, encodeSound, SoundCodec, type SoundFormat } from "@poterne/wire";
import { Resampler } from "./resampler.ts";
import { decodeALaw, decodeMuLaw, decodeSamples } from "./samples.ts";
import { MAX_QUEUE_S, SoundQueue, TARGET_QUEUE_S } from "./sound-queue.ts";

const PCM: SoundFormat = { codec: SoundCodec.pcm16, channels: 2, rateHz: 44_100, blockBytes: 4 };

test("a frame's format and samples come back; what it cannot be is refused", () => {
  const { format, data } = decodeSound(encodeSound(PCM, Uint8Array.of(1, 2, 3, 4)));
  assert.deepEqual(format, PCM);
  assert.deepEqual([...data], [1, 2, 3, 4]);
  const wrong = [
    { ...PCM, codec: 9 as 0 },
    { ...PCM, channels: 3 },
    { ...PCM, channels: 0 },
    { ...PCM, rateHz: 100 },
    { ...PCM, rateHz: 200_000 },
  ];
  for (const one of wrong)
    assert.throws(() => decodeSound(encodeSound(one, new Uint8Array(4))), DecodeError, JSON.stringify(one));
  assert.throws(() => decodeSound(Uint8Array.of(0, 2, 4)), DecodeError);
});

test("PCM is taken apart into its channels", () => {
  const data = Uint8Array.of(0x00, 0x80, 0xff, 0x7f, 0x00, 0x40, 0x00, 0xc0, 0x55);
  const [left, right] = decodeSamples(PCM, data);
  assert.deepEqual([...(left ?? [])], [-1, 0.5]);
  assert.deepEqual([...(right ?? [])], [Math.fround(32_767 / 32_768), -0.5]);
});

test("A-law and µ-law: the levels of ITU-T G.711, smallest, largest and their mirror", () => {
  assert.deepEqual([0xd5, 0x55, 0xaa, 0x2a].map(decodeALaw), [8, -8, 32_256, -32_256]);
  assert.deepEqual([0xff, 0x7f, 0x80, 0x00].map(decodeMuLaw), [0, -0, 32_124, -32_124]);
});

test("IMA ADPCM: blocks begin anew, and blocks of no possible size are refused", () => {
  const format: SoundFormat = { codec: SoundCodec.imaAdpcm, channels: 1, rateHz: 8000, blockBytes: 8 };
  // First sample 1000, step index 0 (7): nibbles 4, 12 (its mirror), and six zeros.
  const block = [0xe8, 0x03, 0x00, 0x00, 0xc4, 0x00, 0x00, 0x00];
  const [samples] = decodeSamples(format, Uint8Array.from([...block, ...block, 1, 2]));
  const heard = [...(samples ?? [])].map((value) => Math.round(value * 32_768));
  // 7>>3 + 7 = 7 up; the step is 9 then: 9>>3 + 9 = 10 down; then eighths of 11, 10, 9, 8, 7, 7.
  const wanted = [1000, 1007, 997, 998, 999, 1000, 1001, 1001, 1001];
  assert.deepEqual(heard, [...wanted, ...wanted]);
  for (const blockBytes of [0, 4, 7])
    assert.throws(() => decodeSamples({ ...format, blockBytes }, block8), DecodeError);
});
const block8 = new Uint8Array(8);

test("pieces brought to another rate join without a seam", () => {
  const step = 44_100 / 48_000;
  const sine = (index: number) => Math.sin((2 * Math.PI * 440 * index) / 44_100);
  const resampler = new Resampler();
  const output: number[] = [];
  for (let at = 0; at < 44_100; at += 2048)
    output.push(
      ...resampler.push(
        Float32Array.from({ length: 2048 }, (_, index) => sine(at + index)),
        step,
      ),
    );
  assert.ok(Math.abs(output.length - (22 * 2048) / step) < 3, `${output.length} samples`);
  let worst = 0;
  // The output lags by the two points the cubic needs.
  for (let index = 10; index < output.length; index++)
    worst = Math.max(worst, Math.abs((output[index] ?? 0) - sine(index * step - 2)));
  assert.ok(worst < 0.001, `off by ${worst}`);
});

/** Lets waves of 46 ms come for a time; the target's clock goes `fast` times as fast as ours. */
function simulate(
  fast: number,
  options: { readonly seconds: number; readonly late?: (wave: number) => number },
) {
  const rateHz = 44_100;
  const queue = new SoundQueue(rateHz);
  let [skipped, gaps, longest, pulled, next] = [0, 0, 0, 0, 0];
  for (let wave = 0; wave * 2048 < options.seconds * rateHz; wave++) {
    const nowS = 1 + (wave * 2048) / rateHz / fast + (options.late?.(wave) ?? 0);
    const decision = queue.decide(nowS);
    if (decision.type === "skip") {
      skipped++;
      continue;
    }
    if (decision.isFresh && wave > 0) gaps++;
    const frames = Math.round(2048 / decision.pull);
    queue.planned(frames);
    next = decision.startFrame + frames;
    longest = Math.max(longest, next / rateHz - nowS);
    pulled = Math.max(pulled, Math.abs(decision.pull - 1));
  }
  return { skipped, gaps, longest, pulled };
}

test("for an hour with a clock a thousandth off, up or down: no gap, nothing left out, no queue that grows", () => {
  for (const fast of [1.001, 0.999, 1]) {
    const { skipped, gaps, longest, pulled } = simulate(fast, { seconds: 3600 });
    assert.equal(skipped + gaps, 0, `${fast}: ${skipped} left out, ${gaps} gaps`);
    assert.ok(longest < TARGET_QUEUE_S + 0.1, `${fast}: ${longest} s`);
    assert.ok(pulled <= 0.005);
  }
});

test("what stood still and comes all at once is left out but for the queue's bound", () => {
  const { skipped, longest } = simulate(1, {
    seconds: 10,
    late: (wave) => (wave >= 50 && wave < 70 ? (70 - wave) * (2048 / 44_100) : 0),
  });
  assert.ok(skipped > 5, `${skipped} left out`);
  assert.ok(longest <= MAX_QUEUE_S + 0.05, `${longest} s`);
});
