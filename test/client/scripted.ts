// A node that does what a test says, over real connections.
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import grpcBroker from "../../generated/reprise/v1/broker_grpc_pb.js";
import { defaultLimits } from "../../src/wire/limits.js";
import type { Welcome } from "../../src/wire/server-frame.js";
import { encodeWelcome } from "../../src/wire/server-item.js";
import type { T } from "../harness.js";

export type PeerCall = ServerDuplexStream<Buffer, Buffer>;

/**
 * @param script called once the peer has said hello
 * @returns its address
 */
export async function startScripted(t: T, script: (call: PeerCall) => void): Promise<string> {
  const server = new Server();
  const calls = new Set<PeerCall>();
  t.after(() => {
    for (const call of calls) call.end();
    server.forceShutdown();
  });
  const identity = (bytes: Buffer) => bytes;
  const raw = {
    requestDeserialize: identity,
    requestSerialize: identity,
    responseDeserialize: identity,
    responseSerialize: identity,
  };
  const connect = (call: PeerCall) => {
    calls.add(call);
    call.on("error", () => {});
    call.on("close", () => calls.delete(call));
    call.once("data", () => script(call));
  };
  server.addService({ connect: { ...grpcBroker.BrokerService.connect, ...raw } }, { connect });
  const port = await new Promise<number>((resolve) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
  );
  return `127.0.0.1:${port}`;
}

export const welcome = (changes: Partial<Welcome> = {}): Buffer =>
  encodeWelcome({
    node: "scripted",
    session: "1",
    limits: defaultLimits,
    heartbeatIntervalMs: 10_000,
    ackLevel: "stored",
    ...changes,
  });
