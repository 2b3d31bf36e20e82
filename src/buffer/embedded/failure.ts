// What a failure of the file system is to those who use the buffer.
import { RepriseError, toRepriseError } from "../../wire/errors.js";

/** No space, no quota, or the largest size that the process may write. */
const full = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** `where`: for people. */
export function bufferError(where: string, error: unknown): RepriseError {
  if (error instanceof RepriseError || !isSystemError(error)) return toRepriseError(error);
  const { code, message } = error;
  return new RepriseError(full.has(code) ? "buffer_full" : "buffer_unavailable", `${where}: ${message}`, {
    cause: error,
  });
}

/** The file is not there. */
export const isMissing = (error: unknown): boolean => isSystemError(error) && error.code === "ENOENT";

const isSystemError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
