// Resets a TCP connection.
import type { Socket } from "node:net";

/**
 * Where an end is under way the system refuses a reset, and Node 20 then loses the handle, at which its event loop spins for good:
 * such a socket is closed.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
