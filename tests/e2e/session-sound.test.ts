import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { Channel, decodeFrames, decodeSound, SoundCodec } from "../../packages/wire/src/index.ts";
import { openSession } from "../support/demo.ts";
import { hasSoundDevice, LISTENER, type PlayedTone, playTone } from "../support/desktop-sound.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { playGrdTone } from "../support/grd-sound.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { RDP_PORT } from "../support/rdp-session.ts";
import { findsNothing, openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { sleep, waitFor } from "../support/vnc-peer.ts";

// A tone played in a real xrdp 0.10 desktop, as Chromium sounds it: measured where the page meets its loudspeaker.

const TONE = [440, 440] as const;
const OTHER_TONE = [1250, 1250] as const;
const IMAGES = "test-results/session-sound";
const LIMIT_MS = 30_000;
/** The meter's own steps, and the pitch that follows the target's clock: a two-hundredth at most. */
const tolerance = (hz: number): number => 2 + hz / 200;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let ada: TestPerson;
let guido: TestPerson;
let target: GrantedTarget;
let page: Page;
let sessionId: string;
let player: PlayedTone | null = null;

before(async () => {
  startLab("xrdp10", "grd");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  guido = await enrolPerson(gateway, chief, { login: "guido", name: "Guido", roles: ["auditor"] });
  for (const { api } of [ada, guido]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
  const { personId } = ada;
  const { username, password } = LISTENER;
  const rules = { recording: "must", recordAudio: true };
  target = await grantTarget(chief.api, {
    protocol: "rdp",
    port: RDP_PORT.xrdp10,
    personId,
    username,
    password,
    rules,
  });
  page = await newListeningPage(ada);
  watchCodecs(page);
  sessionId = await openSession(ada.api, target);
});
after(async () => {
  player?.stop();
  await browser?.close();
  await gateway?.stop();
});

/** A page whose every way to the loudspeaker passes a measuring device of the test. */
async function newListeningPage({ api }: TestPerson): Promise<Page> {
  const context = await browser.newContext(api, { isBarPinned: true });
  await context.addInitScript(() => {
    const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode | AudioParam) => AudioNode;
    const meters = new WeakMap<BaseAudioContext, AnalyserNode>();
    AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode | AudioParam) {
      if (to instanceof AudioDestinationNode) {
        let meter = meters.get(this.context);
        if (meter === undefined) {
          meter = new AnalyserNode(this.context, { fftSize: 32_768, smoothingTimeConstant: 0 });
          meters.set(this.context, meter);
          Object.assign(window, { meter });
        }
        connect.call(this, meter);
      }
      return connect.call(this, to);
    } as typeof connect;
  });
  return browser.newPage(context);
}

/** What sounds in the page now: the strongest frequency in Hz, and its level in decibels. */
function hear(of: Page): Promise<{ hz: number; level: number }> {
  return of.evaluate(() => {
    const { meter } = window as unknown as { meter?: AnalyserNode };
    if (meter === undefined) return { hz: 0, level: -200 };
    const levels = new Float32Array(meter.frequencyBinCount);
    meter.getFloatFrequencyData(levels);
    let best = 0;
    for (let index = 1; index < levels.length; index++)
      if ((levels[index] ?? -200) > (levels[best] ?? -200)) best = index;
    const hz = (best * meter.context.sampleRate) / meter.fftSize;
    return { hz, level: Math.max(-200, levels[best] ?? -200) };
  });
}

/** Codecs of the sound frames that came over a page's sockets. */
const codecs = new Set<number>();
function watchCodecs(of: Page): void {
  of.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload === "string" || payload[0] !== Channel.sound) return;
      for (const frame of decodeFrames(payload))
        if (frame.channel === Channel.sound) codecs.add(decodeSound(frame.payload).format.codec);
    }),
  );
}

async function hears(of: Page, hz: number): Promise<void> {
  await eventually(`a tone of ${hz} Hz`, async (seen) => {
    const heard = await hear(of);
    seen(JSON.stringify(heard));
    return heard.level > -40 && Math.abs(heard.hz - hz) < tolerance(hz);
  });
}

async function hearsNothing(of: Page): Promise<void> {
  await eventually("silence", async (seen) => {
    const heard = await hear(of);
    seen(JSON.stringify(heard));
    return heard.level < -80;
  });
}

test("the tone is heard at its pitch, and the bar has the button to mute it and says that it is recorded", async () => {
  await openSessionPage(page, sessionId);
  await waitFor("the desktop's sound device", hasSoundDevice, LIMIT_MS);
  player = playTone(TONE, 60);
  await hears(page, TONE[0]);
  await page.getByRole("button", { name: "Mute", exact: true }).waitFor();
  await page.getByText("The machine's sound is recorded too.").waitFor({ state: "attached" });
  await page.screenshot({ path: `${IMAGES}/1-sounding.png` });
  await findsNothing(page, "a session that sounds");
});

test("what sounds came as Opus, decoded by the browser", async () => {
  // xrdp begins with one wave of PCM, too short for its encoder.
  await eventually("Opus", async (seen) => {
    seen([...codecs].join(" "));
    return codecs.has(SoundCodec.opus);
  });
});

test("muted, nothing is heard; then the tone again", async () => {
  await page.getByRole("button", { name: "Mute", exact: true }).click();
  await hearsNothing(page);
  await page.screenshot({ path: `${IMAGES}/2-muted.png` });
  await page.getByRole("button", { name: "Unmute", exact: true }).click();
  await hears(page, TONE[0]);
});

test("for ten seconds the tone stays, and another one is heard soon after it began", async () => {
  for (let second = 0; second < 10; second++) {
    await sleep(1000);
    const { hz, level } = await hear(page);
    assert.ok(
      Math.abs(hz - TONE[0]) < tolerance(TONE[0]) && level > -40,
      `${hz} Hz at ${level} dB after ${second} s`,
    );
  }
  player?.stop();
  await hearsNothing(page);
  const startedAt = performance.now();
  player = playTone(OTHER_TONE, 60);
  await hears(page, OTHER_TONE[0]);
  // Starting the player, the wire, the queue and the meter's own window of 0.7 s.
  assert.ok(performance.now() - startedAt < 3000, `heard after ${performance.now() - startedAt} ms`);
  player.stop();
});

test("the recording sounds too, at the speed it was recorded at", async () => {
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  const watching = await newListeningPage(guido);
  await watching.goto(`/recordings/${sessionId}`);
  await watching.getByText("Integrity : complete").waitFor();
  await watching.getByRole("button", { name: "Play", exact: true }).click();
  await hears(watching, TONE[0]);
  await watching.screenshot({ path: `${IMAGES}/3-player.png` });
  await watching.getByLabel("Speed").selectOption("2");
  await hearsNothing(watching);
  await watching.context().close();
});

test("gnome-remote-desktop's Opus, by the dynamic channel, is heard at its pitch", async () => {
  codecs.clear();
  const { personId } = ada;
  const wish = { protocol: "rdp", port: RDP_PORT.grd, personId, password: labPasswords.alice } as const;
  const listening = await newListeningPage(ada);
  watchCodecs(listening);
  await openSessionPage(listening, await openSession(ada.api, await grantTarget(chief.api, wish)));
  player = playGrdTone(TONE, 60);
  await listening.locator(".session-host canvas").click();
  await hears(listening, TONE[0]);
  assert.deepEqual([...codecs], [SoundCodec.opus]);
  player.stop();
  await listening.context().close();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});
