// Whether this folder is the one that was written, or a copy of it that somebody has put in its place: a backup is older than
// what was written after it, and subscribers have seen that. A file knows which file it is: its inode, and when it was made.
// A copy of it does not say what it is itself. Then no log may go on as if nothing were missing, and that is kept:
//
//   place     <inode> <made at, ns> <copied at, Unix ms; 0: never>
//
// Who restores a snapshot of a whole disk, in which files stay what they were, removes it.
import { readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Epochs from before then do not go on here: Unix ms, 0 if it was never copied.
 * @param isNew there is nothing in it yet
 */
export async function placeOf(folder: string, isNew: boolean, now: number): Promise<number> {
  const path = join(folder, "place");
  const [inode, made, copiedAt = ""] = (await readFile(path, "latin1").catch(() => "")).trim().split(" ");
  const isOriginal = /^\d+$/.test(copiedAt) && `${inode} ${made}` === (await identityOf(path));
  const at = isOriginal ? Number(copiedAt) : isNew ? 0 : now;
  // Made anew each time: a copy may be put into the file that is there, or be left out because it looks the same.
  await renew(path, at).catch((error) => {
    // A full disk, say: nobody has copied anything here then.
    if (!isOriginal) throw error;
  });
  return at;
}

async function renew(path: string, copiedAt: number): Promise<void> {
  const fresh = `${path}.new`;
  await unlink(fresh).catch(() => {});
  try {
    await writeFile(fresh, "", { flag: "wx" });
    await writeFile(fresh, `${await identityOf(fresh)} ${copiedAt}\n`, { flush: true });
    await rename(fresh, path);
  } catch (error) {
    await unlink(fresh).catch(() => {});
    throw error;
  }
}

const identityOf = async (path: string): Promise<string> => {
  const { ino, birthtimeNs } = await stat(path, { bigint: true });
  return `${ino} ${birthtimeNs}`;
};
