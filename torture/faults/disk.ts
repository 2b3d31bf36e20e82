// What happens to the disk of the embedded buffer.
import { setTimeout as delay } from "node:timers/promises";
import { type Deed, nobody } from "./deed.js";

export const diskDeeds = {
  async "disk full"({ disk, lasts }) {
    if (disk === undefined) return nobody;
    disk.fill();
    await delay(lasts);
    disk.free();
    return "disk";
  },
} satisfies Record<string, Deed>;
