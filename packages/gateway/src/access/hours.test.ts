import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hoursRule } from "@poterne/contract";
import { easterOf, frenchHolidays } from "./french-holidays.ts";
import { isOpenAt, nextChange } from "./hours.ts";

const none: ReadonlySet<string> = new Set();
const week = { days: [1, 2, 3, 4, 5], from: "08:00", to: "19:00" };
const paris = hoursRule.parse({ timeZone: "Europe/Paris", slots: [week] });
const at = (text: string) => Date.parse(text);

function closes(rule: typeof paris, fromText: string): string {
  const moment = nextChange(rule, none, at(fromText));
  return moment === null ? "never" : new Date(moment).toISOString();
}

describe("hours", () => {
  test("a rule at 19:00 stays at 19:00 when the clocks go forward and back", () => {
    // Friday before and Monday after 29 March 2026 (summer) and 25 October 2026 (winter).
    assert.equal(closes(paris, "2026-03-27T12:00:00Z"), "2026-03-27T18:00:00.000Z");
    assert.equal(closes(paris, "2026-03-30T12:00:00Z"), "2026-03-30T17:00:00.000Z");
    assert.equal(closes(paris, "2026-10-23T12:00:00Z"), "2026-10-23T17:00:00.000Z");
    assert.equal(closes(paris, "2026-10-26T12:00:00Z"), "2026-10-26T18:00:00.000Z");
    assert.equal(isOpenAt(paris, none, at("2026-03-30T16:59:59Z")), true);
    assert.equal(isOpenAt(paris, none, at("2026-03-30T17:00:00Z")), false);
  });

  test("the next opening is found over the night of the change itself", () => {
    const sunday = hoursRule.parse({
      timeZone: "Europe/Paris",
      slots: [{ days: [7], from: "01:00", to: "05:00" }],
    });
    assert.equal(closes(sunday, "2026-03-29T00:30:00Z"), "2026-03-29T03:00:00.000Z");
    assert.equal(closes(sunday, "2026-10-25T00:30:00Z"), "2026-10-25T04:00:00.000Z");
    // 02:15 does not exist on 29 March: the clock shows 03:00 at once, and the slot is open.
    const skipped = hoursRule.parse({
      timeZone: "Europe/Paris",
      slots: [{ days: [7], from: "02:15", to: "04:00" }],
    });
    assert.equal(closes(skipped, "2026-03-29T00:30:00Z"), "2026-03-29T01:00:00.000Z");
  });

  test("a closed rule opens next on its next day, a holiday passed over or not", () => {
    const holidays = new Set(["2026-12-25"]);
    const friday = at("2026-12-25T10:00:00Z");
    assert.equal(isOpenAt(paris, holidays, friday), false);
    assert.equal(nextChange(paris, holidays, friday), at("2026-12-28T07:00:00Z"));
    assert.equal(isOpenAt({ ...paris, onHolidays: "open" }, holidays, friday), true);
    // Open until midnight: the holiday that follows closes it.
    const always = hoursRule.parse({
      timeZone: "Europe/Paris",
      slots: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" }],
    });
    assert.equal(nextChange(always, holidays, at("2026-12-24T10:00:00Z")), at("2026-12-24T23:00:00Z"));
    assert.equal(nextChange(always, none, at("2026-12-24T10:00:00Z")), null);
  });

  test("zones with quarter hours and southern summers are read right", () => {
    const nepal = hoursRule.parse({ timeZone: "Asia/Kathmandu", slots: [week] });
    assert.equal(closes(nepal, "2026-06-01T06:00:00Z"), "2026-06-01T13:15:00.000Z");
    const noumea = hoursRule.parse({ timeZone: "Pacific/Noumea", slots: [week] });
    assert.equal(closes(noumea, "2026-06-01T06:00:00Z"), "2026-06-01T08:00:00.000Z");
  });

  test("nonsense is refused by the contract", () => {
    for (const bad of [
      { timeZone: "Europe/Nowhere", slots: [week] },
      { timeZone: "+02:00", slots: [week] },
      { timeZone: "Europe/Paris", slots: [{ ...week, to: "07:00" }] },
      { timeZone: "Europe/Paris", slots: [{ ...week, days: [0] }] },
      { timeZone: "Europe/Paris", slots: [] },
    ])
      assert.equal(hoursRule.safeParse(bad).success, false, JSON.stringify(bad));
  });
});

describe("French holidays", () => {
  test("Easter falls where the almanac has it", () => {
    const known = ["2000-04-23", "2008-03-23", "2011-04-24", "2024-03-31", "2026-04-05", "2038-04-25"];
    for (const day of known)
      assert.equal(new Date(easterOf(Number(day.slice(0, 4)))).toISOString().slice(0, 10), day);
  });

  test("the eleven days of 2026", () => {
    assert.deepEqual(
      frenchHolidays(2026).map(({ day }) => day.slice(5)),
      ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"],
    );
    // In 2008 the Ascension fell on 1 May: both stand.
    assert.equal(frenchHolidays(2008).filter(({ day }) => day === "2008-05-01").length, 2);
  });
});
