// The server of TLS in front of gRPC: connections that have proven what they must, and speak HTTP/2. Whoever does not
// finish the handshake in time is cut.
import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type TLSSocket } from "node:tls";
import type { Log } from "../log/log.js";
import { sparing } from "../log/sparing.js";
import { type NodeTls, openCertificates } from "./certificates.js";
import { createHandshakes } from "./handshakes.js";

export interface SecureServer {
  /** A connection of which nothing was read. */
  take(socket: Socket): void;
  /** Reads the certificates now. */
  reload(): Promise<void>;
  /** Of the certificates only. */
  close(): void;
}

/** Whoever says nothing, or too slowly, holds a socket no longer. */
const defaultTimeoutMs = 10_000;

/** @throws RepriseError `invalid_argument` if the certificates cannot be used */
export async function secureServer(
  tls: NodeTls,
  log: Log,
  accept: (socket: TLSSocket) => void,
  handshakeTimeoutMs = defaultTimeoutMs,
): Promise<SecureServer> {
  const certificates = await openCertificates(tls, log, (context) => server.setSecureContext(withoutTickets(context)));
  const sparingly = sparing(log);
  const tell = (peer: string | undefined, why: string) => sparingly.info({ peer, why }, "a TLS handshake failed");
  const asks = tls.clientCa !== undefined;
  const needs = asks && tls.clientCertOptional !== true;
  const server = createServer({
    ...withoutTickets(certificates.context),
    ALPNProtocols: ["h2"],
    requestCert: asks,
    // Left to `objection`: Node would end the connection and tell nobody why.
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  });
  server.on("secureConnection", (socket) => {
    // gRPC leaves what may still happen to it to us: https://github.com/nodejs/node/issues/35824
    socket.on("error", () => {});
    const reason = objection(socket, needs);
    if (reason === undefined) {
      accept(socket);
      return;
    }
    tell(socket.remoteAddress, reason);
    socket.destroy();
  });
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    // Whoever leaves has his reasons: a probe of the port, or he does not trust us, and says so there.
    if (error.code !== "ECONNRESET") tell(socket.remoteAddress, error.code ?? error.message);
    // After a timeout it would stay.
    socket.destroy();
  });
  const take = createHandshakes(
    (socket) => server.emit("connection", socket),
    (socket) => tell(socket.remoteAddress, "it did not begin in time"),
    handshakeTimeoutMs,
  );
  return { take, reload: certificates.reload, close: certificates.close };
}

/** Our clients do not resume sessions of TLS; and a ticket would outlive the trust in the authority that it came by. */
const withoutTickets = (context: SecureContextOptions): SecureContextOptions => ({
  ...context,
  secureOptions: constants.SSL_OP_NO_TICKET,
});

/** Why it must not come in. */
function objection(socket: TLSSocket, needsCertificate: boolean): string | undefined {
  // Who offers another protocol is refused in the handshake, who offers none is not.
  if (socket.alpnProtocol !== "h2") return "it does not offer HTTP/2 (ALPN h2)";
  if (socket.authorized) return undefined;
  // Where certificates are optional, a bad one is none the less bad.
  const hasOne = socket.getPeerCertificate().raw !== undefined;
  if (hasOne) return `its certificate is not accepted: ${socket.authorizationError}`;
  return needsCertificate ? "it shows no certificate" : undefined;
}
