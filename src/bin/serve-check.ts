// Whether `reprise serve` would begin with what it is given, as far as that can be said without opening anything: each
// value for itself, and whether they contradict each other.
import { type Configured, channelRules } from "./configured.js";
import { Exit, exitCodes } from "./exit.js";
import type { ServeOptions } from "./serve.js";
import { recognitionOf } from "./serve-auth.js";
import { securityOfServe } from "./serve-tls.js";
import { countWorkers } from "./workers.js";

/** @throws Exit, or RepriseError `invalid_argument`, with what is wrong */
export async function checkServe(found: Configured): Promise<void> {
  const { given } = found;
  checkFsync(given);
  countWorkers(given.workers, given.buffer);
  securityOfServe(given, given.listen);
  checkPermissions(found);
  const [{ checkStore, parseAckLevel }, { checkWindow, defaultLimits }] = await Promise.all([
    import("../store/index.js"),
    import("../broker/index.js"),
  ]);
  await checkStore(given.buffer, given.registry);
  if (given.ack !== undefined) parseAckLevel(given.ack);
  if (given.receiveWindow !== undefined) checkWindow(given.receiveWindow);
  checkSizes(found, given.maxMessage ?? defaultLimits.maxMessageBytes);
  await channelRules(found);
}

export function checkFsync({ fsync, buffer }: Pick<ServeOptions, "fsync" | "buffer">): void {
  if (fsync === undefined || buffer.startsWith("embedded:")) return;
  throw new Exit(exitCodes.usage, "--fsync is for the embedded buffer; Redis is configured by its own appendfsync");
}

/** Clients are told one limit, the node's. */
function checkSizes({ file }: Configured, most: number): void {
  const tooLarge = file?.channels.find(({ maxMessageBytes = 0 }) => maxMessageBytes > most);
  if (tooLarge === undefined) return;
  const { line, pattern } = tooLarge;
  const what = `channels: max-message of ${pattern}: at most ${most} bytes, which is max-message of the node`;
  throw new Exit(exitCodes.usage, `${file!.path}:${line}: ${what}`);
}

/** There is nobody to whom they could apply without identities. */
function checkPermissions({ given, file }: Configured): void {
  const first = file?.channels.find(({ permissions = [] }) => permissions.length > 0);
  if (recognitionOf(given, first !== undefined) !== undefined || first === undefined) return;
  const what = `channels: permissions of ${first.pattern} need identities: auth-tokens, auth-jwks or auth-cert`;
  throw new Exit(exitCodes.usage, `${file!.path}:${first.line}: ${what}`);
}
