// What happens to publishers and subscribers.
import { setTimeout as delay } from "node:timers/promises";
import { type Deed, nobody } from "./deed.js";

const killed =
  (of: "publisher" | "subscriber"): Deed =>
  async (doing) => {
    const player = doing[of];
    if (player === undefined) return nobody;
    const { who } = player;
    doing.journal.write({ kind: "killed", who, returns: true });
    await player.kill();
    await delay(doing.lasts);
    player.start();
    return who;
  };

const frozen =
  (of: "publisher" | "subscriber"): Deed =>
  async (doing) => {
    const player = doing[of];
    if (player === undefined) return nobody;
    player.signal("SIGSTOP");
    await delay(doing.lasts);
    player.signal("SIGCONT");
    return player.who;
  };

export const playerDeeds = {
  "publisher killed": killed("publisher"),
  "publisher frozen": frozen("publisher"),
  "subscriber killed": killed("subscriber"),
  "subscriber frozen": frozen("subscriber"),
} satisfies Record<string, Deed>;
