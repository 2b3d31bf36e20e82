// What peers may take of one turn of the event loop. The system reads up to 2 MiB from a socket before it looks at the next
// one; as frames of HTTP/2 that is seconds of work, in which nobody else is served. So once a turn has taken too long, each
// connection that is still read from is stopped, and goes on in the next turn.
//
// Node offers no place for this either: a socket that HTTP/2 reads from is stopped by its handle, which is not public.
import type { Socket } from "node:net";

/** Long enough for whatever a peer sends in good faith to be read in one go, which makes better batches. */
const mostMs = 50;

interface Handle {
  readStop?(): void;
  readStart?(): void;
}

export interface Turn {
  /** Something has come from it, and is about to be worked on. */
  took(socket: Socket): void;
}

export function createTurn(): Turn {
  /** Undefined: nothing has come yet in this one. */
  let begunAt: number | undefined;
  const stopped = new Set<Socket>();
  const next = () => {
    begunAt = undefined;
    for (const socket of stopped) handleOf(socket)?.readStart?.();
    stopped.clear();
  };
  return {
    took(socket) {
      const now = performance.now();
      if (begunAt === undefined) {
        begunAt = now;
        setImmediate(next);
      } else if (now - begunAt > mostMs && !stopped.has(socket)) {
        stopped.add(socket);
        handleOf(socket)?.readStop?.();
      }
    },
  };
}

const handleOf = (socket: Socket) => (socket as unknown as { _handle?: Handle | null })._handle;
