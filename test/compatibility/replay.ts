// Says again what one side of a recording said, byte for byte, to today's other side. What the recorded side had waited for
// is waited for again: as much as it had been told when it went on.

import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { type T, until } from "../scope.js";
import { meaningOf, requestsIn } from "./meaning.js";
import { type Entry, headersOf, pathsOf, unframer } from "./recording.js";

const patienceMs = 20_000;

/** What was said on a stream, and how it ended. */
export interface Said {
  path: string;
  lines: string[];
  /** grpc-status, and the code of the protocol. */
  status: string | undefined;
}

const statusOf = (trailers: IncomingHttpHeaders): string =>
  [trailers["grpc-status"], trailers["reprise-code"]].filter((word) => word !== undefined).join(" ");

/** What the node said in a recording, up to an entry. */
export function saidIn(entries: readonly Entry[]): Said[] {
  const said = pathsOf(entries).map((path): Said => ({ path, lines: [], status: undefined }));
  const readers = said.map(unframer);
  for (const entry of entries) {
    const on = said[entry.stream]!;
    if (entry.what === "S") {
      for (const message of readers[entry.stream]!(entry.content)) on.lines.push(...meaningOf(on.path, message));
    } else if (entry.what === "T") on.status = statusOf(headersOf(entry));
  }
  return said;
}

/** Plays the clients of a recording to a node, and answers what it said. */
export async function replayClients(t: T, entries: readonly Entry[], address: string): Promise<Said[]> {
  const said: Said[] = [];
  const streams: ClientHttp2Stream[] = [];
  let session: ClientHttp2Session | undefined;
  t.after(() => session?.destroy());
  const paths = pathsOf(entries);

  function open(number: number, entry: Entry): void {
    if (session === undefined) {
      session = connect(`http://${address}`);
      session.on("error", () => {});
    }
    const on: Said = { path: paths[number]!, lines: [], status: undefined };
    const stream = session.request(headersOf(entry));
    const read = unframer();
    stream.on("error", () => {});
    stream.on("response", (headers) => {
      if (headers["grpc-status"] !== undefined) on.status = statusOf(headers);
    });
    stream.on("trailers", (trailers) => {
      on.status = statusOf(trailers);
    });
    stream.on("data", (bytes: Buffer) => {
      for (const message of read(bytes)) on.lines.push(...meaningOf(on.path, message));
    });
    said[number] = on;
    streams[number] = stream;
  }

  for (const [i, entry] of entries.entries()) {
    const { what, stream, content } = entry;
    if (what === "R" || what === "S" || what === "T") continue;
    const before = saidIn(entries.slice(0, i));
    const enough = () => before.every(({ lines, status }, n) => hasSaid(said[n]!, lines.length, status));
    await until(enough, `what came before entry ${i} (${what} of ${paths[stream]})`, patienceMs).catch((error) => {
      throw new Error(`${error.message}\nthen: ${JSON.stringify(before)}\nnow: ${JSON.stringify(said)}`);
    });
    if (what === "O") open(stream, entry);
    else if (what === "C") streams[stream]!.write(content);
    else if (what === "H") streams[stream]!.end();
    else if (what === "X") streams[stream]!.close(constants.NGHTTP2_CANCEL);
    else {
      session?.destroy();
      session = undefined;
    }
  }
  const all = saidIn(entries);
  await until(
    () => all.every(({ lines, status }, n) => hasSaid(said[n]!, lines.length, status)),
    "everything is answered",
    patienceMs,
  );
  return said;
}

const hasSaid = (on: Said, lines: number, status: string | undefined): boolean =>
  on.lines.length >= lines && (status === undefined || on.status !== undefined);

/** Plays the node of a recording. @returns its address, and what it waits for if clients do not go on */
export async function replayNode(t: T, entries: readonly Entry[]) {
  const paths = pathsOf(entries);
  const asked: number[] = [];
  const streams: (ServerHttp2Stream | undefined)[] = [];
  const ended: boolean[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    const number = paths.findIndex((path, n) => path === headers[":path"] && streams[n] === undefined);
    if (number === -1) {
      // As an old node answers what it does not know.
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "12" }, { endStream: true });
      return;
    }
    streams[number] = stream;
    asked[number] = 0;
    const read = unframer();
    stream.on("data", (bytes: Buffer) => {
      for (const message of read(bytes)) asked[number]! += requestsIn(paths[number]!, message).length;
    });
    stream.on("end", () => {
      ended[number] = true;
    });
    stream.on("close", () => {
      ended[number] = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const cut = () => {
    for (const session of sessions) session.destroy();
  };
  const playing = play(entries, { paths, asked, streams, ended, cut });
  playing.catch(() => {});
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, played: playing };
}

interface Stage {
  paths: readonly string[];
  /** Requests of a stream so far. */
  asked: number[];
  streams: (ServerHttp2Stream | undefined)[];
  /** The client has said all that it had to. */
  ended: boolean[];
  cut(): void;
}

async function play(entries: readonly Entry[], { paths, asked, streams, ended, cut }: Stage): Promise<void> {
  const readers = paths.map(unframer);
  const wanted = paths.map(() => 0);
  for (const [i, entry] of entries.entries()) {
    const { what, stream, content } = entry;
    const wait = (condition: () => boolean) =>
      until(condition, `the clients are where they were at entry ${i} (${what} of ${paths[stream]})`, patienceMs);
    if (what === "O") await wait(() => streams[stream] !== undefined);
    if (what === "C") {
      for (const message of readers[stream]!(content)) wanted[stream]! += requestsIn(paths[stream]!, message).length;
      await wait(() => asked[stream]! >= wanted[stream]!);
    }
    if (what === "H" || what === "X") await wait(() => ended[stream] === true);
    if (what === "K") cut();
    const on = streams[stream];
    if (what === "R") on?.respond(headersOf(entry), { waitForTrailers: true });
    if (what === "S") on?.write(content);
    if (what === "T") answerLast(on, headersOf(entry));
  }
}

/** Trailers behind what was said, or all that there is to be said. */
function answerLast(stream: ServerHttp2Stream | undefined, headers: Record<string, string>): void {
  if (stream === undefined || stream.destroyed) return;
  if (!stream.headersSent) {
    stream.respond(headers, { endStream: true });
    return;
  }
  stream.once("wantTrailers", () => stream.sendTrailers(headers));
  stream.end();
}
