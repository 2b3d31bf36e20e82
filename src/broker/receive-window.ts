// How much a peer may send before it was read: the windows of HTTP/2, of each stream and of its connection. grpc-js has an
// option for them in clients only, so this reaches into a field of its server that is not public (and the same in all of
// 1.14); where it is not there, connections keep the default of HTTP/2, 64 KiB - 1.
import type { Http2Server, ServerHttp2Session } from "node:http2";

/**
 * Calls `opened` for connections to come.
 * @param server of grpc-js, after its connection injector was made
 * @returns whether it could
 */
export function onConnection(server: object, opened: (session: ServerHttp2Session) => void): boolean {
  const { http2Servers } = server as { http2Servers?: Map<Http2Server, unknown> };
  if (http2Servers === undefined || http2Servers.size === 0) return false;
  for (const http2 of http2Servers.keys()) http2.on("session", opened);
  return true;
}

/**
 * For connections to come.
 * @param server of grpc-js, after its connection injector was made
 * @returns whether it could
 */
export function setReceiveWindow(server: object, bytes: number): boolean {
  return onConnection(server, (session) => {
    session.settings({ initialWindowSize: bytes });
    session.setLocalWindowSize(bytes);
  });
}
