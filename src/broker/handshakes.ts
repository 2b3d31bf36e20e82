// Handshakes of TLS wait for one another. Each costs the node a signature, up to a millisecond, and a stranger a few hundred
// bytes that he need not even make himself; and the system hands over what has come from thousands of connections in one turn
// of the event loop. So a handshake begins when its peer has said something, and in its turn, and all of them together have
// a part of each turn of the event loop. Who says nothing costs no more than a socket.
import type { Socket } from "node:net";

/** Of one turn of the event loop. */
const sliceMs = 10;

/**
 * Returns what takes connections.
 * @param begin the handshake, on a socket that has something to be read; it is read in the next tick
 * @param late its handshake has not begun for so long, and it is cut: it says nothing, or there are too many
 */
export function createHandshakes(
  begin: (socket: Socket) => void,
  late: (socket: Socket) => void,
  timeoutMs: number,
): (socket: Socket) => void {
  /** With what cuts them. */
  const line = new Map<Socket, NodeJS.Timeout>();
  let running = false;
  /** Of this turn; undefined: none has begun in it. */
  let until: number | undefined;

  async function run(): Promise<void> {
    running = true;
    for (const [socket, timer] of line) {
      if (until !== undefined && performance.now() > until) await new Promise((resolve) => setImmediate(resolve));
      // It may have gone meanwhile.
      if (!line.delete(socket) || socket.destroyed) continue;
      if (until === undefined) {
        until = performance.now() + sliceMs;
        setImmediate(() => {
          until = undefined;
        });
      }
      clearTimeout(timer);
      begin(socket);
      // By then what the peer has said was worked on.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    running = false;
  }

  function wait(socket: Socket, timer: NodeJS.Timeout): void {
    line.set(socket, timer);
    if (!running) void run();
  }

  return (socket) => {
    const timer = setTimeout(() => {
      late(socket);
      socket.destroy();
    }, timeoutMs);
    // Who leaves has his reasons.
    socket.on("error", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      line.delete(socket);
    });
    socket.once("readable", () => {
      // Its end.
      if (socket.readableLength === 0) socket.destroy();
      else wait(socket, timer);
    });
  };
}
