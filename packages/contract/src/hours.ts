import { z } from "zod";

/** Whether the runtime knows an IANA time zone; a pattern keeps out what only some runtimes would take. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A time of day on the wall clock, `00:00` to `24:00`. */
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, "a time such as 08:00");

/** A part of some weekdays; `to` is the first minute outside and comes after `from`: a night takes two slots. */
const hoursSlot = z
  .strictObject({
    /** ISO weekdays, 1 for Monday to 7 for Sunday. */
    days: z.array(z.int().min(1).max(7)).min(1).max(7),
    from: timeOfDay,
    to: timeOfDay,
  })
  .refine(({ from, to }) => from < to, "the end must come after the beginning");

/** Hours by the wall clock of one time zone: 19:00 stays 19:00 in summer. */
export const hoursRule = z.strictObject({
  /** IANA name such as `Europe/Paris`. */
  timeZone: z.string().max(60).refine(isTimeZone, "an IANA time zone"),
  slots: z.array(hoursSlot).min(1).max(21),
  /** What public holidays (`GET /api/v1/holidays`) are: closed all day, or days like others. */
  onHolidays: z.enum(["closed", "open"]).default("closed"),
});
/** When something is open. */
export type HoursRule = z.infer<typeof hoursRule>;

/** IPv4 and IPv6 networks (`192.0.2.0/24`, `2001:db8::/32`) or lone addresses; empty: anywhere. */
export const sourceNetworks = z
  .array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]).meta({ description: "address or network" }))
  .max(100);

/** A day of the calendar, `2026-12-25`. */
export const calendarDay = z.iso.date();
