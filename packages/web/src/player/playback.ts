import { getRecordingIndex, type RecordingIndex } from "@poterne/contract";
import {
  browserTimers,
  type DesktopView,
  type FrameSink,
  fetchFrames,
  loadDesktopView,
  loadTerminalView,
  ObservableValue,
  Player,
  type PlayerIndex,
  type RecordingSource,
  SoundOutlet,
  type TerminalView,
} from "@poterne/viewer";
import { Channel } from "@poterne/wire";
import { readProblem } from "../api/api-failure.ts";
import { call } from "../api/call.ts";
import { preferences } from "../session/preferences.ts";

/** A cell of the terminal's font is about so wide and high, in parts of the font's size. */
const CELL = { width: 0.61, height: 1.2 };
const MIN_FONT_PX = 6;
const MAX_FONT_PX = 18;
/** Sound of a place that was jumped over is not heard: only what is due now is. */
const SOUND_DUE_WITHIN_MS = 500;

/** One recording being played on an element of the page: the player, and the display it drives. */
export class Playback {
  readonly player: Player;
  /** The recording's index as the gateway gave it, with markers and marks; null until it is there. */
  readonly index = new ObservableValue<RecordingIndex | null>(null);
  readonly sound = new SoundOutlet(preferences.read().isMuted);
  /** The picture is H.264, which this browser does not decode. */
  readonly isUndecodable = new ObservableValue(false);
  readonly #sessionId: string;
  readonly #host: HTMLElement;
  readonly #observer: ResizeObserver;
  #terminal: TerminalView | null = null;
  #desktop: DesktopView | null = null;
  #isDisposed = false;
  readonly #unsubscribe = preferences.subscribe(() => this.sound.setMuted(preferences.read().isMuted));

  constructor(host: HTMLElement, sessionId: string) {
    this.#host = host;
    this.#sessionId = sessionId;
    this.player = new Player(this.#makeSource(), browserTimers);
    this.#observer = new ResizeObserver(() => this.#fitTerminal());
    this.#observer.observe(host);
  }

  /** Loads the display the recording needs and shows the picture at `atMs`. */
  async open(atMs: number): Promise<void> {
    await this.player.refresh();
    const { index } = this.player.state.read();
    if (index === null || this.#isDisposed) return;
    const sink = index.kind === "terminal" ? await this.#makeTerminal() : await this.#makeDesktop();
    if (this.#isDisposed) return;
    await this.player.open(this.#withSound(sink), atMs);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#observer.disconnect();
    this.player.dispose();
    this.#unsubscribe();
    this.sound.dispose();
    this.#terminal?.dispose();
    this.#desktop?.dispose();
  }

  /** Sound is heard at the speed it was recorded at, and nowhere but at the place that plays. */
  #withSound(sink: FrameSink): FrameSink {
    return {
      reset: () => {
        this.sound.stop();
        sink.reset();
      },
      show: (batch) => {
        const { isPlaying, speed, positionMs } = this.player.state.read();
        for (const { channel, timeMs, payload } of batch.frames) {
          const isDue = isPlaying && speed === 1 && timeMs > positionMs - SOUND_DUE_WITHIN_MS;
          if (channel === Channel.sound && isDue) this.sound.play(payload);
        }
        sink.show(batch);
      },
    };
  }

  #makeSource(): RecordingSource {
    const sessionId = this.#sessionId;
    return {
      index: async () => {
        const index = await call(getRecordingIndex, { params: { sessionId } });
        this.index.write(index);
        return toPlayerIndex(index);
      },
      frames: (request) => fetchFrames(sessionId, request, readProblem),
    };
  }

  async #makeTerminal(): Promise<TerminalView> {
    const { terminal } = preferences.read();
    const TerminalView = await loadTerminalView();
    await document.fonts.load(`${terminal.fontSizePx}px ${terminal.fontFamily}`).catch(() => []);
    // A recording asks for nothing and types nothing: what it printed cannot reach out of the picture.
    const view = new TerminalView(this.#host, terminal, {
      input: () => undefined,
      resized: () => undefined,
      title: () => undefined,
      bell: () => undefined,
      link: () => undefined,
      pasted: () => undefined,
      copied: (text) => void navigator.clipboard?.writeText(text).catch(() => undefined),
      osc52: () => undefined,
    });
    view.setDriving(false);
    view.terminal.onResize(() => this.#fitTerminal());
    this.#terminal = view;
    this.#fitTerminal();
    return view;
  }

  async #makeDesktop(): Promise<DesktopView> {
    const DesktopView = await loadDesktopView();
    const view = new DesktopView(
      this.#host,
      { ...preferences.read().desktop, scale: "fit" },
      {
        input: () => undefined,
        resized: () => undefined,
        size: () => undefined,
        undecodable: (isUndecodable) => this.isUndecodable.write(isUndecodable),
        needEntry: () => this.player.restart(),
        pressed: () => undefined,
      },
    );
    this.#desktop = view;
    return view;
  }

  /** A recording keeps its own grid: the text's size follows the window. */
  #fitTerminal(): void {
    const view = this.#terminal;
    if (view === null || this.#host.clientWidth === 0) return;
    const byWidth = this.#host.clientWidth / (view.terminal.cols * CELL.width);
    const byHeight = this.#host.clientHeight / (view.terminal.rows * CELL.height);
    const fontSizePx = Math.max(MIN_FONT_PX, Math.min(MAX_FONT_PX, Math.floor(Math.min(byWidth, byHeight))));
    if (fontSizePx === view.terminal.options.fontSize) return;
    view.setPreferences({ ...preferences.read().terminal, fontSizePx });
  }
}

function toPlayerIndex(index: RecordingIndex): PlayerIndex {
  return {
    kind: index.kind,
    durationMs: index.durationMs,
    isRunning: index.isRunning,
    entryPointsMs: index.entryPoints.map((entry) => entry.ms),
    activity: index.activity,
  };
}
