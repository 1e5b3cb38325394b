// Loaded before a program (node --import): its wall clock jumps by so many milliseconds as the file says that
// POTERNE_TEST_CLOCK names, at each SIGUSR2. Its monotonic clock goes on, as the machine's would.
import { readFileSync } from "node:fs";

const RealDate = Date;
let shiftMs = 0;
process.on("SIGUSR2", () => {
  shiftMs = Number(readFileSync(process.env.POTERNE_TEST_CLOCK, "utf8"));
});

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shiftMs);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
