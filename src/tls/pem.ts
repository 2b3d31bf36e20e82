// A certificate or a key in PEM: the text itself, or the name of the file that holds it.
import { readFileSync } from "node:fs";
import { RepriseError } from "../wire/errors.js";

/** Text in PEM, its bytes, or the name of a file with it. */
export type Pem = string | Buffer;

/** Whether it is the name of a file, which may hold something else the next time. */
export const isFile = (pem: Pem | undefined): boolean => typeof pem === "string" && !pem.includes("-----BEGIN ");

/** Reads the file, if it is one. @throws RepriseError `invalid_argument` */
export function readPem(pem: Pem | undefined, what: string): Buffer | undefined {
  if (typeof pem !== "string") return pem;
  if (!isFile(pem)) return Buffer.from(pem);
  try {
    return readFileSync(pem);
  } catch (thrown) {
    throw new RepriseError("invalid_argument", `${what} cannot be read: ${(thrown as Error).message}`);
  }
}
