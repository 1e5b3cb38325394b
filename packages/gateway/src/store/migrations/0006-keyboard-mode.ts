import type { StoreMigration } from "./migration.ts";

/**
 * The profile's keyboard mode had no effect, and everybody had `positions` while sessions used `characters`. Now that it
 * counts, all profiles say what people have been working with.
 */
export const keyboardModeMigration: StoreMigration = {
  name: "0006-keyboard-mode",
  up: async (db) => {
    await db.updateTable("person").set({ keyboard_mode: "characters" }).execute();
  },
};
