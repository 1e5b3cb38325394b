import { fitMonitors, type Monitor, oneMonitor } from "@poterne/rdp";
import { type DesktopPlace, MAX_SCREENS } from "@poterne/wire";
import type { DriverHost } from "../../driver.ts";
import type { ViewerSize } from "../../viewer-size.ts";

/** What the target is asked for: a monitor for each screen of the viewer, else one of its size. */
export function monitorsOf({ screens, widthPx, heightPx, scalePercent }: ViewerSize): Monitor[] {
  if (screens !== undefined) return fitMonitors(screens);
  return fitMonitors(oneMonitor({ width: widthPx, height: heightPx }, scalePercent));
}

/** What the target says of its monitors, as viewers hear it. */
export class RdpScreens {
  readonly #host: Pick<DriverHost, "screens">;
  #max = 0;
  #places: readonly DesktopPlace[] = [];
  #wasTold = false;
  #begunWith = "";

  constructor(host: Pick<DriverHost, "screens">) {
    this.#host = host;
  }

  /** The monitors a connection begins with. */
  begin(size: ViewerSize): Monitor[] {
    const monitors = monitorsOf(size);
    this.#begunWith = JSON.stringify(monitors);
    return monitors;
  }

  /** The viewer has other screens than the connection began with. */
  areOthers(size: ViewerSize): boolean {
    return JSON.stringify(monitorsOf(size)) !== this.#begunWith;
  }

  /** The target takes so many monitors; 0: no layout at all. */
  limited(count: number): void {
    const max = Math.min(count, MAX_SCREENS);
    if (max === this.#max) return;
    this.#max = max;
    this.#tell();
  }

  /** The target's desktop has these monitors; more than viewers may have come from the target itself. */
  placed(places: readonly DesktopPlace[]): void {
    if (JSON.stringify(places) === JSON.stringify(this.#places)) return;
    this.#places = places;
    this.#tell();
  }

  #tell(): void {
    // A server that could never be asked has nothing to choose from, whatever it draws on.
    if (this.#max === 0 && !this.#wasTold) return;
    this.#wasTold = true;
    this.#host.screens(this.#max, this.#places);
  }
}
