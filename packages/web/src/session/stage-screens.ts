import {
  type DesktopView,
  hadWindows,
  loadScreenWindows,
  type Observable,
  ObservableValue,
  type Room,
  type ScreenWindows,
  type ScreenWindowsState,
  type SessionConnection,
  type Size,
} from "@poterne/viewer";

/** The screens a desktop is shown on: this window's, and those of further windows, whose code is fetched with the first. */
export class StageScreens {
  readonly state: Observable<ScreenWindowsState>;
  readonly #state = new ObservableValue<ScreenWindowsState>({ count: 0, isRefused: false });
  readonly #connection: SessionConnection;
  readonly #sessionId: string;
  #desktop: DesktopView | null = null;
  #size: Size | null = null;
  #room: Room | null = null;
  #windows: ScreenWindows | null = null;
  #loading: Promise<void> | null = null;
  #isOver = false;

  constructor(connection: SessionConnection, sessionId: string) {
    this.#connection = connection;
    this.#sessionId = sessionId;
    this.state = this.#state;
  }

  /** The desktop is there; windows of before a reload get their places again. */
  attach(desktop: DesktopView): void {
    this.#desktop = desktop;
    if (hadWindows(this.#sessionId)) void this.#load();
  }

  /** Opens one more window. */
  async add(): Promise<void> {
    await this.#load();
    await this.#windows?.add();
  }

  /** This window has another room. */
  resized(room: Room): void {
    this.#room = room;
    if (this.#windows !== null) this.#windows.setRoom(room);
    else if (this.#loading === null) this.#tellOwn(room);
  }

  /** The remote desktop has another size. */
  desktopSized(size: Size): void {
    this.#size = size;
    this.#windows?.follow(size);
  }

  /** The session's state has changed. */
  follow(): void {
    this.#windows?.follow(null);
  }

  clipboard(kind: number, content: Uint8Array): void {
    this.#windows?.clipboard(kind, content);
  }

  dispose(): void {
    this.#isOver = true;
    this.#windows?.dispose();
  }

  /** Where nothing else shows the desktop: RDP takes a scale with the size, other protocols the size alone. */
  #tellOwn(room: Room): void {
    const size = sizeOf(room);
    const { width, height, scalePercent } = room;
    const isRdp = this.#connection.state.read().hello?.protocol === "rdp";
    if (isRdp) this.#connection.layOut([{ x: 0, y: 0, width, height, scalePercent, isPrimary: true }], size);
    else this.#connection.resize(size);
  }

  #load(): Promise<void> {
    this.#loading ??= this.#make();
    return this.#loading;
  }

  async #make(): Promise<void> {
    const ScreenWindows = await loadScreenWindows();
    const desktop = this.#desktop;
    if (this.#isOver || desktop === null) return;
    const connection = this.#connection;
    this.#windows = new ScreenWindows({
      sessionId: this.#sessionId,
      desktop,
      state: () => connection.state.read(),
      input: (events) => connection.input(events),
      sendClipboard: (kind, content) => connection.sendClipboard(kind, content),
      layOut: (screens) => {
        if (this.#room !== null) connection.layOut(screens, sizeOf(this.#room));
      },
    });
    this.#windows.state.subscribe(() => {
      if (this.#windows !== null) this.#state.write(this.#windows.state.read());
    });
    this.#windows.follow(this.#size);
    if (this.#room !== null) this.#windows.setRoom(this.#room);
  }
}

function sizeOf({ width, height, scalePercent }: Room) {
  return { columns: 0, rows: 0, widthPx: width, heightPx: height, scalePercent };
}
