// The node that is attacked, as its attackers reach it: bytes to its ports, inside of TLS where it speaks that.
import { connect, createSecureContext, type SecureContext } from "node:tls";
import { openSocket, type RawSocket } from "../scenarios/raw.js";
import type { T } from "../scope.js";

export interface Target {
  /** Of gRPC. */
  port: number;
  /** Of the HTTP gateway. */
  httpPort: number;
  /** TLS on the port of gRPC; undefined: plaintext. */
  secure: SecureContext | undefined;
}

/** For attackers, who do not mind whose certificate it is. */
export const careless = (): SecureContext => createSecureContext({});

/** Resolves when HTTP/2 can be spoken to the port of gRPC. */
export async function openGrpc(t: T, { port, secure }: Target): Promise<RawSocket> {
  if (secure === undefined) return openSocket(t, port);
  return new Promise((resolve, reject) => {
    const options = { secureContext: secure, ALPNProtocols: ["h2"], rejectUnauthorized: false };
    const socket = connect({ port, host: "127.0.0.1", ...options });
    t.after(() => socket.destroy());
    const closed = new Promise<void>((settle) => {
      socket.once("close", () => settle());
      socket.once("end", () => settle());
    });
    socket.on("error", reject);
    socket.once("secureConnect", () => resolve({ socket, closed }));
    socket.resume();
  });
}
