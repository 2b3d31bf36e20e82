// A small HTTP server for machines that look after the node: a few paths to be read, and nothing else. It does not wait for
// anybody: not for a request that does not come to its end, not for an answer that is not read. And nobody can make it work
// for him alone: a connection asks for one thing at a time, and who asks for the same at the same time shares the answer.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { RepriseError } from "../wire/errors.js";

export interface Reply {
  status: number;
  type: string;
  body: string;
}

/** By path. */
export type Routes = Readonly<Record<string, () => Reply | Promise<Reply>>>;

export interface HttpServer {
  /** HOST:PORT with the port that was bound. */
  address: string;
  /** Cuts what is open. */
  close(): Promise<void>;
}

const headersMs = 5_000;
const requestMs = 10_000;
/** A connection on which nothing happens. Longer than the usual pause between two scrapes. */
const idleMs = 70_000;
/**
 * Of connections: a few who scrape and probe, each with one or two. Above it the one goes that has asked for nothing for
 * longest: a probe that finds no place would have the node killed.
 */
const mostConnections = 100;
const headerBytes = 8_192;

const text = (status: number, body: string): Reply => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${body}\n`,
});

/** @throws RepriseError `invalid_argument`, `unavailable` */
export async function serveHttp(listen: string, routes: Routes): Promise<HttpServer> {
  const match = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(listen);
  if (match === null) {
    throw new RepriseError("invalid_argument", `HTTP address ${JSON.stringify(listen)}: expected HOST:PORT`);
  }
  const limits = { headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: idleMs };
  /** The one that has asked last is last. */
  const connections = new Set<Socket>();
  const server = createServer(
    { ...limits, connectionsCheckingInterval: 1_000, maxHeaderSize: headerBytes },
    answerBy(routes, (socket) => {
      if (connections.delete(socket)) connections.add(socket);
    }),
  );
  server.timeout = idleMs;
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    if (connections.size <= mostConnections) return;
    const [first] = connections;
    first!.destroy();
    connections.delete(first!);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new RepriseError("unavailable", `cannot listen on ${listen}: ${cause.message}`, { cause }));
    });
    server.listen(Number(match[3]), match[1] ?? match[2], resolve);
  });
  return {
    address: listen.replace(/:\d+$/, `:${(server.address() as AddressInfo).port}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param asked on a connection, for something */
function answerBy(routes: Routes, asked: (socket: Socket) => void): RequestListener {
  const underWay = new Map<string, Promise<Reply>>();
  const shared = (path: string, route: Routes[string]): Promise<Reply> => {
    let answer = underWay.get(path);
    if (answer === undefined) {
      answer = Promise.resolve()
        .then(route)
        .finally(() => underWay.delete(path));
      underWay.set(path, answer);
    }
    return answer;
  };
  /** Connections whose last request is not answered yet. */
  const asking = new WeakSet<Socket>();
  return (request, response) => {
    const { method = "", url = "", socket } = request;
    // Requests in a row without waiting: no scraper and no probe does that.
    if (asking.has(socket)) {
      socket.destroy();
      return;
    }
    asking.add(socket);
    asked(socket);
    response.once("close", () => asking.delete(socket));
    const path = url.split("?", 1)[0]!;
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const reads = method === "GET" || method === "HEAD";
    const answered = async (): Promise<Reply> => {
      if (route === undefined) return text(404, `not found; there is ${Object.keys(routes).join(", ")}`);
      if (!reads) return text(405, "GET or HEAD");
      return shared(path, route);
    };
    void answered()
      .catch(() => text(500, "internal error"))
      .then(({ status, type, body }) => {
        response.writeHead(status, {
          "content-type": type,
          "content-length": Buffer.byteLength(body),
          "cache-control": "no-store",
          // What comes with a request is not read.
          ...(reads ? {} : { allow: "GET, HEAD", connection: "close" }),
        });
        response.end(method === "HEAD" ? undefined : body);
      });
  };
}
