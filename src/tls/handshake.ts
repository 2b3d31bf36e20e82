// How one client of gRPC gets from a socket to what it speaks HTTP/2 on, in plaintext or by TLS, and what was wrong when
// it did not get there. gRPC's own credentials keep no more than a message of that; and where the host is an IP address
// they send it as the server's name, which TLS does not allow and Node warns of.
//
// The connector is an internal interface of grpc-js, whose minor version is pinned.
import { isIP, type Socket, type TcpSocketConnectOpts } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";
import { RepriseError } from "../wire/errors.js";
import { tlsFailure } from "./failure.js";
import type { Contexts } from "./options.js";

export interface Handshake {
  /** For a client of this address. */
  credentials: ChannelCredentials;
  /** What TLS, or the lack of it, was to blame for since it was asked last. Takes a second at most. */
  failure(): Promise<RepriseError | undefined>;
}

interface Connector {
  connect(socket: Socket): Promise<{ socket: Socket; secure: boolean }>;
  /** The client needs no more connections. Those that are made stay. */
  destroy(): void;
}

/** What speaks HTTP/2 has said as much at the least, and before it is asked. An alert of TLS has 7 bytes. */
const frameBytes = 9;

const probeMs = 1_000;

/** In plaintext. A node that did not say a word is asked whether it speaks TLS. */
export function plainHandshake(address: string): Handshake {
  let mute: TcpSocketConnectOpts | undefined;
  const connector: Connector = {
    async connect(socket) {
      const { remoteAddress: host, remotePort: port } = socket;
      mute = undefined;
      socket.once("close", () => {
        if (port !== undefined && socket.bytesRead < frameBytes) mute = { port, ...(host !== undefined && { host }) };
      });
      return { socket, secure: false };
    },
    destroy() {},
  };
  return {
    credentials: connectBy(ChannelCredentials.createInsecure(), () => connector),
    async failure() {
      const suspect = mute;
      mute = undefined;
      if (suspect === undefined || !(await speaksTls(suspect))) return undefined;
      return new RepriseError("tls_failed", `${address}: it speaks TLS, and the client was not told to`);
    },
  };
}

/** @param serverName that the certificate must bear; undefined: the host of the address */
export function tlsHandshake(address: string, contexts: Contexts, serverName: string | undefined): Handshake {
  let failure: RepriseError | undefined;
  const connectorOf = (target: string): Connector => {
    const host = serverName ?? hostOf(target);
    // An IP address is looked for in the certificate as well, but not sent.
    const name = isIP(host) ? { host } : { host, servername: host };
    const underWay = new Set<TLSSocket>();
    return {
      async connect(socket) {
        const secured = connect({ ...name, socket, secureContext: contexts(), ALPNProtocols: ["h2"] });
        underWay.add(secured);
        failure = undefined;
        // It may follow the handshake: a client's certificate is judged after it.
        secured.on("error", (thrown) => {
          failure = tlsFailure(thrown, address);
        });
        await established(secured).finally(() => underWay.delete(secured));
        return { socket: secured, secure: true };
      },
      destroy() {
        for (const secured of underWay) secured.destroy();
      },
    };
  };
  return {
    credentials: connectBy(ChannelCredentials.createFromSecureContext(contexts()), connectorOf),
    async failure() {
      const last = failure;
      failure = undefined;
      return last;
    },
  };
}

function connectBy(credentials: ChannelCredentials, connectorOf: (target: string) => Connector): ChannelCredentials {
  const create = credentials._createSecureConnector.bind(credentials);
  credentials._createSecureConnector = (target, ...others) =>
    Object.assign(create(target, ...others), connectorOf(target.path));
  return credentials;
}

/** Of HOST:PORT, [HOST]:PORT, or the first of several. */
const hostOf = (target: string): string => /^\[?(.*?)\]?(?::\d+)?(?:,|$)/.exec(target)![1]!;

function established(secured: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    secured.once("secureConnect", resolve);
    secured.once("error", reject);
    secured.once("close", () => reject(new Error("the connection was closed during the handshake of TLS")));
  });
}

function speaksTls(place: TcpSocketConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    // Whom it speaks to, and who it is, does not matter.
    const probe = connect({ ...place, rejectUnauthorized: false, ALPNProtocols: ["h2"], timeout: probeMs });
    const end = (answer: boolean) => {
      probe.destroy();
      resolve(answer);
    };
    probe.once("secureConnect", () => end(true));
    probe.on("error", ({ code = "" }: NodeJS.ErrnoException) => end(/_ALERT_/.test(code)));
    probe.once("timeout", () => end(false));
    probe.once("close", () => end(false));
  });
}
