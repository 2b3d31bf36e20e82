// The methods and pages that a node serves, and those that recorded traffic asks for: what nobody recorded, nobody fuzzes.
import { once } from "node:events";
import { createServer } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { credentials, type ServiceDefinition } from "@grpc/grpc-js";
import { service as health } from "grpc-health-check";
import { GrpcReflection } from "grpc-js-reflection-client";
import admin from "../../generated/reprise/v1/admin_grpc_pb.js";
import broker from "../../generated/reprise/v1/broker_grpc_pb.js";
import stream from "../../generated/stream/stream_grpc_pb.js";
import { ping, types } from "./frames.js";
import { piecesOf } from "./mutation.js";

const definitions = [broker.BrokerService, admin.AdminService, stream.StreamServiceService, health];
const reflections = ["v1", "v1alpha"];

/** Paths: of the services as they are defined, and of whatever else the node says that it has. */
export async function servedMethods(address: string): Promise<Set<string>> {
  const paths = new Set(
    reflections.map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`),
  );
  for (const definition of definitions) {
    for (const { path } of Object.values(definition as unknown as ServiceDefinition)) paths.add(path);
  }
  const client = new GrpcReflection(address, credentials.createInsecure(), {}, "v1");
  for (const service of await client.listServices()) {
    for (const { name } of await client.listMethods(service)) paths.add(`/${service}/${name}`);
  }
  return paths;
}

/** Paths, as a server of HTTP/2 reads them. @param sent by clients, each on a connection */
export async function calledMethods(sent: readonly Buffer[]): Promise<Set<string>> {
  const paths = new Set<string>();
  const server = createServer().on("stream", (call, { ":path": path }) => {
    paths.add(String(path));
    call.on("error", () => {});
    call.resume();
  });
  let read = () => {};
  server.on("session", (session) => session.on("error", () => {}).on("ping", () => read()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const bytes of sent) {
    const socket = connect(port, "127.0.0.1").resume();
    socket.on("error", () => {});
    await new Promise<void>((resolve) => {
      read = resolve;
      socket.once("close", resolve);
      // Who reads the ping has read what is before it.
      socket.write(Buffer.concat([...piecesOf(bytes).filter(isNoAnswer), ping()]));
    });
    socket.destroy();
  }
  server.close();
  return paths;
}

/** This server asks for none: an answer to settings that it did not send would be an error. */
const isNoAnswer = (frame: Buffer, index: number): boolean =>
  index === 0 || frame[3] !== types.settings || (frame[4]! & 1) === 0;

/** Paths of the HTTP gateway, as it names them to who asks for another one. */
export async function servedPages(httpPort: number): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${httpPort}/?`);
  return (await answer.text()).match(/\/\S+(?=[,\n])/g) ?? [];
}

/** @param sent as above */
export const calledPages = (sent: readonly Buffer[]): Set<string> =>
  new Set(sent.flatMap((bytes) => /^GET (\S+)/.exec(bytes.toString("latin1"))?.[1] ?? []));
