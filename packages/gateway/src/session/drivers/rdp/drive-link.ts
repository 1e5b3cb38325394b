import { type DriveAction, DriveChannel, type DriveIrp, DriveStatus, RDPDR } from "@poterne/rdp";
import { DRIVE_ROOT, type DriveOrders } from "./drive-orders.ts";

/** Requests of the target that wait; more are refused. */
const MAX_WAITING = 256;
/** A server that promised to say when somebody is logged on, and does not, is shown the drive all the same. */
const ANNOUNCE_AFTER_MS = 10_000;

/** What a drive needs of its driver. */
export interface DriveHost {
  /** What the server calls this client's computer. */
  readonly computer: string;
  send(channel: string, message: Uint8Array): void;
  /** Something of the drive failed in a way nobody foresaw: the session goes on without. */
  failed(error: unknown): void;
}

/** The drive's channel of one session between the core and the folder: requests are carried out one after another. */
export class DriveLink {
  readonly #channel: DriveChannel;
  readonly #orders: DriveOrders;
  readonly #host: DriveHost;
  #waiting = 0;
  #chain: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(orders: DriveOrders, host: DriveHost) {
    this.#channel = new DriveChannel({ computer: host.computer, drive: DRIVE_ROOT });
    this.#orders = orders;
    this.#host = host;
  }

  /** Takes a message of the target; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    this.#carryOut(this.#channel.receive(message));
    this.#timer ??= setTimeout(() => this.#carryOut(this.#channel.announce()), ANNOUNCE_AFTER_MS);
  }

  #carryOut(actions: readonly DriveAction[]): void {
    for (const action of actions) {
      if (action.type === "send") this.#host.send(RDPDR, action.message);
      else if (action.type === "irp") this.#take(action.irp);
    }
  }

  #take(irp: DriveIrp): void {
    if (this.#waiting >= MAX_WAITING)
      return this.#answer(irp, DriveStatus.INSUFFICIENT_RESOURCES, new Uint8Array(5));
    this.#waiting++;
    this.#chain = this.#chain
      .then(async () => {
        if (this.#isClosed) return;
        const { status, result } = await this.#orders.carryOut(irp);
        this.#answer(irp, status, result);
      })
      .catch((error: unknown) => this.#host.failed(error))
      .finally(() => {
        this.#waiting--;
      });
  }

  #answer(irp: DriveIrp, status: number, result: Uint8Array): void {
    if (!this.#isClosed) this.#carryOut(this.#channel.complete(irp, status, result));
  }

  /** Answers nothing any more; resolves once what is under way is over and everything is let go of. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#chain;
    await this.#orders.close();
  }
}
