import type { Protocol } from "@poterne/contract";
import type { DriverFactory } from "../driver.ts";
import { makeRdpDriver } from "./rdp/driver.ts";
import { makeSshDriver } from "./ssh.ts";
import { makeTelnetDriver } from "./telnet.ts";
import { makeVncDriver } from "./vnc.ts";

/** The driver of each protocol, and whether it shows a terminal or a desktop. */
export const drivers: Readonly<
  Record<Protocol, { readonly kind: "desktop" | "terminal"; readonly make: DriverFactory }>
> = {
  ssh: { kind: "terminal", make: makeSshDriver },
  telnet: { kind: "terminal", make: makeTelnetDriver },
  vnc: { kind: "desktop", make: makeVncDriver },
  rdp: { kind: "desktop", make: makeRdpDriver },
};
