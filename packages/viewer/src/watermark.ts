/** How often the watermark's time is drawn again. */
const REDRAW_EVERY_MS = 30_000;
const TILE_WIDTH_PX = 420;
const TILE_HEIGHT_PX = 200;

/**
 * Draws name, time and session over the picture, lightly, light and dark at once so that it shows on any ground.
 * It is a deterrent and no protection: whoever owns the browser can remove it, and the policy page says so.
 */
export class Watermark {
  readonly #layer: HTMLDivElement;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(host: HTMLElement, text: string, formatTime: (timeMs: number) => string) {
    this.#layer = document.createElement("div");
    this.#layer.setAttribute("aria-hidden", "true");
    this.#layer.className = "poterne-watermark";
    Object.assign(this.#layer.style, {
      position: "absolute",
      inset: "0",
      pointerEvents: "none",
      zIndex: "2",
    });
    host.append(this.#layer);
    const draw = () => this.#draw([text, formatTime(Date.now())]);
    draw();
    this.#timer = setInterval(draw, REDRAW_EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#layer.remove();
  }

  #draw(lines: readonly string[]): void {
    const canvas = document.createElement("canvas");
    canvas.width = TILE_WIDTH_PX;
    canvas.height = TILE_HEIGHT_PX;
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.translate(TILE_WIDTH_PX / 2, TILE_HEIGHT_PX / 2);
    context.rotate(-Math.PI / 10);
    context.font = "15px sans-serif";
    context.textAlign = "center";
    lines.forEach((line, index) => {
      const y = index * 22;
      context.fillStyle = "rgba(0, 0, 0, 0.14)";
      context.fillText(line, 1, y + 1, TILE_WIDTH_PX - 20);
      context.fillStyle = "rgba(255, 255, 255, 0.17)";
      context.fillText(line, 0, y, TILE_WIDTH_PX - 20);
    });
    this.#layer.style.backgroundImage = `url(${canvas.toDataURL("image/png")})`;
  }
}
