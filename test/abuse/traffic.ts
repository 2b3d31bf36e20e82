// Recorded traffic, damaged, from many connections at a time.
import { createRandom } from "../../torture/random.js";
import { openSocket } from "../scenarios/raw.js";
import type { T } from "../scope.js";
import { mutate, piecesOf } from "./mutation.js";
import type { Recording } from "./recorder.js";
import type { Target } from "./target.js";

const atOnce = 20;
/** How long an answer to it is read. */
const hearMs = 100;

export interface Sent {
  connections: number;
  /** Of them, those that the node ended itself while we listened. */
  ended: number;
}

/**
 * Plays damaged recordings until the time is over, or `most` of them.
 * @param tell what is sent to each connection; the last ones before something goes wrong are the suspects
 */
export async function playDamaged(
  t: T,
  target: Target,
  recordings: readonly Recording[],
  { seed, forMs, most = Number.POSITIVE_INFINITY }: { seed: number; forMs: number; most?: number },
  tell: (what: string) => void = () => {},
): Promise<Sent> {
  const random = createRandom(seed);
  const cut = recordings.map(({ bytes }) => piecesOf(bytes));
  const endAt = performance.now() + forMs;
  const sent: Sent = { connections: 0, ended: 0 };
  const player = async () => {
    while (performance.now() < endAt && sent.connections < most) {
      const number = sent.connections++;
      const chosen = random.between(0, recordings.length - 1);
      const { name, to } = recordings[chosen]!;
      const { bytes, how } = mutate(cut[chosen]!, random, cut);
      tell(`${number} ${name}: ${how.join(", ")}: ${bytes.toString("base64")}`);
      const { socket, closed } = await openSocket(t, target[to]);
      socket.on("error", () => {});
      socket.write(bytes);
      let ended = false;
      await Promise.race([
        closed.then(() => {
          ended = true;
        }),
        new Promise((resolve) => setTimeout(resolve, hearMs)),
      ]);
      if (ended) sent.ended++;
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, player));
  return sent;
}
