// A disk of its own, in memory, that can be full.
import { spawn, spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { type T, temporaryFolder } from "../test/scope.js";

export interface Disk {
  folder: string;
  /** There is nearly nothing left on it. */
  fill(): void;
  free(): void;
}

const size = 2 ** 30;
/** What is left on a full one: a write may begin to fit. */
const leftBytes = 16 * 1024;
const mostTries = 50;

/** Undefined where it cannot be mounted: it takes root on Linux. */
export function mountDisk(t: T): Disk | undefined {
  const folder = temporaryFolder(t);
  const mount = (...options: string[]) => spawnSync("mount", [...options, folder], { encoding: "utf8" });
  if (mount("-t", "tmpfs", "-o", `size=${size}`, "none").status !== 0) return undefined;
  // It does not outlive this process, even one that is killed.
  const watchdog = spawn("sh", ["-c", `cat >/dev/null; umount -l '${folder}'`], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  t.after(() => {
    watchdog.kill("SIGKILL");
    spawnSync("umount", ["-l", folder]);
  });
  const resize = (bytes: number) => mount("-o", `remount,size=${bytes}`);
  return {
    folder,
    fill() {
      for (let tries = 1; ; tries++) {
        const { bsize, blocks, bfree } = statfsSync(folder);
        const { status, stderr } = resize((blocks - bfree) * bsize + leftBytes);
        if (status === 0) return;
        // Refused as well where more than that has been written meanwhile.
        if (tries === mostTries) throw new Error(`the disk at ${folder} cannot be made smaller: ${stderr}`);
      }
    },
    free() {
      const { status, stderr } = resize(size);
      if (status !== 0) throw new Error(`the disk at ${folder} cannot be made larger: ${stderr}`);
    },
  };
}
