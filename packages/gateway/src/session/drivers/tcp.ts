import { connect, type OnReadOpts, type Socket } from "node:net";
import { Failure } from "@poterne/contract";
import type { DriverHop } from "../driver.ts";
import { socketFailure } from "./ssh-failures.ts";

/** How long a target may take to accept a TCP connection. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects to a hop, Nagle's algorithm off (it would turn 2 ms of latency into 44). Rejects with the Failures
 * `target-unreachable`, `target-refused`, `target-closed`; `signal` gives up at once. With `onread` what comes is read
 * into the caller's own buffer instead of `data` events: no memory a read.
 */
export function connectTcp(hop: DriverHop, signal: AbortSignal, onread?: OnReadOpts): Promise<Socket> {
  const { address, port } = hop;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, ...(onread === undefined ? {} : { onread }) });
    socket.setNoDelay(true);
    const timer = setTimeout(
      () => fail(new Failure("target-unreachable", { address, port })),
      CONNECT_TIMEOUT_MS,
    );
    const onError = (error: Error) => fail(socketFailure(error, hop));
    const onAbort = () => fail(new Failure("target-closed"));
    function settle(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
    }
    function fail(failure: Failure): void {
      settle();
      socket.on("error", () => {});
      socket.destroy();
      reject(failure);
    }
    socket.once("error", onError);
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
}
