// Stands between clients and a node, hands on what they say, and keeps it.
import {
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { T } from "../scope.js";
import type { Entry, What } from "./recording.js";

export interface Recorder {
  /** Where clients find it. */
  address: string;
  entries: Entry[];
  /** Cuts the connections of all clients. */
  cut(): void;
}

export async function startRecorder(t: T, node: string): Promise<Recorder> {
  const entries: Entry[] = [];
  const keep = (what: What, stream: number, content: Buffer | IncomingHttpHeaders = Buffer.alloc(0)) =>
    void entries.push({
      what,
      stream,
      content: Buffer.isBuffer(content) ? Buffer.from(content) : Buffer.from(JSON.stringify(content)),
    });
  const upstream = connect(`http://${node}`);
  upstream.on("error", () => {});
  t.after(() => upstream.destroy());
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  let opened = 0;
  let cutting = false;
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const number = opened++;
    keep("O", number, headers);
    const request = upstream.request(headers);
    stream.on("error", () => {});
    request.on("error", () => {});
    stream.on("data", (bytes: Buffer) => {
      keep("C", number, bytes);
      request.write(bytes);
    });
    stream.on("end", () => {
      if (stream.aborted) return;
      keep("H", number);
      request.end();
    });
    stream.on("aborted", () => {
      if (!cutting) keep("X", number);
      request.close(constants.NGHTTP2_CANCEL);
    });
    let trailers: IncomingHttpHeaders = {};
    request.on("response", (received, flags) => {
      const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      keep(isAll ? "T" : "R", number, received);
      stream.respond(received, isAll ? { endStream: true } : { waitForTrailers: true });
    });
    request.on("data", (bytes: Buffer) => {
      keep("S", number, bytes);
      stream.write(bytes);
    });
    request.on("trailers", (received) => {
      trailers = received;
      keep("T", number, received);
    });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    request.on("end", () => stream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    entries,
    cut() {
      cutting = true;
      keep("K", 0);
      for (const session of sessions) session.destroy();
      setImmediate(() => {
        cutting = false;
      });
    },
  };
}
